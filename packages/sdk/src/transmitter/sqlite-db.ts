/**
 * A local database in an SQLite file, by default one for each upload folder. One table, `croft_unchanged`: path → size,
 * mtime_ns, inode, mtime_ms, the blob id, and the day (UTC, counted from 1970) on which an upload last put it there or found
 * it to hold. WAL and a busy timeout let many transmitters share the file.
 *
 * Nothing asks whether the files are still there: a share that is away for a week would be forgotten. Instead, records that
 * nobody has seen for 90 days go, as do the oldest of a file over 1 GiB (about four million of them): when a run ends, at most
 * 10,000 or as many as it has put, and where none were left to take, not again on that day. `user_version` is the day on which
 * that was found. The file does not shrink, but is filled again.
 */
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { type Clock, DAY, GiB, SECOND } from '@croft/contract';
import { makeFolder } from '@croft/transfer/make-folder';
import type { SqliteSettings } from './db-ini.ts';
import type { FileRecord, LocalDb } from './local-db.ts';

const BUSY_TIMEOUT_MS = 5 * SECOND;
const KEPT_DAYS = 90;
/** A day that is not much older is left as it is, so that an upload of unchanged files mostly writes nothing. */
const NOTED_AGAIN_AFTER_DAYS = 7;
const TIDIED_AT_ONCE = 10_000;
const MOST_BYTES = GiB;

/** All paths in one question: one for each takes four times as long. */
const LOOK_UP = `select asked.key, size, mtime_ns, inode, mtime_ms, blob, day
  from json_each(?) as asked cross join croft_unchanged on croft_unchanged.path = asked.value`;
type FoundRow = [
  index: number,
  size: string,
  mtimeNs: string,
  inode: string,
  mtimeMs: number,
  blob: string,
  day: number,
];
const PUT = `insert or replace into croft_unchanged (path, size, mtime_ns, inode, mtime_ms, blob, day)
  values (?, ?, ?, ?, ?, ?, ?)`;
const SEEN_AGAIN = 'update croft_unchanged set day = ? where path in (select value from json_each(?))';
const DROP_OLD = `delete from croft_unchanged where path in
  (select path from croft_unchanged where day < ? limit ?)`;
const DROP_OLDEST = `delete from croft_unchanged where path in
  (select path from croft_unchanged order by day limit ?)`;

/** Makes the file and its folders where they are not there. Throws what the file system or SQLite throws. */
export function openSqliteDb({ file }: SqliteSettings, clock: Clock, mostBytes = MOST_BYTES): LocalDb {
  makeFolder(dirname(file), 0o777);
  const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  const today = Math.floor(clock.now() / DAY);
  try {
    db.exec('pragma journal_mode = wal; pragma synchronous = normal');
    makeTable(db, today);
  } catch (thrown) {
    db.close();
    throw thrown;
  }
  let lookUp: StatementSync | null = null;
  let put = 0;
  /** Found, and not noted for long. */
  const stale = new Set<string>();
  return {
    async find(paths) {
      lookUp ??= db.prepare(LOOK_UP);
      lookUp.setReturnArrays(true);
      const found: (FileRecord | undefined)[] = new Array(paths.length).fill(undefined);
      for (const row of lookUp.all(JSON.stringify(paths))) {
        const [index, size, mtimeNs, inode, mtimeMs, blob, day] = row as unknown as FoundRow;
        const path = paths[index]!;
        found[index] = { path, size, mtimeNs, inode, mtimeMs, blob };
        if (day < today - NOTED_AGAIN_AFTER_DAYS) stale.add(path);
      }
      return found;
    },
    async put(records) {
      put += records.length;
      const statement = db.prepare(PUT);
      inTransaction(db, () => {
        for (const { path, size, mtimeNs, inode, mtimeMs, blob } of records)
          statement.run(path, size, mtimeNs, inode, mtimeMs, blob, today);
      });
    },
    async seenAgain(paths) {
      const noted = stale.size === 0 ? [] : paths.filter((path) => stale.delete(path));
      if (noted.length > 0) db.prepare(SEEN_AGAIN).run(today, JSON.stringify(noted));
    },
    forget: async () => db.exec('delete from croft_unchanged'),
    async close() {
      try {
        tidy(db, today, Math.max(put, TIDIED_AT_ONCE), mostBytes);
      } catch {
        // Somebody else is at it, or the disk is full: another day.
      }
      db.close();
    },
  };
}

function makeTable(db: DatabaseSync, today: number): void {
  db.exec(`create table if not exists croft_unchanged (path text primary key, size text not null,
    mtime_ns text not null, inode text not null, mtime_ms real not null, blob text not null,
    day integer not null) without rowid`);
  if (hasDay(db)) return;
  inTransaction(db, () => {
    // Made by a version that did not count days.
    if (!hasDay(db)) db.exec(`alter table croft_unchanged add column day integer not null default ${today}`);
  });
}

function hasDay(db: DatabaseSync): boolean {
  return db
    .prepare('pragma table_info(croft_unchanged)')
    .all()
    .some(({ name }) => name === 'day');
}

/** Takes away at most so many records, as told above; waits for nobody. */
function tidy(db: DatabaseSync, today: number, most: number, mostBytes: number): void {
  db.exec('pragma busy_timeout = 0');
  if (bytesIn(db) > mostBytes) {
    db.prepare(DROP_OLDEST).run(most);
    return;
  }
  if (numberOf(db, 'user_version') === today) return;
  const { changes } = db.prepare(DROP_OLD).run(today - KEPT_DAYS, most);
  if (changes < most) db.exec(`pragma user_version = ${today}`);
}

function bytesIn(db: DatabaseSync): number {
  return (numberOf(db, 'page_count') - numberOf(db, 'freelist_count')) * numberOf(db, 'page_size');
}

function numberOf(db: DatabaseSync, pragma: string): number {
  return Number(Object.values(db.prepare(`pragma ${pragma}`).get() ?? {})[0]);
}

function inTransaction(db: DatabaseSync, action: () => void): void {
  db.exec('begin immediate');
  try {
    action();
    db.exec('commit');
  } catch (thrown) {
    // Of a full disk SQLite has gone back by itself.
    if (db.isTransaction) db.exec('rollback');
    throw thrown;
  }
}
