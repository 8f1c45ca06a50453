/**
 * Receiving one blob into a file: bytes go to a hidden file beside the target, are hashed as they come, synced, and
 * renamed into place only when they make the id. Long blobs go part by part with a journal beside them, so an
 * interrupted download goes on after its last whole part; parts found on disk are hashed again before they are trusted.
 */
import { createHash } from 'node:crypto';
import { open, rename, rm, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BlobId, type Clock, CroftError, partCountOf } from '@croft/contract';
import { BlobHasher, compositeId, hashFile, partSpan, statFile, WHOLE_MAX_BYTES } from '../blob-hash.ts';
import { asDiskError, syncFolder, writeStream } from '../durable-files.ts';
import { transferErrors } from '../errors.ts';
import type { HashPool } from '../hash-pool.ts';
import { appendPart, readPartJournal } from '../part-journal.ts';
import type { ByteSource, DoorClient } from './door-client.ts';
import { type Gate, inLanes } from './lanes.ts';
import type { ProgressMeter } from './progress.ts';
import type { RateLimit } from './rate-limit.ts';
import { throwIfInterrupted } from './retry.ts';

/** Parts of one file that are received at once. */
const PARTS_AT_ONCE = 4;
/** How often bytes that hash wrong are fetched again before the farm is called broken. */
const MAX_WRONG = 3;

export interface ReceiveParts {
  door: DoorClient;
  pool: HashPool;
  clock: Clock;
  meter: ProgressMeter;
  gate: Gate;
  signal: AbortSignal | undefined;
  limit: RateLimit | undefined;
}

export interface IncomingFile {
  source: ByteSource;
  id: BlobId;
  size: number;
  /** null keeps the time of receiving. */
  mtimeMs: number | null;
  target: string;
}

/**
 * Whether the target already holds these bytes. A file that users can reach is hashed; a node's cached blob was verified
 * and synced before it got its name, and no app can reach it, so its size is enough.
 */
export async function isThere({ pool, signal }: ReceiveParts, file: IncomingFile): Promise<boolean> {
  try {
    if ((await statFile(file.target)).size !== file.size) return false;
    if (file.source.kind === 'blob') return true;
    return (await hashFile(file.target, pool, signal)).id === file.id;
  } catch (thrown) {
    throwIfInterrupted(signal);
    if (thrown instanceof CroftError) return false;
    throw thrown;
  }
}

/** Receives the file into its place. TRANSFER_HASH_MISMATCH when the farm keeps sending other bytes. */
export async function receiveFile(parts: ReceiveParts, file: IncomingFile): Promise<void> {
  const partial = partialPath(file);
  try {
    for (let wrong = 1; ; wrong++) {
      const right = await (file.size <= WHOLE_MAX_BYTES
        ? parts.gate.run(() => receiveWhole(parts, file, partial))
        : receiveLong(parts, file, partial));
      if (right) break;
      if (wrong === MAX_WRONG)
        throw transferErrors.TRANSFER_HASH_MISMATCH(`${file.target} arrived damaged ${MAX_WRONG} times`);
    }
    if (file.mtimeMs !== null) await utimes(partial, file.mtimeMs / 1000, file.mtimeMs / 1000);
    await rename(partial, file.target);
    await rm(journalPath(partial), { force: true });
    await syncFolder(dirname(file.target));
  } catch (thrown) {
    throw asDiskError(thrown, dirname(file.target));
  }
}

/** Short whatever the target's name, and its own for each target and content. */
function partialPath({ target, id }: IncomingFile): string {
  const name = createHash('sha256').update(`${target}\n${id}`).digest('hex').slice(0, 24);
  return join(dirname(target), `.croft-${name}.part`);
}

function journalPath(partial: string): string {
  return `${partial}s`;
}

