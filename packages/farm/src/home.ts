/** Where the farm's files lie below its home. A disk format: it stays. */

import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { coerceError } from '@croft/contract';
import { farmErrors } from './errors.ts';

const KEY_BYTES = 32;

export interface FarmHome {
  /** The SQLite file; `-wal` and `-shm` lie beside it while the farm runs. */
  readonly database: string;
  /** 32 raw bytes, mode 0600: seals the access keys. */
  readonly masterKey: string;
  /** Held by the farm that has the home open. */
  readonly lock: string;
}

export function farmHome(home: string): FarmHome {
  const folder = join(home, 'farm');
  return {
    database: join(folder, 'farm.sqlite'),
    masterKey: join(folder, 'master.key'),
    lock: join(folder, 'farm.lock'),
  };
}

/** Makes the folders, readable by the owner only. */
export function prepareHome(home: string): FarmHome {
  mkdirSync(join(home, 'farm'), { recursive: true, mode: 0o700 });
  return farmHome(home);
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
