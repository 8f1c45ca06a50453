import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where what is long to make is kept for all checkouts of this user. */
export function userCache(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'croft');
}
