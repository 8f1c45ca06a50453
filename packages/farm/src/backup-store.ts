/** Backup of the farm's own state. Blobs are copied by whoever owns the blob store. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { farmHome } from './home.ts';
import { copySqlite } from './store/sqlite/backup.ts';

/**
 * Copies the database of the farm in `home`, which may be running, to the new file `toFile`: a consistent state at one
 * commit. Everything the state names arrived before it, so blobs copied afterwards are complete for it.
 * Throws FARM_INVALID where `toFile` exists.
 */
export async function backupStore(home: string, toFile: string): Promise<void> {
  mkdirSync(dirname(toFile), { recursive: true });
  copySqlite(farmHome(home).database, toFile);
}

/** Copies the master key to a new file, mode 0600. Whoever holds both can read the access keys. */
export async function backupMasterKey(home: string, toFile: string): Promise<void> {
  mkdirSync(dirname(toFile), { recursive: true });
  copyFileSync(farmHome(home).masterKey, toFile, 1);
}
