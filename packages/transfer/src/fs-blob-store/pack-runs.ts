/** Places in pack files gathered into long readings: blobs that were sent together lie side by side. */
import { MiB } from '@croft/contract';
import type { PackPlace } from './pack-index.ts';

const RUN_MAX_BYTES = MiB;
/** Reading over a gap costs less than another reading. */
const GAP_MAX_BYTES = 64 * 1024;

export interface Run<Item extends { place: PackPlace }> {
  pack: number;
  offset: number;
  length: number;
  items: Item[];
}

/** The items of each run, in the order in which they lie. A run has at most 1 MiB, or one item. */
export function* runsOf<Item extends { place: PackPlace }>(items: readonly Item[]): Generator<Run<Item>> {
  const sorted = items.toSorted((a, b) => a.place.pack - b.place.pack || a.place.offset - b.place.offset);
  let run: Run<Item> | null = null;
  for (const item of sorted) {
    const { pack, offset, size } = item.place;
    const end = offset + size;
    const joins =
      run !== null &&
      run.pack === pack &&
      offset - (run.offset + run.length) <= GAP_MAX_BYTES &&
      end - run.offset <= RUN_MAX_BYTES;
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
