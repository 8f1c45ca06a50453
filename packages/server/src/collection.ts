/**
 * The sweep that takes away what nobody needs any more: old versions of trees, then unused blobs, then bytes that a crash
 * left in the store without the farm knowing. It runs in the background, a small step at a time with a breath between,
 * some minutes after the start and then once every SWEEP_PAUSE_MS. A sweep that fails is logged and tried at the next
 * turn; nothing depends on it but disk space.
 */
import { type BlobId, type Clock, coerceError, HOUR, type Log, MINUTE } from '@croft/contract';
import type { FarmCalls } from '@croft/farm';
import type { CollectableStore } from '@croft/transfer';

/** Right after a start there is better to do. */
const FIRST_PAUSE_MS = 5 * MINUTE;
const SWEEP_PAUSE_MS = 6 * HOUR;
/** Between two steps, so that a sweep over millions of rows is not felt. */
const STEP_PAUSE_MS = 20;
/** Ids of the store asked about at once. */
const IDS_PER_STEP = 500;

export interface CollectionParts {
  readonly calls: Pick<FarmCalls, 'pruneTrees' | 'unusedBlobs' | 'forgetBlobs' | 'unknownBlobs'>;
  readonly blobs: CollectableStore;
  readonly clock: Clock;
  readonly log: Log;
}

/** What one sweep took away. */
export interface Collected {
  readonly oldVersions: number;
  readonly blobs: number;
}

export interface Collection {
  /** Sweeps now; one sweep at a time. */
  sweep(): Promise<Collected>;
  stop(): Promise<void>;
}

export function startCollection(parts: CollectionParts): Collection {
  const { clock, log } = parts;
  let stopped = false;
  let running: Promise<Collected> | null = null;
  /** Unknown at the last sweep already: what is so twice is no upload under way. */
  let unknown: ReadonlySet<BlobId> = new Set();

  async function step(): Promise<boolean> {
    if (stopped) return false;
    await new Promise<void>((resolve) => clock.after(STEP_PAUSE_MS, resolve));
    return !stopped;
  }

  async function prune(): Promise<number> {
    let oldVersions = 0;
    let place: Awaited<ReturnType<FarmCalls['pruneTrees']>>['next'] = null;
    do {
      const { dropped, next } = await parts.calls.pruneTrees(place);
      oldVersions += dropped;
      place = next;
    } while (place !== null && (await step()));
    return oldVersions;
  }

  async function collectUnused(): Promise<number> {
    let collected = 0;
    let after: string | null = '';
    while (after !== null && !stopped) {
      const { ids, next } = await parts.calls.unusedBlobs(after);
      collected += (await parts.blobs.collect(ids, (free) => parts.calls.forgetBlobs(free))).length;
      after = next;
      if (after !== null && !(await step())) break;
    }
    return collected;
  }

  async function collectUnknown(): Promise<number> {
    let collected = 0;
    const seen = new Set<BlobId>();
    const look = async (ids: BlobId[]) => {
      for (const id of await parts.calls.unknownBlobs(ids)) {
        if (!unknown.has(id)) seen.add(id);
        else collected += (await parts.blobs.collect([id], (free) => parts.calls.unknownBlobs(free))).length;
      }
    };
    let some: BlobId[] = [];
    for await (const { id } of parts.blobs.list()) {
      some.push(id);
      if (some.length < IDS_PER_STEP) continue;
      await look(some.splice(0));
      if (!(await step())) return collected;
    }
    some = some.splice(0);
    if (some.length > 0) await look(some);
    unknown = seen;
    return collected;
  }

  async function run(): Promise<Collected> {
    const oldVersions = await prune();
    const blobs = (await collectUnused()) + (await collectUnknown());
    if (oldVersions + blobs > 0) log.info({ oldVersions, blobs }, 'collected what nobody needs');
    return { oldVersions, blobs };
  }

  function sweep(): Promise<Collected> {
    running ??= run().finally(() => {
      running = null;
    });
    return running;
  }

  let cancel = clock.after(FIRST_PAUSE_MS, tick);
  function tick(): void {
    void sweep()
      .catch((thrown: unknown) => log.warn({ err: coerceError(thrown) }, 'a collection failed'))
      .finally(() => {
        if (!stopped) cancel = clock.after(SWEEP_PAUSE_MS, tick);
      });
  }

  return {
    sweep,
    async stop() {
      stopped = true;
      cancel();
      await running?.catch(() => undefined);
    },
  };
}
