/** Where a farm is and as whom we speak to it. Secret: never log one whole. */
export interface FarmConnection {
  /** `http://host:port` or `https://…`, optionally with a path prefix of a proxy; no slash at the end is needed. */
  readonly url: string;
  readonly accessId: string;
  readonly accessKey: string;
}

/** The address of a path of the farm. */
export function addressOf(connection: FarmConnection, path: string): URL {
  return new URL(connection.url.replace(/\/+$/, '') + path);
}
