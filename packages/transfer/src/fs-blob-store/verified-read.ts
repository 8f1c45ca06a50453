/**
 * Reading a blob's file so that no unverified byte leaves: each part that a range touches is hashed from the open file
 * first (in a worker when long, and not again for the next short range of it), then delivered. Two passes, the second out of
 * the page cache, keep memory at one chunk even where a part has 128 MiB.
 */
import { createHash } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { type BlobId, KiB, partCountOf, partSizeOf } from '@croft/contract';
import { compositeId, hexOf, isWholeId, partSpan } from '../blob-hash.ts';
import type { HashPool } from '../files/hash-pool.ts';
import type { ByteRange } from '../store/blob-store.ts';
import { DamageFound } from '../store/damage-found.ts';
import type { VerifiedParts } from '../store/verified-parts.ts';

const CHUNK_BYTES = 256 * KiB;

export interface BlobFile {
  id: BlobId;
  path: string;
  partHashesPath: string;
  size: number;
}

interface Verifying {
  pool: HashPool;
  verified: VerifiedParts;
}

/** Opens and verifies up to the end of the first part of the range; the rest is verified as it is read. */
export async function openVerified(
  blob: BlobFile,
  range: ByteRange,
  verifying: Verifying,
): Promise<AsyncIterable<Uint8Array>> {
  const hashes = await partHashesOf(blob);
  const partBytes = partSizeOf(blob.size);
  const firstPart = Math.min(Math.floor(range.start / partBytes), hashes.length - 1);
  await verifyPart(blob, firstPart, hashes, verifying);
  return deliver(blob, range, firstPart, hashes, verifying);
}

/** Opens the file only when somebody reads: a body that nobody takes (its client hung up) must hold nothing open. */
async function* deliver(
  blob: BlobFile,
  range: ByteRange,
  firstPart: number,
  hashes: string[],
  verifying: Verifying,
): AsyncGenerator<Uint8Array> {
  const file = await open(blob.path, 'r');
  try {
    for (let part = firstPart; part < hashes.length; part++) {
      const { start, length } = partSpan(blob.size, part);
      if (start >= range.end) return;
      if (part !== firstPart) await verifyPart(blob, part, hashes, verifying);
      const from = Math.max(start, range.start);
      const to = Math.min(start + length, range.end);
      for (let at = from; at < to; at += CHUNK_BYTES) {
        const bytes = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, to - at));
        const { bytesRead } = await file.read(bytes, 0, bytes.length, at);
        if (bytesRead < bytes.length) throw new DamageFound(`${blob.id} became shorter while it was read`);
        yield bytes;
      }
    }
  } finally {
    await file.close();
  }
}

async function verifyPart(
  blob: BlobFile,
  part: number,
  hashes: string[],
  { pool, verified }: Verifying,
): Promise<void> {
  const name = `${blob.id} ${part}`;
  const { ino, size, mtimeNs, ctimeNs } = await stat(blob.path, { bigint: true });
  const state = `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  if (verified.isFresh(name, state)) return;
  const { start, length } = partSpan(blob.size, part);
  const hash = await pool.hashRange(blob.path, start, length);
  if (hash !== hashes[part]) throw new DamageFound(`part ${part} of ${blob.id} does not hash to its id`);
  verified.found(name, state);
}

async function partHashesOf(blob: BlobFile): Promise<string[]> {
  if (isWholeId(blob.id)) return [hexOf(blob.id)];
  const raw = await readFile(blob.partHashesPath).catch(() => Buffer.alloc(0));
  const hashes = Array.from({ length: raw.length / 32 }, (_, part) =>
    raw.subarray(part * 32, part * 32 + 32),
  );
  if (raw.length !== partCountOf(blob.size) * 32 || compositeId(hashes) !== blob.id) {
    throw new DamageFound(`the part hashes of ${blob.id} are lost or damaged`);
  }
  return hashes.map((hash) => hash.toString('hex'));
}

/** Bytes in memory against a whole id. */
export function hashesTo(bytes: Uint8Array, id: BlobId): boolean {
  return createHash('sha256').update(bytes).digest('hex') === hexOf(id);
}
