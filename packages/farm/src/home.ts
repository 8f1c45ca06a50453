/** Where the farm's files lie below its home. A disk format: it stays. */

import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CATALOGUE_FILE, coerceError } from '@croft/contract';
import { farmErrors } from './errors.ts';

const KEY_BYTES = 32;

export interface FarmHome {
  /** The SQLite file; `-wal` and `-shm` lie beside it while the farm runs. */
  readonly database: string;
  /** 32 raw bytes, mode 0600: seals the access keys. */
  readonly masterKey: string;
  /** Held by the farm that has the home open. */
  readonly lock: string;
  /** What the operator declares; theirs, so it lies where they see it. It need not be there. */
  readonly catalogue: string;
}

export function farmHome(home: string): FarmHome {
  const folder = join(home, 'farm');
  return {
    database: join(folder, 'farm.sqlite'),
    masterKey: join(folder, 'master.key'),
    lock: join(folder, 'farm.lock'),
    catalogue: join(home, CATALOGUE_FILE),
  };
}

/** Makes the folders, readable by the owner only. FARM_STORE_FAILED where they cannot be made. */
export function prepareHome(home: string): FarmHome {
  try {
    makeFolder(join(home, 'farm'));
  } catch (thrown) {
    throw farmErrors.FARM_STORE_FAILED(`the folder ${home} cannot be made`, { cause: coerceError(thrown) });
  }
  return farmHome(home);
}

/**
 * As `mkdirSync` with `recursive`, which never returns where a folder exists but takes no new ones and says that it does
 * not exist, as /proc does.
 */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  mkdirSync(folder, { mode: 0o700 });
}

/**
 * Reads the master key. On a fresh home makes one; a home whose database exists without its key is refused
 * (FARM_MASTER_KEY), since a new key would make every access key unreadable.
 */
export function loadMasterKey(file: string, isFreshHome: boolean): Uint8Array {
  try {
    const key = readFileSync(file);
    if (key.length !== KEY_BYTES)
      throw farmErrors.FARM_MASTER_KEY(`${file} is not a master key of ${KEY_BYTES} bytes`);
    return key;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw coerceError(thrown);
    if (!isFreshHome) throw farmErrors.FARM_MASTER_KEY(`the master key ${file} is missing`);
  }
  const key = randomBytes(KEY_BYTES);
  writeFileSync(file, key, { mode: 0o600, flag: 'wx', flush: true });
  chmodSync(file, 0o600);
  return key;
}
