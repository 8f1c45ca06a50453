/** Places in packs gathered into long readings: blobs that were sent together lie side by side. */
import { KiB, MiB } from '@croft/contract';
import type { PackPlace } from './pack-index.ts';

export interface RunLimits {
  readonly runBytes: number;
  /** Reading over a gap of this length costs less than another reading. */
  readonly gapBytes: number;
}

const DISK_RUNS: RunLimits = { runBytes: MiB, gapBytes: 64 * KiB };

export interface Run<Item extends { place: PackPlace }> {
  pack: number;
  offset: number;
  length: number;
  items: Item[];
}

/** The items of each run, in the order in which they lie. A run has at most `runBytes` (default 1 MiB), or one item. */
export function* runsOf<Item extends { place: PackPlace }>(
  items: readonly Item[],
  { runBytes, gapBytes }: RunLimits = DISK_RUNS,
): Generator<Run<Item>> {
  const sorted = items.toSorted((a, b) => a.place.pack - b.place.pack || a.place.offset - b.place.offset);
  let run: Run<Item> | null = null;
  for (const item of sorted) {
    const { pack, offset, size } = item.place;
    const end = offset + size;
    const joins =
      run !== null &&
      run.pack === pack &&
      offset - (run.offset + run.length) <= gapBytes &&
      end - run.offset <= runBytes;
    if (joins && run !== null) {
      run.length = Math.max(run.length, end - run.offset);
      run.items.push(item);
      continue;
    }
    if (run !== null) yield run;
    run = { pack, offset, length: size, items: [item] };
  }
  if (run !== null) yield run;
}
