/** What answers of S3 servers mean: one table for all of them, since each has words of its own. */
import { CroftError, coerceError } from '@croft/contract';
import { transferErrors } from '../errors.ts';

/**
 * absent     there is no such object or upload
 * exists     a condition of the request does not hold: the object is there already, or is another one by now
 * mismatch   the bytes are not those of the checksum; the server kept nothing
 * beyond     the object ends before the range that is asked for
 * unable     the server does not know this way of asking
 */
export type S3Meaning = 'absent' | 'exists' | 'mismatch' | 'beyond' | 'unable';

/** An answer that the caller decides about. All others become CroftErrors here. */
export class S3Failure extends Error {
  readonly meaning: S3Meaning;

  constructor(meaning: S3Meaning, cause: Error) {
    super(`the S3 server says: ${cause.message}`, { cause });
    this.meaning = meaning;
  }
}

/** Whether an error is the S3 server's answer of this meaning. */
export function isFailure(thrown: unknown, meaning: S3Meaning): boolean {
  return thrown instanceof S3Failure && thrown.meaning === meaning;
}

const MEANINGS: Readonly<Record<string, S3Meaning | 'refused' | 'full' | 'passing'>> = {
  // Versity's word for a key that it does not know comes with 404.
  XAdminUserNotFound: 'refused',
  NoSuchKey: 'absent',
  NotFound: 'absent',
  NoSuchUpload: 'absent',
  PreconditionFailed: 'exists',
  BadDigest: 'mismatch',
  InvalidDigest: 'mismatch',
  XAmzContentChecksumMismatch: 'mismatch',
  XAmzContentSHA256Mismatch: 'mismatch',
  IncompleteBody: 'mismatch',
  InvalidRange: 'beyond',
  NoSuchBucket: 'refused',
  InvalidBucketName: 'refused',
  AccessDenied: 'refused',
  AllAccessDisabled: 'refused',
  AuthorizationHeaderMalformed: 'refused',
  ExpiredToken: 'refused',
  Forbidden: 'refused',
  InvalidAccessKeyId: 'refused',
  InvalidToken: 'refused',
  PermanentRedirect: 'refused',
  SignatureDoesNotMatch: 'refused',
  NotImplemented: 'unable',
  QuotaExceeded: 'full',
  XMinioStorageFull: 'full',
  XMinioAdminBucketQuotaExceeded: 'full',
  // The clock of a machine that just woke up is set right within a moment.
  RequestTimeTooSkewed: 'passing',
  RequestTimeout: 'passing',
  OperationAborted: 'passing',
  ConditionalRequestConflict: 'passing',
  InvalidPart: 'passing',
  SlowDown: 'passing',
  SlowDownRead: 'passing',
  SlowDownWrite: 'passing',
  TimeoutError: 'passing',
};

/** Below HTTP: sockets, names, certificates. */
const NETWORK_CODES =
  /^(ECONN.*|EPIPE|ETIMEDOUT|EHOST.*|ENET.*|ENOTFOUND|EAI_.*|EPROTO|ERR_SSL_.*|ERR_TLS_.*|HPE_.*)$/;

/** `thrown` as an `S3Failure` or as the error that users see; bugs stay what they are. */
export function asS3Failure(thrown: unknown, what: string): Error {
  const cause = coerceError(thrown) as Error & {
    code?: unknown;
    $metadata?: { httpStatusCode?: number };
  };
  if (cause instanceof CroftError || cause instanceof S3Failure) return cause;
  if (cause.name === 'CredentialsProviderError') return keyless(cause);
  const status = cause.$metadata?.httpStatusCode;
  const meaning = MEANINGS[cause.name] ?? meaningOfStatus(status);
  const isNetwork = typeof cause.code === 'string' && NETWORK_CODES.test(cause.code);
  if (meaning === 'passing' || (meaning === undefined && (isNetwork || isCutOff(cause)))) {
    return transferErrors.TRANSFER_STORE_UNREACHABLE(
      `the S3 server did not do it (${what}): ${cause.message}`,
      { cause },
    );
  }
  if (meaning === 'refused')
    return transferErrors.TRANSFER_STORE_REFUSED(`the S3 server refuses (${what}): ${wordsOf(cause)}`, {
      cause,
    });
  if (meaning === 'full')
    return transferErrors.TRANSFER_NO_SPACE(`the S3 server has no room: ${cause.message}`, { cause });
  return meaning === undefined ? cause : new S3Failure(meaning, cause);
}

/** Found by nobody: no key was set, or what gives keys to this machine does not answer. */
function keyless(cause: Error): Error {
  return transferErrors.TRANSFER_STORE_REFUSED(`there is no key for the S3 server: ${cause.message}`, {
    cause,
    hint: 'Set CROFT_S3_KEY_ID and CROFT_S3_SECRET_FILE; or give a key in a way that the tools of Amazon know: AWS_ACCESS_KEY_ID, a profile in ~/.aws, the role of the machine or container.',
  });
}

function meaningOfStatus(status: number | undefined) {
  if (status === 404) return 'absent';
  if (status === 412) return 'exists';
  if (status === 401 || status === 403) return 'refused';
  if (status === 416) return 'beyond';
  if (status === 501) return 'unable';
  if (status === 507) return 'full';
  if (status !== undefined && (status >= 500 || status === 408 || status === 429)) return 'passing';
  return undefined;
}

/** The answer ended before its end. */
function isCutOff(error: Error): boolean {
  return error.message === 'aborted' || /premature close|socket hang up/i.test(error.message);
}

/** HEAD answers have no body, so the client has no words for them. */
function wordsOf(error: Error): string {
  return error.message === 'UnknownError' ? error.name : error.message;
}
