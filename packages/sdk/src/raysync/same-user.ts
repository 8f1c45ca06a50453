/**
 * Whether whoever connects to a port of this machine is the user of this process (or root). The service reads and writes
 * files with its user's rights, so anybody else who could reach it would have them, too. Linux lists the owner of each
 * socket in /proc/net/tcp: addresses as hexadecimal numbers in the machine's byte order, ports plainly, the user's number
 * in the eighth column. Other systems have no such list, and there nobody can be told apart.
 */
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

const TABLE = '/proc/net/tcp';
const LOOPBACK = '0100007F';
const LOOPBACK_BIG_ENDIAN = '7F000001';

export async function isSameUser(socket: Pick<Socket, 'remotePort' | 'localPort'>): Promise<boolean> {
  const own = process.getuid?.();
  if (process.platform !== 'linux' || own === undefined) return true;
  const owner = ownerOf(await readFile(TABLE, 'utf8'), socket.remotePort ?? 0, socket.localPort ?? 0);
  return owner === own || owner === 0;
}

/** User of the client's end of a connection over loopback; null where the table does not have it. */
export function ownerOf(table: string, clientPort: number, serverPort: number): number | null {
  const client = hex(clientPort);
  const server = hex(serverPort);
  for (const line of table.split('\n')) {
    const [, local, remote, , , , , user] = line.trim().split(/\s+/);
    if (isEnd(local, client) && isEnd(remote, server)) return Number(user);
  }
  return null;
}

function isEnd(end: string | undefined, port: string): boolean {
  return end === `${LOOPBACK}:${port}` || end === `${LOOPBACK_BIG_ENDIAN}:${port}`;
}

function hex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}
