/**
 * A local database in an SQLite file, by default one for each upload folder. One table, `croft_unchanged`: path → size,
 * mtime_ns, inode, mtime_ms and the blob id. WAL and a busy timeout let many transmitters share the file.
 */
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { SECOND } from '@croft/contract';
import type { SqliteSettings } from './db-ini.ts';
import type { FileRecord, LocalDb } from './local-db.ts';
import { makeFolder } from './make-folder.ts';

const BUSY_TIMEOUT_MS = 5 * SECOND;

/** Makes the file and its folders where they are not there. Throws what the file system or SQLite throws. */
export function openSqliteDb({ file }: SqliteSettings): LocalDb {
  makeFolder(dirname(file));
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
      lookUp ??= db.prepare(
        'select path, size, mtime_ns "mtimeNs", inode, mtime_ms "mtimeMs", blob from croft_unchanged where path = ?',
      );
      const found = lookUp;
      return paths.map((path) => found.get(path) as FileRecord | undefined);
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
    forget: async () => db.exec('delete from croft_unchanged'),
    close: async () => db.close(),
  };
}
