/** Small facts of a request that several doors need. */
import type { FastifyRequest } from 'fastify';

/** Path exactly as it was sent, without query: what signatures cover. */
export function pathOf(request: FastifyRequest): string {
  const target = request.raw.url ?? '/';
  const end = target.search(/[?#]/);
  return end < 0 ? target : target.slice(0, end);
}

/** Whether the request came over TLS to this process. */
export function isSecure(request: FastifyRequest): boolean {
  return 'encrypted' in request.raw.socket && request.raw.socket.encrypted === true;
}

/**
 * The path below which a proxy shows this farm, as it says with `X-Forwarded-Prefix`; empty where it says nothing. Nobody is trusted
 * by it: it is told back to the caller, and tried among others where a signature is checked.
 */
export function forwardedPrefix(request: FastifyRequest): string {
  const header = request.headers['x-forwarded-prefix'];
  const prefix = typeof header === 'string' ? header.replace(/\/+$/, '') : '';
  return /^(\/[A-Za-z0-9._~-]{1,64}){1,8}$/.test(prefix) && !/\/\.{1,2}(\/|$)/.test(prefix) ? prefix : '';
}

/** Host (with the prefix of a proxy) and port under which the caller reached us, from its headers, else from the socket. */
export function reachedAt(request: FastifyRequest): { host: string; port: number } {
  const own = { host: request.socket.localAddress ?? '127.0.0.1', port: request.socket.localPort ?? 0 };
  const match = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/.exec(request.headers.host ?? '');
  if (match === null) return own;
  const isTold = request.headers['x-forwarded-proto'] === 'https';
  const defaultPort = isTold || isSecure(request) ? 443 : 80;
  return {
    host: match[1]!.replace(/^\[|\]$/g, '') + forwardedPrefix(request),
    port: match[2] === undefined ? defaultPort : Number(match[2]),
  };
}

/** The caller's address; IPv4 that came through an IPv6 socket in its own spelling. */
export function addressOf(request: FastifyRequest): string {
  return request.ip.replace(/^::ffff:(?=\d+\.)/i, '');
}
