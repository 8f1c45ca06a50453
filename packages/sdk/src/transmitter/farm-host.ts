/**
 * Where a farm is, as host and port: all that the documented command line of the transmitter and the lines of a farm can say. A
 * farm below a path of a reverse proxy is told with that path behind its host: `farm.example/croft`.
 */

export interface FarmHost {
  /** A name or an address, IPv6 without brackets. */
  readonly name: string;
  /** Empty, or with a slash at its start and none at its end. */
  readonly prefix: string;
}

const NAME = /^[A-Za-z0-9._:-]{1,255}$/;
const PREFIX = /^(\/[A-Za-z0-9._~-]{1,64}){0,8}$/;

/** Null for what would make another address than it seems. */
export function readFarmHost(text: string): FarmHost | null {
  const trimmed = text.trim().replace(/\/+$/, '');
  const slash = trimmed.indexOf('/');
  const host = slash < 0 ? trimmed : trimmed.slice(0, slash);
  const prefix = slash < 0 ? '' : trimmed.slice(slash);
  const name = host.replace(/^\[|\]$/g, '');
  const leadsElsewhere = prefix.split('/').some((part) => part === '.' || part === '..');
  return NAME.test(name) && PREFIX.test(prefix) && !leadsElsewhere ? { name, prefix } : null;
}

/** `farm.example`, 443 → `https://farm.example:443`; the address for a `FarmConnection`. */
export function farmUrl(scheme: 'http' | 'https', { name, prefix }: FarmHost, port: string | number): string {
  return `${scheme}://${name.includes(':') ? `[${name}]` : name}:${port}${prefix}`;
}

/** The host of an address as a line names it, prefix included. */
export function hostOfUrl({ hostname, pathname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '') + pathname.replace(/\/+$/, '');
}
