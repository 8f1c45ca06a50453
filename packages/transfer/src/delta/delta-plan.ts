/** What of a file a base has already: found by looking up the file's chunks among those of the base. */
import type { BlobId } from '@croft/contract';
import type { ChunkPlaces, ToldChunk } from './chunk-list.ts';

/** Below this share of copied bytes a delta saves less than it costs. */
const LEAST_COPIED_SHARE = 0.1;

/** A stretch of the new file; `from` is where the base has it, null where it has not. */
export interface Run {
  readonly start: number;
  readonly length: number;
  readonly from: number | null;
}

export class DeltaPlan {
  readonly baseId: BlobId;
  readonly #runs: readonly Run[];

  constructor(baseId: BlobId, runs: readonly Run[]) {
    this.baseId = baseId;
    this.#runs = runs;
  }

  /** What bytes `start` to `start + length` of the file consist of, in order. */
  runsOf(start: number, length: number): Run[] {
    const end = start + length;
    const runs: Run[] = [];
    for (let index = this.#at(start); index < this.#runs.length; index++) {
      const run = this.#runs[index]!;
      const first = Math.max(start, run.start);
      const last = Math.min(end, run.start + run.length);
      if (last <= first) break;
      runs.push({
        start: first,
        length: last - first,
        from: run.from === null ? null : run.from + first - run.start,
      });
    }
    return runs;
  }

  /** Index of the run that has byte `offset`: a file may have as many runs as chunks. */
  #at(offset: number): number {
    let low = 0;
    let high = this.#runs.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#runs[middle]!.start <= offset) low = middle;
      else high = middle;
    }
    return low;
  }
}

/** null where too little of the file, which consists of `chunks`, is in the base. */
export function planDelta(
  chunks: Iterable<ToldChunk>,
  base: { id: BlobId; places: ChunkPlaces },
): DeltaPlan | null {
  const runs: { start: number; length: number; from: number | null }[] = [];
  let start = 0;
  let copied = 0;
  for (const { length, key } of chunks) {
    const from = base.places.get(key) ?? null;
    const last = runs.at(-1);
    const goesOn =
      last !== undefined &&
      (from === null ? last.from === null : last.from !== null && last.from + last.length === from);
    if (goesOn) last.length += length;
    else runs.push({ start, length, from });
    start += length;
    if (from !== null) copied += length;
  }
  return copied >= start * LEAST_COPIED_SHARE && copied > 0 ? new DeltaPlan(base.id, runs) : null;
}
