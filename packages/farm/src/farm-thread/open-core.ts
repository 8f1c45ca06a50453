/** The core on the files of a home. */
import { existsSync } from 'node:fs';
import { loadMasterKey, prepareHome } from '../home.ts';
import { openSqliteStore } from '../store/sqlite/open.ts';
import type { CoreOptions } from './core-options.ts';
import { type FarmCore, startFarmCore } from './farm-core.ts';
import { lockHome } from './home-lock.ts';

/**
 * Throws FARM_STORE_BUSY while another farm has the home, FARM_STORE_NEWER for the home of a newer Croft,
 * FARM_MASTER_KEY where the key is gone.
 */
export async function openCore(options: CoreOptions): Promise<FarmCore> {
  const files = prepareHome(options.home);
  const lock = lockHome(files.lock);
  try {
    const masterKey = loadMasterKey(files.masterKey, !existsSync(files.database));
    const store = openSqliteStore(files.database);
    const core = await startFarmCore({ ...options, store, masterKey, catalogueFile: files.catalogue });
    return {
      ...core,
      async close() {
        await core.close();
        lock.release();
      },
    };
  } catch (thrown) {
    lock.release();
    throw thrown;
  }
}
