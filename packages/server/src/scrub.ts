/**
 * Reading every stored byte, so that damage is found while there is still another copy somewhere. The store verifies what
 * it reads and sets damaged blobs aside: from then on their bytes are asked for again when somebody uploads them, and a
 * frame whose picture is gone can be rendered again. The farm knows whose they are.
 *
 * The farm's list is walked, not the store's: so bytes that are gone are found as well. What the store has and the farm does
 * not know is nobody's, and the sweep's to take away.
 */
import {
  type BlobId,
  type BlobUse,
  type Clock,
  type CroftError,
  coerceError,
  KiB,
  type Log,
  type ScrubLine,
  SECOND,
} from '@croft/contract';
import type { FarmReads } from '@croft/farm';
import type { BlobBytes } from './ports.ts';

export interface ScrubParts {
  readonly reads: Pick<FarmReads, 'knownBlobs' | 'blobTotals' | 'blobUses'>;
  /** Those of the ids that the farm does not know (any more). */
  readonly unknownBlobs: (ids: BlobId[]) => Promise<BlobId[]>;
  readonly bytes: BlobBytes;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ScrubOptions {
  /** KB (1,000 bytes) a second over all that is read; absent = no limit. */
  readonly limitKbps?: number | undefined;
  readonly signal: AbortSignal;
}

const TELL_EVERY_MS = 1 * SECOND;

/** Reads all; the lines as they are told. An error is one of the farm or of the store as a whole. */
export async function* scrub(parts: ScrubParts, options: ScrubOptions): AsyncGenerator<ScrubLine> {
  const { reads, clock, log } = parts;
  const startedAt = clock.now();
  const totals = await reads.blobTotals();
  const found = { damaged: 0, lost: 0, unneeded: 0 };
  const read = { blobs: 0, bytes: 0 };
  const progress = (): ScrubLine => ({
    kind: 'progress',
    ...read,
    // What arrived since the beginning is read too.
    blobsTotal: Math.max(totals.blobs, read.blobs),
    bytesTotal: Math.max(totals.bytes, read.bytes),
  });
  let toldAt = startedAt;
  yield progress();
  let after = '';
  for (;;) {
    const some = await reads.knownBlobs(after);
    if (some.length === 0) break;
    after = some.at(-1)!.id;
    for (const { id, size } of some) {
      const before = read.bytes;
      const reading = readWhole(parts.bytes, id);
      let state: BlobState;
      for (;;) {
        const step = await reading.next();
        if (step.done) {
          state = step.value;
          break;
        }
        read.bytes += step.value;
        for (;;) {
          options.signal.throwIfAborted();
          if (clock.now() - toldAt >= TELL_EVERY_MS) {
            toldAt = clock.now();
            yield progress();
          }
          const aheadMs = aheadOf(read.bytes, clock.now() - startedAt, options.limitKbps);
          if (aheadMs <= 0) break;
          await pause(clock, Math.min(aheadMs, TELL_EVERY_MS));
        }
      }
      read.blobs += 1;
      if (state === 'well') continue;
      read.bytes = before + size;
      // It may have been swept up since the list was read.
      if (state === 'lost' && (await parts.unknownBlobs([id])).length > 0) continue;
      const { uses, hasMore } = fitting(await reads.blobUses(id));
      if (uses.length === 0) {
        found.unneeded += 1;
        continue;
      }
      found[state] += 1;
      log.warn(
        { blob: id, what: state, uses: uses.slice(0, 5) },
        'a scrub found stored bytes that cannot be used',
      );
      yield { kind: 'found', what: state, id, size, uses, hasMore };
    }
  }
  yield progress();
  const elapsedMs = clock.now() - startedAt;
  log.info({ ...read, ...found, elapsedMs }, 'a scrub has read all stored bytes');
  yield { kind: 'end', ...read, ...found, elapsedMs };
}

/** Names may be long, and a reader takes lines of at most 64 KiB. */
const USES_MOST_BYTES = 32 * KiB;

function fitting({ uses, hasMore }: Uses): Uses {
  const fit: BlobUse[] = [];
  let bytes = 0;
  for (const use of uses) {
    bytes += Buffer.byteLength(JSON.stringify(use));
    if (bytes > USES_MOST_BYTES) return { uses: fit, hasMore: true };
    fit.push(use);
  }
  return { uses: fit, hasMore };
}

type Uses = { readonly uses: BlobUse[]; readonly hasMore: boolean };
type BlobState = 'well' | 'damaged' | 'lost';

/** Yields the bytes of each piece read. */
async function* readWhole(bytes: BlobBytes, id: BlobId): AsyncGenerator<number, BlobState> {
  try {
    for await (const chunk of (await bytes.read(id)).body) yield chunk.length;
    return 'well';
  } catch (thrown) {
    const { code } = coerceError(thrown) as Partial<CroftError>;
    if (code === 'TRANSFER_BLOB_CORRUPT') return 'damaged';
    if (code === 'TRANSFER_NOT_FOUND') return 'lost';
    throw thrown;
  }
}

/** How much too early so many bytes are, ms. */
function aheadOf(bytes: number, elapsedMs: number, limitKbps: number | undefined): number {
  return limitKbps === undefined ? 0 : bytes / limitKbps - elapsedMs;
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(Math.ceil(ms), resolve));
}
