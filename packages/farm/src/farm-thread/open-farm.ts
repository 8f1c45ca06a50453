/** Opens a farm on a home folder. */
import { existsSync } from 'node:fs';
import type { Clock, Log } from '@croft/contract';
import type { Farm, FarmOutlet } from '../farm-api.ts';
import { loadMasterKey, prepareHome } from '../home.ts';
import type { PlanningApp, SmallBlobs } from '../ports.ts';
import { openReads } from '../reads/open-reads.ts';
import { openSqliteStore } from '../store/sqlite/open.ts';
import { startFarmCore } from './farm-core.ts';
import { lockHome } from './home-lock.ts';

export interface OpenFarm {
  /** Folder of everything the farm keeps; made where it is not there. */
  readonly home: string;
  readonly blobs: SmallBlobs;
  readonly apps: () => Promise<readonly PlanningApp[]>;
  readonly clock: Clock;
  readonly log: Log;
  readonly outlet: FarmOutlet;
}

/** A farm in the caller's own thread: for tests with a fake clock, and for short-lived tools. */
export async function openFarmInProcess(options: OpenFarm): Promise<Farm & { idle(): Promise<void> }> {
  const { clock, log } = options;
  const core = await openCore(options);
  const reads = openReads(options.home, clock, options.apps);
  return {
    calls: core.calls,
    reads,
    idle: () => core.idle(),
    async close() {
      await core.close();
      await reads.close();
      log.debug({}, 'farm closed');
    },
  };
}

/** The core on the home's files. Throws FARM_STORE_BUSY while another farm has the home. */
export async function openCore(options: OpenFarm) {
  const files = prepareHome(options.home);
  const lock = lockHome(files.lock);
  try {
    const masterKey = loadMasterKey(files.masterKey, !existsSync(files.database));
    const store = openSqliteStore(files.database);
    const core = await startFarmCore({ ...options, store, masterKey });
    return {
      calls: core.calls,
      idle: () => core.idle(),
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
