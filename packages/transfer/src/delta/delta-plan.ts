/** What of a file a base has already: found by cutting the file into chunks and looking their names up. */
import { createReadStream } from 'node:fs';
import { type BlobId, coerceError, MiB } from '@croft/contract';
import { transferErrors } from '../errors.ts';
import type { ChunkPlaces } from './chunk-list.ts';
import { chunksOf } from './chunker.ts';
import type { DeltaRecord } from './delta-body.ts';

/** Below this share of copied bytes a delta saves less than it costs. */
const LEAST_COPIED_SHARE = 0.1;

/** A stretch of the new file; `from` is where the base has it, null where it has not. */
interface Run {
  start: number;
  length: number;
  from: number | null;
}

export class DeltaPlan {
  readonly baseId: BlobId;
  readonly #runs: readonly Run[];

  constructor(baseId: BlobId, runs: readonly Run[]) {
    this.baseId = baseId;
    this.#runs = runs;
  }

  /** The records of bytes `start` to `start + bytes.length` of the file, which are `bytes`. */
  recordsOf(start: number, bytes: Uint8Array): { records: DeltaRecord[]; copiedBytes: number } {
    const end = start + bytes.length;
    const records: DeltaRecord[] = [];
    let copiedBytes = 0;
    for (const run of this.#runs) {
      const first = Math.max(start, run.start);
      const last = Math.min(end, run.start + run.length);
      if (last <= first) continue;
      if (run.from === null) {
        records.push({ kind: 'fresh', bytes: bytes.subarray(first - start, last - start) });
      } else {
        records.push({ kind: 'copy', offset: run.from + first - run.start, length: last - first });
        copiedBytes += last - first;
      }
    }
    return { records, copiedBytes };
  }
}

/** null where too little of the file is in the base. The file is read once; a change meanwhile is found by its hash. */
export async function planDelta(
  localPath: string,
  base: { id: BlobId; places: ChunkPlaces },
  signal?: AbortSignal,
): Promise<DeltaPlan | null> {
  const runs: Run[] = [];
  let start = 0;
  let copied = 0;
  try {
    const file = createReadStream(localPath, { highWaterMark: MiB, ...(signal ? { signal } : {}) });
    for await (const { length, name } of chunksOf(file)) {
      const place = base.places.get(name.toString('hex'));
      const from = place?.length === length ? place.offset : null;
      const last = runs.at(-1);
      const goesOn =
        last !== undefined &&
        (from === null ? last.from === null : last.from !== null && last.from + last.length === from);
      if (goesOn) last.length += length;
      else runs.push({ start, length, from });
      start += length;
      if (from !== null) copied += length;
    }
  } catch (thrown) {
    signal?.throwIfAborted();
    const cause = coerceError(thrown);
    throw transferErrors.TRANSFER_FILE_UNREADABLE(`${localPath} cannot be read: ${cause.message}`, { cause });
  }
  return copied >= start * LEAST_COPIED_SHARE && copied > 0 ? new DeltaPlan(base.id, runs) : null;
}
