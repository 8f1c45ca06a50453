/**
 * A local database in an SQLite file, by default one for each upload folder. One table, `croft_unchanged`: path → size,
 * mtime_ns, inode, mtime_ms and the blob id. WAL and a busy timeout let many transmitters share the file.
 */
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { SECOND } from '@croft/contract';
import { makeFolder } from '@croft/transfer';
import type { SqliteSettings } from './db-ini.ts';
import type { FileRecord, LocalDb } from './local-db.ts';

const BUSY_TIMEOUT_MS = 5 * SECOND;

/** All paths in one question: one for each takes four times as long. */
const LOOK_UP = `select asked.key, size, mtime_ns, inode, mtime_ms, blob
  from json_each(?) as asked cross join croft_unchanged on croft_unchanged.path = asked.value`;
type FoundRow = [index: number, size: string, mtimeNs: string, inode: string, mtimeMs: number, blob: string];

/** Makes the file and its folders where they are not there. Throws what the file system or SQLite throws. */
export function openSqliteDb({ file }: SqliteSettings): LocalDb {
  makeFolder(dirname(file), 0o777);
  const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    db.exec('pragma journal_mode = wal; pragma synchronous = normal');
    db.exec(`create table if not exists croft_unchanged (path text primary key, size text not null,
      mtime_ns text not null, inode text not null, mtime_ms real not null, blob text not null) without rowid`);
  } catch (thrown) {
    db.close();
    throw thrown;
  }
  let lookUp: StatementSync | null = null;
  return {
    async find(paths) {
      lookUp ??= db.prepare(LOOK_UP);
      lookUp.setReturnArrays(true);
      const found: (FileRecord | undefined)[] = new Array(paths.length).fill(undefined);
      for (const row of lookUp.all(JSON.stringify(paths))) {
        const [index, size, mtimeNs, inode, mtimeMs, blob] = row as unknown as FoundRow;
        found[index] = { path: paths[index]!, size, mtimeNs, inode, mtimeMs, blob };
      }
      return found;
    },
    async put(records) {
      const put = db.prepare('insert or replace into croft_unchanged values (?, ?, ?, ?, ?, ?)');
      db.exec('begin immediate');
      try {
        for (const { path, size, mtimeNs, inode, mtimeMs, blob } of records)
          put.run(path, size, mtimeNs, inode, mtimeMs, blob);
        db.exec('commit');
      } catch (thrown) {
        db.exec('rollback');
        throw thrown;
      }
    },
    // Records stay until they are replaced.
    seenAgain: async () => {},
    forget: async () => db.exec('delete from croft_unchanged'),
    close: async () => db.close(),
  };
}
