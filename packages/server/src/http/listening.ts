/** Names and sockets of listening. */
import type { Server as NetServer } from 'node:net';
import { serverErrors } from '../errors.ts';

/** Host without port and prefix; a wildcard address is no name. */
export function certificateName(host: string): string {
  const name = host.split('/')[0]!.replace(/:\d+$/, '');
  return name === '0.0.0.0' || name === '::' ? '' : name;
}

/** Throws SERVER_PORT_IN_USE, SERVER_PORT_REFUSED, SERVER_ADDRESS_UNKNOWN. */
export async function listen(server: NetServer, host: string, port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'EADDRINUSE')
      throw serverErrors.SERVER_PORT_IN_USE(`port ${port} of ${host} is taken`, { cause });
    if (code === 'EACCES') throw serverErrors.SERVER_PORT_REFUSED(`port ${port} may not be used`, { cause });
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
      throw serverErrors.SERVER_ADDRESS_UNKNOWN(`${host} is no address of this machine`, { cause });
    }
    throw cause;
  }
}

/** Without a trailing slash; a wildcard host is told as 127.0.0.1. */
export function urlOf(scheme: 'http' | 'https', host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `${scheme}://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}
