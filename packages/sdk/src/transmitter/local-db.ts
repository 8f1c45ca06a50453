/**
 * The local database of unchanged files: what a file looked like when its bytes were at the farm, and their id. One suite
 * (`local-db.test.ts`) holds for every kind. Many processes use one database at once; the last record of a path wins.
 * Whatever a database answers is only a hint: the farm is asked about every id. A record that no upload has put or seen for long
 * (30 days in Redis, 90 in a file) goes, so that a database does not grow for ever.
 */
import type { Clock } from '@croft/contract';
import type { DbSettings } from './db-ini.ts';

/** Facts of a file at the time its bytes were at the farm. Texts where a number would not hold them. */
export interface FileRecord {
  readonly path: string;
  readonly size: string;
  readonly mtimeNs: string;
  readonly inode: string;
  /** As the transfer engine compares it. */
  readonly mtimeMs: number;
  readonly blob: string;
}

/** Methods reject with whatever went wrong; who uses it then goes on without. */
export interface LocalDb {
  /** What is known of each path, in their order; undefined for nothing. */
  find(paths: readonly string[]): Promise<(FileRecord | undefined)[]>;
  put(records: readonly FileRecord[]): Promise<void>;
  /** Records that `find` gave and that were found to hold once more: they live as long again. */
  seenAgain(paths: readonly string[]): Promise<void>;
  /** Takes away what this run has put there; a database of one folder's own as a whole. */
  forget(): Promise<void>;
  close(): Promise<void>;
}

const OPENERS: {
  readonly [Type in DbSettings['type']]: (
    settings: Extract<DbSettings, { type: Type }>,
    clock: Clock,
  ) => Promise<LocalDb>;
} = {
  sqlite: async (settings, clock) => (await import('./sqlite-db.ts')).openSqliteDb(settings, clock),
  redis: async (settings) => (await import('./redis-db.ts')).openRedisDb(settings),
};

/** Rejects where the database cannot be opened or reached. */
export function openLocalDb(settings: DbSettings, clock: Clock): Promise<LocalDb> {
  const open = OPENERS[settings.type] as (settings: DbSettings, clock: Clock) => Promise<LocalDb>;
  return open(settings, clock);
}
