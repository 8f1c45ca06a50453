/** What of a file need not travel, because the farm has it at the same path already. */
import { CroftError, MiB, type TreeRoot } from '@croft/contract';
import { DELTA_MAX_BYTES } from '../../delta/chunk-list.ts';
import { type CutFile, cutWhole } from '../../delta/cut-whole.ts';
import { encodeDelta } from '../../delta/delta-body.ts';
import { type DeltaPlan, planDelta } from '../../delta/delta-plan.ts';
import type { HashPool } from '../../files/hash-pool.ts';
import type { RateLimit } from '../pace/rate-limit.ts';
import type { BlobContent } from '../wire/door-bodies.ts';
import type { DoorClient } from '../wire/door-client.ts';
import { readInto } from './file-bytes.ts';
import { isOnlyRemembered, type OutgoingFile } from './upload-jobs.ts';

/** Shorter files are sent sooner than compared. */
const DELTA_MIN_BYTES = 4 * MiB;

interface DeltaParts {
  door: DoorClient;
  pool: HashPool;
  deltaRoot?: (() => TreeRoot | undefined) | undefined;
  signal: AbortSignal | undefined;
  limit?: RateLimit | undefined;
}

/**
 * null where a delta would save little, or none is worth it. Where the farm has a base, the file is cut and hashed while the
 * farm cuts that, and what was found is noted.
 */
export async function deltaPlanOf(parts: DeltaParts, file: OutgoingFile): Promise<DeltaPlan | null> {
  const { door, pool, signal, limit } = parts;
  if (file.size < DELTA_MIN_BYTES || file.size > DELTA_MAX_BYTES) return null;
  const root = parts.deltaRoot?.();
  if (root === undefined) return null;
  let cutting: Promise<CutFile | null> | null = null;
  const known = isOnlyRemembered(file) ? null : file.hashed;
  const cut = () => {
    cutting ??= cutWhole(file.localPath, pool, { signal, known });
    // It is waited for below, or not wanted any more.
    cutting.catch(() => undefined);
  };
  const base = await door.chunks(root, file.treePath, cut, { signal, limit });
  const found = await (cutting as Promise<CutFile | null> | null);
  if (base === null || found === null) return null;
  const { size, mtimeMs } = found.hashed;
  Object.assign(file, { size, mtimeMs, hashed: found.hashed });
  return planDelta(found.chunks, base);
}

/**
 * Bytes `start` to `start + length` of a file, told by the plan's base where it has any of them; what is read lies in `memory`.
 * null when the file has become shorter.
 */
export async function contentOf(
  plan: DeltaPlan | null,
  memory: SharedArrayBuffer,
  path: string,
  { start, length }: { start: number; length: number },
): Promise<BlobContent | null> {
  const runs = plan?.runsOf(start, length) ?? [];
  if (plan === null || runs.every(({ from }) => from === null)) {
    const isRead = await readInto(memory, path, start, [{ start, length }]);
    return isRead ? { size: length, pieces: [new Uint8Array(memory, 0, length)] } : null;
  }
  const fresh = runs.filter(({ from }) => from === null);
  if (!(await readInto(memory, path, start, fresh))) return null;
  const records = runs.map((run) =>
    run.from === null
      ? ({ kind: 'fresh', bytes: new Uint8Array(memory, run.start - start, run.length) } as const)
      : ({ kind: 'copy', offset: run.from, length: run.length } as const),
  );
  return { size: length, pieces: encodeDelta(records), baseId: plan.baseId };
}

/** How many of the content's bytes did not travel. */
export function unsentBytes({ size, pieces }: BlobContent): number {
  return Math.max(0, size - pieces.reduce((sum, piece) => sum + piece.length, 0));
}

/** Whether the base of a delta went away or was found damaged: then the file goes as it is. */
export function isBaseLost(thrown: unknown): boolean {
  return thrown instanceof CroftError && LOST_BASE_CODES.has(thrown.code);
}
const LOST_BASE_CODES = new Set(['TRANSFER_BLOB_MISSING', 'TRANSFER_BLOB_CORRUPT']);
