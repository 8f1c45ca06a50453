/**
 * Where other machines reach this farm, as codes and links name it. What the operator said comes first; else the address
 * it listens on; a farm that listens on every address names this machine's first one.
 */
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

export interface Listening {
  readonly host: string;
  readonly port: number;
  /** As given with --public-host: a name, a name with a port, or with the path prefix of a proxy. */
  readonly publicHosts: readonly string[];
}

/** null for a farm that listens for this machine alone. */
export function toldUrl(
  { host, port, publicHosts }: Listening,
  ownAddress: () => string | undefined = firstAddress,
): string | null {
  const [named] = publicHosts;
  if (named !== undefined) return `http://${hasPort(named) ? named : withPort(named, port)}`;
  if (host === 'localhost' || host === '::1' || host.startsWith('127.')) return null;
  const address = host === '0.0.0.0' || host === '::' ? ownAddress() : host;
  return address === undefined ? null : `http://${withPort(address, port)}`;
}

function hasPort(name: string): boolean {
  return isIP(name) === 0 && (/:\d+$/.test(name) || name.includes('/'));
}

function withPort(name: string, port: number): string {
  return `${isIP(name) === 6 ? `[${name}]` : name}:${port}`;
}

function firstAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outside = all.filter(({ internal, address }) => !internal && !address.startsWith('fe80:'));
  return (outside.find(({ family }) => family === 'IPv4') ?? outside[0])?.address;
}
