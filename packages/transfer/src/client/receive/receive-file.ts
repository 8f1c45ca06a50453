/**
 * Receiving one blob into a file: bytes go to a hidden file beside the target, are hashed as they come, synced, and
 * renamed into place only when they make the id. Long blobs go part by part with a journal beside them, so an
 * interrupted download goes on after its last whole part; parts found on disk are hashed again before they are trusted.
 * Of a short one nothing is kept: its hidden file goes when the download fails or is cancelled.
 *
 * A file that is there with other bytes is replaced, at once and only when the new ones are complete.
 *
 * Several downloads, also of several processes, may bring the same blob to the same place at once. They share the hidden
 * file, whose name follows from place and blob: all write the same bytes at the same offsets, nobody ever shortens it, and
 * whoever finishes first moves it. The others find it moved and the target right. Each moves only the file that it wrote
 * itself (by its inode), never one that another has begun anew.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BlobId, type Clock, CroftError, partCountOf } from '@croft/contract';
import { BlobHasher, compositeId, hashFile, partSpan, statFile, WHOLE_MAX_BYTES } from '../../blob-hash.ts';
import { transferErrors } from '../../errors.ts';
import { asDiskError, writeStream } from '../../files/durable-files.ts';
import type { HashPool } from '../../files/hash-pool.ts';
import { appendPart, readPartJournal } from '../../files/part-journal.ts';
import { type Gate, inLanes } from '../lanes.ts';
import type { RateLimit } from '../pace/rate-limit.ts';
import type { ProgressMeter } from '../progress.ts';
import { PACK_FILE_MAX_BYTES } from '../send/upload-jobs.ts';
import type { ByteSource } from '../wire/byte-source.ts';
import type { DoorClient } from '../wire/door-client.ts';
import { throwIfInterrupted } from '../wire/retry.ts';

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
  /** Folders that got a new name: synced once, when all files are in place. */
  touched: Set<string>;
}

export interface IncomingFile {
  source: ByteSource;
  id: BlobId;
  size: number;
  /** null keeps the time of receiving. */
  mtimeMs: number | null;
  target: string;
  /** Of a node's cache: this process has seen these bytes whole at the target. */
  isSeen?: boolean;
}

/**
 * Whether the target already holds these bytes. A file that users can reach is hashed; a long blob of a node's cache was
 * verified and synced before it got its name, and no app can reach it, so its size is enough. A short one was not synced: it
 * is hashed once in the life of a process.
 */
export async function isThere({ pool, signal }: ReceiveParts, file: IncomingFile): Promise<boolean> {
  try {
    if ((await statFile(file.target)).size !== file.size) return false;
    if (file.source.kind === 'blob' && (file.isSeen || file.size > PACK_FILE_MAX_BYTES)) return true;
    return (await hashFile(file.target, pool, signal)).id === file.id;
  } catch (thrown) {
    throwIfInterrupted(signal);
    if (thrown instanceof CroftError) return false;
    throw thrown;
  }
}

/** Receives the file into its place. TRANSFER_HASH_MISMATCH when the farm keeps sending other bytes. */
export async function receiveFile(parts: ReceiveParts, wanted: IncomingFile): Promise<void> {
  let file = wanted;
  const partial = partialPath(file);
  const isShort = file.size <= WHOLE_MAX_BYTES;
  try {
    for (let tried = 1; ; tried++) {
      const written = await (isShort
        ? parts.gate.run(() => receiveWhole(parts, file, partial))
        : receiveLong(parts, file, partial));
      if (written !== null && (await moveToTarget(parts, file, partial, written))) break;
      if (tried === MAX_WRONG)
        throw transferErrors.TRANSFER_HASH_MISMATCH(`${file.target} arrived damaged ${MAX_WRONG} times`);
      // The farm looks at what it sends, and says when its own copy is damaged; its store does not.
      file = { ...file, source: { ...file.source, viaFarm: true } };
    }
    await rm(journalPath(partial), { force: true });
    parts.touched.add(dirname(file.target));
  } catch (thrown) {
    if (isShort) await rm(partial, { force: true });
    throw asDiskError(thrown, dirname(file.target));
  }
}

/** Which file on the disk was written, whatever bears its name later. */
type FileIdentity = Pick<Awaited<ReturnType<typeof stat>>, 'dev' | 'ino'>;

/** Gives the file that was written its name. Where another download was quicker, whether the target is right. */
async function moveToTarget(
  parts: ReceiveParts,
  file: IncomingFile,
  partial: string,
  written: FileIdentity,
): Promise<boolean> {
  try {
    const { dev, ino } = await stat(partial);
    if (dev !== written.dev || ino !== written.ino) return await isThere(parts, file);
    if (file.mtimeMs !== null) await utimes(partial, file.mtimeMs / 1000, file.mtimeMs / 1000);
    await rename(partial, file.target);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
    return isThere(parts, file);
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

/** null when the bytes were not those of the id. */
async function receiveWhole(
  parts: ReceiveParts,
  file: IncomingFile,
  partial: string,
): Promise<FileIdentity | null> {
  return parts.door.bytes(
    file.source,
    0,
    file.size,
    async (body) => {
      const hasher = new BlobHasher(file.size);
      const counted = new Counted(parts);
      const out = await openKeeping(partial);
      try {
        await writeStream(out, 0, counted.through(body, file.size), (chunk) => hasher.update(chunk));
        if (hasher.id() !== file.id) {
          counted.takeBack();
          return null;
        }
        return await settle(out, file.size);
      } catch (thrown) {
        counted.takeBack();
        throw thrown;
      } finally {
        await out.close();
      }
    },
    { signal: parts.signal, limit: parts.limit },
  );
}

/** null when the parts do not make the id; then nothing of them is kept. */
async function receiveLong(
  parts: ReceiveParts,
  file: IncomingFile,
  partial: string,
): Promise<FileIdentity | null> {
  // Opened before its parts are looked at: what is trusted then is in the file that is written, or is not moved.
  const out = await openKeeping(partial);
  let written: FileIdentity;
  const hashes = new Map<number, Buffer>();
  try {
    for (const [part, sha256] of await partsOnDisk(parts, file, partial)) hashes.set(part, sha256);
    const missing: number[] = [];
    for (let part = 0; part < partCountOf(file.size); part++) {
      if (hashes.has(part)) parts.meter.skipped(partSpan(file.size, part).length);
      else missing.push(part);
    }
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
          { signal: parts.signal, limit: parts.limit },
        );
        await out.datasync();
        await appendPart(journalPath(partial), part, sha256);
        hashes.set(part, sha256);
      }),
    );
    written = await settle(out, file.size);
  } finally {
    await out.close();
  }
  const inOrder = Array.from({ length: partCountOf(file.size) }, (_, part) => hashes.get(part)!);
  if (compositeId(inOrder) === file.id) return written;
  // Which part is wrong cannot be known from here: begin anew.
  await rm(journalPath(partial), { force: true });
  await rm(partial, { force: true });
  parts.meter.moved(-file.size);
  return null;
}

/** Makes the bytes durable, and the file as long as the blob: a leftover under this name may be longer. */
async function settle(out: FileHandle, size: number): Promise<FileIdentity> {
  const found = await out.stat();
  if (found.size > size) await out.truncate(size);
  await out.sync();
  return { dev: found.dev, ino: found.ino };
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

/** Opens for writing without shortening; makes the file where there is none. */
async function openKeeping(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDWR | constants.O_CREAT, 0o666);
}

/** Passes a body on, counted and bounded: a farm that sends more than it said is cut off. */
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
