/**
 * The Store port. A store is one connection that writes: the farm thread holds it alone.
 *
 * - `db` runs statements. Between `begin` and `commit` they belong to the open transaction; nothing else may use the
 *   connection then, which the group writer guarantees by being the only one that calls `begin`.
 * - `begin` takes the write lock at once (SQLite: BEGIN IMMEDIATE), so no later statement can fail for a lock.
 * - `commit` returns once the changes survive a power cut. A failed commit leaves no transaction open.
 * - Savepoints nest inside the transaction: `undo(name)` forgets what came after `savepoint(name)`.
 * - Values bound are null, number, bigint, string or Uint8Array; anything else is a bug and throws.
 */

import type { ColumnTypes } from './migrations/migration.ts';
import type { Db } from './schema.ts';

/** A connection that can only look. Each statement sees the newest commit, and nothing that is not committed. */
export interface ReadConnection {
  readonly db: Db;
  /** Changes with every commit of others; null where the store cannot tell for less than a reading costs. */
  version(): number | null;
  close(): void;
}

export interface Store {
  readonly db: Db;
  readonly types: ColumnTypes;
  begin(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  savepoint(name: string): Promise<void>;
  release(name: string): Promise<void>;
  undo(name: string): Promise<void>;
  /** Runs one statement of a migration. */
  execute(statement: string): Promise<void>;
  /** For whoever looks while a transaction is open: on `db` they would see what may yet be taken back. */
  openReads(): ReadConnection;
  close(): Promise<void>;
}
