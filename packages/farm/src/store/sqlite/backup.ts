/** Copies a living database. */
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { farmErrors } from '../../errors.ts';

/**
 * Writes a consistent copy of the database `from` to the new file `to`; the farm may run meanwhile. The copy has no
 * log beside it. Throws FARM_INVALID where `to` exists: a backup never overwrites another.
 */
export function copySqlite(from: string, to: string): void {
  if (existsSync(to)) throw farmErrors.FARM_INVALID(`${to} exists already`);
  const database = new DatabaseSync(from, { readOnly: true });
  try {
    database.prepare('vacuum into ?').run(to);
  } finally {
    database.close();
  }
}
