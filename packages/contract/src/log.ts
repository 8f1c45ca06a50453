/**
 * The log port. Fields use fixed keys (`task`, `frame`, `attempt`, `node`, `account`, `from`, `to`, `err`, `reqId`) so
 * that one query finds all about a thing. Programs pass pino; tests and libraries may pass `silentLog`.
 * Never pass a secret: access keys, attempt tokens and enrolment codes do not belong in a field.
 */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Log;
}

export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLog,
};