async function receiveWhole(parts: ReceiveParts, file: IncomingFile, partial: string): Promise<boolean> {
  return parts.door.bytes(
    file.source,
    0,
    file.size,
    async (body) => {
      const hasher = new BlobHasher(file.size);
      const counted = new Counted(parts);
      const out = await open(partial, 'w');
      try {
        await writeStream(out, 0, counted.through(body, file.size), (chunk) => hasher.update(chunk));
        if (hasher.id() !== file.id) {
          counted.takeBack();
          return false;
        }
        await out.sync();
        return true;
      } catch (thrown) {
        counted.takeBack();
        throw thrown;
      } finally {
        await out.close();
      }
    },
    { signal: parts.signal },
  );
}

async function receiveLong(parts: ReceiveParts, file: IncomingFile, partial: string): Promise<boolean> {
  const hashes = await partsOnDisk(parts, file, partial);
  const missing: number[] = [];
  for (let part = 0; part < partCountOf(file.size); part++) {
    if (hashes.has(part)) parts.meter.skipped(partSpan(file.size, part).length);
    else missing.push(part);
  }
  const out = await openKeeping(partial);
  try {
    await inLanes(missing, PARTS_AT_ONCE, (part) =>
      parts.gate.run(async () => {
        throwIfInterrupted(parts.signal);
        const { start, length } = partSpan(file.size, part);
        const sha256 = await parts.door.bytes(
          file.source,
          start,
          start + length,
          async (body) => {
            const hash = createHash('sha256');
            const counted = new Counted(parts);
            try {
              const written = await writeStream(out, start, counted.through(body, length), (chunk) =>
                hash.update(chunk),
              );
              if (written < length) throw transferErrors.TRANSFER_UNREACHABLE('a part ended early');
            } catch (thrown) {
              counted.takeBack();
              throw thrown;
            }
            return hash.digest();
          },
          { signal: parts.signal },
        );
        await out.datasync();
        await appendPart(journalPath(partial), part, sha256);
        hashes.set(part, sha256);
      }),
    );
    await out.sync();
  } finally {
    await out.close();
  }
  const inOrder = Array.from({ length: partCountOf(file.size) }, (_, part) => hashes.get(part)!);
  if (compositeId(inOrder) === file.id) return true;
  // Which part is wrong cannot be known from here: begin anew.
  await rm(journalPath(partial), { force: true });
  await rm(partial, { force: true });
  parts.meter.moved(-file.size);
  return false;
}

/** The journal's parts that the file on disk still holds. */
async function partsOnDisk(
  parts: ReceiveParts,
  file: IncomingFile,
  partial: string,
): Promise<Map<number, Buffer>> {
  const noted = await readPartJournal(journalPath(partial), partCountOf(file.size));
  const there = new Map<number, Buffer>();
  await inLanes(noted, PARTS_AT_ONCE, async ([part, sha256]) => {
    const { start, length } = partSpan(file.size, part);
    const hash = await parts.pool.hashRange(partial, start, length).catch(() => null);
    if (hash === sha256.toString('hex')) there.set(part, sha256);
  });
  return there;
}

async function openKeeping(path: string) {
  try {
    return await open(path, 'r+');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
    return open(path, 'w+');
  }
}

/** Passes a body on, counted, limited, and bounded: a farm that sends more than it said is cut off. */
class Counted {
  readonly #parts: ReceiveParts;
  #bytes = 0;

  constructor(parts: ReceiveParts) {
    this.#parts = parts;
  }

  async *through(body: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      if (this.#bytes + chunk.length > maxBytes) {
        throw transferErrors.TRANSFER_ANSWER_INVALID('the farm sent more bytes than were asked for');
      }
      await this.#parts.limit?.take(chunk.length, this.#parts.signal);
      this.#bytes += chunk.length;
      this.#parts.meter.moved(chunk.length);
      yield chunk;
    }
  }
  takeBack(): void {
    this.#parts.meter.moved(-this.#bytes);
    this.#bytes = 0;
  }
}
