/** Blob ids from bytes, streams and files, by the rule in contract's `blob-id.ts`. */
import { createHash, type Hash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { type BlobId, coerceError, partCountOf, partSizeOf, SMALLEST_PART_BYTES } from '@croft/contract';
import { transferErrors } from './errors.ts';
import type { HashPool } from './files/hash-pool.ts';
import { MAX_REREADS } from './files/read-files.ts';

/** Blobs of at most this many bytes are whole: one SHA-256, sent and stored in one piece. */
export const WHOLE_MAX_BYTES = SMALLEST_PART_BYTES;

/** Whether the id names one SHA-256 of all bytes (at most 16 MiB), not a composite of parts. */
export function isWholeId(id: BlobId): boolean {
  return id.startsWith('sha256-');
}

/** The 64 hex digits of an id. */
export function hexOf(id: BlobId): string {
  return id.slice(id.indexOf('-') + 1);
}

/** The id of whole bytes whose SHA-256 is already known. */
export function wholeId(sha256Hex: string): BlobId {
  return `sha256-${sha256Hex}` as BlobId;
}

/** The id of a blob of over 16 MiB from the raw SHA-256s of its parts, in order. */
export function compositeId(partHashes: Iterable<Uint8Array>): BlobId {
  const outer = createHash('sha256');
  for (const hash of partHashes) outer.update(hash);
  return `sha256p-${outer.digest('hex')}` as BlobId;
}

/** The id of bytes in memory, at most 16 MiB. */
export function blobIdOfBytes(bytes: Uint8Array): BlobId {
  if (bytes.length > WHOLE_MAX_BYTES)
    throw new RangeError('longer bytes have a composite id: hash them by part');
  return wholeId(createHash('sha256').update(bytes).digest('hex'));
}

/** Whether a blob with this id can have this size: the size decides which of the two kinds an id is. */
export function idFitsSize(id: BlobId, sizeBytes: number): boolean {
  return Number.isSafeInteger(sizeBytes) && sizeBytes >= 0 && isWholeId(id) === sizeBytes <= WHOLE_MAX_BYTES;
}

/** First byte and length of a part (0-based) of a blob of `sizeBytes`. */
export function partSpan(sizeBytes: number, part: number): { start: number; length: number } {
  const partBytes = partSizeOf(sizeBytes);
  const start = part * partBytes;
  return { start, length: Math.min(partBytes, sizeBytes - start) };
}

/** Builds the id of a stream of known size, chunk by chunk; a stream of another length has no id. */
export class BlobHasher {
  readonly #sizeBytes: number;
  readonly #partHashes: Buffer[] = [];
  #hash: Hash = createHash('sha256');
  #inPart = 0;
  #seen = 0;

  constructor(sizeBytes: number) {
    this.#sizeBytes = sizeBytes;
  }

  update(chunk: Uint8Array): void {
    const partBytes = partSizeOf(this.#sizeBytes);
    let rest = chunk;
    while (rest.length > 0) {
      const piece = rest.subarray(0, partBytes - this.#inPart);
      this.#hash.update(piece);
      this.#inPart += piece.length;
      this.#seen += piece.length;
      rest = rest.subarray(piece.length);
      if (this.#inPart === partBytes) this.#closePart();
    }
  }

  /** null when more or fewer bytes came than promised. */
  id(): BlobId | null {
    if (this.#seen !== this.#sizeBytes) return null;
    if (this.#inPart > 0 || this.#seen === 0) this.#closePart();
    if (this.#sizeBytes <= WHOLE_MAX_BYTES) return wholeId(this.#partHashes[0]!.toString('hex'));
    return compositeId(this.#partHashes);
  }

  #closePart(): void {
    this.#partHashes.push(this.#hash.digest());
    this.#hash = createHash('sha256');
    this.#inPart = 0;
  }
}

/** What hashing a file found. `partHashes` are hex SHA-256s in order; a whole blob has one. */
export interface HashedFile {
  id: BlobId;
  size: number;
  mtimeMs: number;
  partHashes: string[];
}

/**
 * Hashes a file on the pool, its parts in parallel. A file whose size or modification time moved meanwhile is read again
 * at most twice, then TRANSFER_FILE_CHANGED. TRANSFER_FILE_UNREADABLE where it cannot be read or is no plain file. `onHashed` is
 * told the bytes of each part that is through.
 */
export async function hashFile(
  path: string,
  pool: HashPool,
  signal?: AbortSignal,
  onHashed?: (bytes: number) => void,
): Promise<HashedFile> {
  for (let reading = 0; reading <= MAX_REREADS; reading++) {
    signal?.throwIfAborted();
    const before = await statFile(path);
    const hashes = await hashParts(path, before.size, pool, signal, onHashed);
    const after = await statFile(path);
    if (hashes !== null && before.size === after.size && before.mtimeMs === after.mtimeMs) {
      const id =
        before.size <= WHOLE_MAX_BYTES
          ? wholeId(hashes[0]!)
          : compositeId(hashes.map((hex) => Buffer.from(hex, 'hex')));
      return { id, size: before.size, mtimeMs: before.mtimeMs, partHashes: hashes };
    }
  }
  throw transferErrors.TRANSFER_FILE_CHANGED(`${path} kept changing while it was read`);
}

/** Size and modification time of a plain file, or TRANSFER_FILE_UNREADABLE. */
export async function statFile(path: string): Promise<{ size: number; mtimeMs: number }> {
  let facts: Awaited<ReturnType<typeof stat>>;
  try {
    facts = await stat(path);
  } catch (thrown) {
    const cause = coerceError(thrown);
    throw transferErrors.TRANSFER_FILE_UNREADABLE(`${path} cannot be read: ${cause.message}`, { cause });
  }
  if (!facts.isFile()) throw transferErrors.TRANSFER_FILE_UNREADABLE(`${path} is not a file`);
  return { size: facts.size, mtimeMs: Math.max(0, facts.mtimeMs) };
}

/** How many parts of one file may wait in the pool's queue at once. */
const PARTS_AT_ONCE = 8;

async function hashParts(
  path: string,
  size: number,
  pool: HashPool,
  signal?: AbortSignal,
  onHashed?: (bytes: number) => void,
): Promise<string[] | null> {
  const hashes: string[] = new Array(partCountOf(size));
  let next = 0;
  let short = false;
  const lane = async () => {
    while (next < hashes.length && !short) {
      signal?.throwIfAborted();
      const part = next++;
      const { start, length } = partSpan(size, part);
      const hash = await pool.hashRange(path, start, length);
      if (hash === null) short = true;
      else hashes[part] = hash;
      onHashed?.(length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARTS_AT_ONCE, hashes.length) }, lane));
  return short ? null : hashes;
}
