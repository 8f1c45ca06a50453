/**
 * Guards the doors that browsers use against DNS rebinding: a page of a stranger whose name suddenly leads to this
 * machine still sends its own name as `Host`. Addresses are safe (a name is what gets rebound); names must be ours.
 */
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { serverErrors } from '../errors.ts';

/** Throws NATIVE_HOST_REFUSED unless `host` is an address, localhost, this machine's name or a configured name. */
export function checkHost(host: string | undefined, publicHosts: readonly string[]): void {
  const name = bareName(host ?? '');
  if (isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost')) return;
  if (name === hostname().toLowerCase()) return;
  if (publicHosts.some((own) => bareName(own) === name)) return;
  throw serverErrors.NATIVE_HOST_REFUSED(`this farm is not known as ${JSON.stringify(name.slice(0, 100))}`);
}

/** `Farm.example:443/prefix` → `farm.example`, `[::1]:80` → `::1`. */
function bareName(host: string): string {
  const authority = host.split('/')[0]!.toLowerCase();
  const bracketed = /^\[([^\]]*)\]/.exec(authority);
  return bracketed ? bracketed[1]! : authority.replace(/:\d*$/, '');
}
