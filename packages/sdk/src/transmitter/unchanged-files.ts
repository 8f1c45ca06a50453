/**
 * What earlier uploads found out about local files, so that a file with the same path, size, modification time and inode
 * is not read again. It never answers whether the farm has the bytes: the farm is asked about every remembered id, so a
 * wiped farm gets everything again.
 *
 * One SQLite table, `croft_unchanged`: path → size, mtime_ns, inode (texts, since they pass what a number holds), mtime_ms
 * (as the engine compares it) and the blob id. WAL and a busy timeout let many transmitters share the file. A file that
 * was changed less than two seconds before it was looked at is not remembered: disks with coarse clocks could hide a later
 * change. Whatever goes wrong here is told once and means "nothing is remembered".
 */
import type { BigIntStats } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { type Clock, coerceError, isBlobId, SECOND, type TreeEntry } from '@croft/contract';
import type { UploadFile } from '@croft/transfer';
import type { DbSettings } from './db-ini.ts';
import { makeFolder } from './make-folder.ts';

const BUSY_TIMEOUT_MS = 5 * SECOND;
/** Coarsest clock of a file system in use (FAT). */
const COARSE_CLOCK_MS = 2 * SECOND;

export type FileFacts = Pick<BigIntStats, 'size' | 'mtimeNs' | 'mtimeMs' | 'ino'>;
export type Remembered = NonNullable<UploadFile['remembered']>;

export class UnchangedFiles {
  #db: DatabaseSync | null = null;
  #lookUp: StatementSync | null = null;
  #isBroken = false;
  readonly #clock: Clock;
  readonly #settings: DbSettings | null;
  readonly #onProblem: (why: string) => void;

  constructor(settings: DbSettings | null, clock: Clock, onProblem: (why: string) => void) {
    this.#settings = settings;
    this.#clock = clock;
    this.#onProblem = onProblem;
    if (settings === null) return;
    this.#guarded(() => {
      makeFolder(dirname(settings.file));
      const db = new DatabaseSync(settings.file, { timeout: BUSY_TIMEOUT_MS });
      this.#db = db;
      db.exec('pragma journal_mode = wal; pragma synchronous = normal');
      db.exec(`create table if not exists croft_unchanged (path text primary key, size text not null,
        mtime_ns text not null, inode text not null, mtime_ms real not null, blob text not null) without rowid`);
    });
  }

  /** What is known of a file that still looks the same. */
  find(path: string, facts: FileFacts): Remembered | undefined {
    return this.#guarded((db) => {
      this.#lookUp ??= db.prepare(
        'select mtime_ms, blob from croft_unchanged where path = ? and size = ? and mtime_ns = ? and inode = ?',
      );
      const row = this.#lookUp.get(path, String(facts.size), String(facts.mtimeNs), String(facts.ino));
      if (row === undefined || !isBlobId(row.blob) || typeof row.mtime_ms !== 'number') return undefined;
      return { id: row.blob, size: Number(facts.size), mtimeMs: row.mtime_ms };
    });
  }

  /** Remembers files that were sent as they looked before. */
  remember(files: readonly { path: string; facts: FileFacts; sent: TreeEntry }[]): void {
    const settled = BigInt(Math.floor(this.#clock.now() - COARSE_CLOCK_MS));
    this.#guarded((db) => {
      const put = db.prepare('insert or replace into croft_unchanged values (?, ?, ?, ?, ?, ?)');
      db.exec('begin immediate');
      for (const { path, facts, sent } of files) {
        const isAsBefore =
          Number(facts.size) === sent.size && facts.mtimeMs === BigInt(Math.floor(sent.mtimeMs));
        if (!isAsBefore || facts.mtimeMs > settled) continue;
        put.run(path, String(facts.size), String(facts.mtimeNs), String(facts.ino), sent.mtimeMs, sent.id);
      }
      db.exec('commit');
    });
  }

  /** Closes the file; a temporary one keeps no record of an upload that ended well. */
  close(endedWell: boolean): void {
    this.#guarded((db) => {
      if (this.#settings?.isTemporary === true && endedWell) db.exec('delete from croft_unchanged');
    });
    this.#db?.close();
    this.#db = null;
  }

  #guarded<Result>(action: (db: DatabaseSync) => Result): Result | undefined {
    if (this.#settings === null || this.#isBroken) return undefined;
    try {
      return action(this.#db!);
    } catch (thrown) {
      this.#isBroken = true;
      this.#onProblem(
        `the database ${this.#settings.file} cannot be used (${coerceError(thrown).message}); nothing is remembered`,
      );
      return undefined;
    }
  }
}
