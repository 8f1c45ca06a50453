/** What of a file need not travel, because the farm has it at the same path already. */
import { GiB, MiB, type TreeRoot } from '@croft/contract';
import { encodeDelta } from '../delta/delta-body.ts';
import { type DeltaPlan, planDelta } from '../delta/delta-plan.ts';
import type { BlobContent } from './door-bodies.ts';
import type { DoorClient } from './door-client.ts';
import type { RateLimit } from './rate-limit.ts';
import type { OutgoingFile } from './upload-jobs.ts';

/** Shorter files are sent sooner than compared; of longer ones the list of chunks would fill the memory. */
const DELTA_MIN_BYTES = 4 * MiB;
const DELTA_MAX_BYTES = 8 * GiB;

/** null where a delta would save little, or `root` says that none is worth it. */
export async function deltaPlanOf(
  parts: {
    door: DoorClient;
    deltaRoot?: TreeRoot | undefined;
    signal: AbortSignal | undefined;
    limit?: RateLimit | undefined;
  },
  { localPath, treePath, size }: OutgoingFile,
): Promise<DeltaPlan | null> {
  const { door, deltaRoot, signal, limit } = parts;
  if (deltaRoot === undefined || size < DELTA_MIN_BYTES || size > DELTA_MAX_BYTES) return null;
  const base = await door.chunks(deltaRoot, treePath, DELTA_MAX_BYTES, { signal, limit });
  return base === null ? null : planDelta(localPath, base, signal);
}

/** The bytes of a file from `start` on, told by the plan's base where it has any of them. */
export function contentOf(plan: DeltaPlan | null, start: number, bytes: Uint8Array): BlobContent {
  if (plan === null) return { bytes };
  const { records, copiedBytes } = plan.recordsOf(start, bytes);
  if (copiedBytes === 0) return { bytes };
  return { bytes, delta: { baseId: plan.baseId, pieces: encodeDelta(records) } };
}

/** How many of the content's bytes did not travel. */
export function unsentBytes({ bytes, delta }: BlobContent): number {
  if (delta === undefined) return 0;
  return Math.max(0, bytes.length - delta.pieces.reduce((sum, piece) => sum + piece.length, 0));
}
