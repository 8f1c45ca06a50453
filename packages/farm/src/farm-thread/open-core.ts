/** The core on the files of a home. */
import { existsSync } from 'node:fs';
import type { Clock, Log } from '@croft/contract';
import type { FarmOutlet } from '../farm-api.ts';
import { loadMasterKey, prepareHome } from '../home.ts';
import type { PlanningApp, SmallBlobs } from '../ports.ts';
import { openSqliteStore } from '../store/sqlite/open.ts';
import { type FarmCore, startFarmCore } from './farm-core.ts';
import { lockHome } from './home-lock.ts';

export interface CoreOptions {
  /** Folder of everything the farm keeps; made where it is not there. */
  readonly home: string;
  readonly blobs: SmallBlobs;
  /** Asked when the first task is submitted: apps are the heaviest import of the farm. */
  readonly apps: () => Promise<readonly PlanningApp[]>;
  readonly clock: Clock;
  readonly log: Log;
  readonly outlet: FarmOutlet;
  /** How long a node that is away keeps its frames; undefined: 30 seconds. */
  readonly nodeGraceMs?: number | undefined;
}

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
