/**
 * One process a store folder. The lock is an exclusive transaction on an empty SQLite file: the system frees it when the
 * process ends, however it ends, so a lock can never be stale, and it works alike on Linux, macOS and Windows.
 */
import { DatabaseSync } from 'node:sqlite';
import { transferErrors } from '../errors.ts';

const SQLITE_BUSY = 5;

/** Locks the folder or throws TRANSFER_STORE_LOCKED; returns the release. */
export function lockStore(lockFile: string, home: string): () => void {
  const database = new DatabaseSync(lockFile, { timeout: 0 });
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    if ((cause as { errcode?: number }).errcode === SQLITE_BUSY) {
      throw transferErrors.TRANSFER_STORE_LOCKED(`another process uses the blob store in ${home}`, { cause });
    }
    throw cause;
  }
  return () => database.close();
}
