/** A farm in the caller's own thread: for tests with a fake clock, and for short-lived tools. */
import type { Farm } from '../farm-api.ts';
import type { CoreOptions } from './core-options.ts';

export type OpenFarm = CoreOptions;

/** Opens the farm and its reads. Throws what opening the core throws. */
export async function openFarmInProcess(options: OpenFarm): Promise<Farm & { idle(): Promise<void> }> {
  const [{ openCore }, { openReads }] = await Promise.all([
    import('./open-core.ts'),
    import('../reads/open-reads.ts'),
  ]);
  const core = await openCore(options);
  const reads = openReads(options.home, options.clock, options.apps);
  return {
    calls: core.calls,
    reads,
    idle: () => core.idle(),
    async close() {
      await core.close();
      await reads.close();
    },
  };
}
