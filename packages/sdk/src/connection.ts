/** Where a farm is and as whom we speak to it. Secret: never log one whole. */
export interface FarmConnection {
  /** `http://host:port` or `https://…`, optionally with a path prefix of a proxy; no slash at the end is needed. */
  readonly url: string;
  readonly accessId: string;
  readonly accessKey: string;
}

/** The address of a path of the farm. */
export function addressOf(connection: Pick<FarmConnection, 'url'>, path: string): URL {
  return new URL(connection.url.replace(/\/+$/, '') + path);
}

/** The prefix of an address that `addressOf` made, and what is left without it: what the farm behind the proxy sees, and signatures hold. */
export function partsOf(
  connection: Pick<FarmConnection, 'url'>,
  url: URL,
): { prefix: string; target: string } {
  const prefix = addressOf(connection, '/').pathname.slice(0, -1);
  return { prefix, target: url.pathname.slice(prefix.length) + url.search };
}
