/**
 * Reading a blob out of a bucket so that no unverified byte leaves. Blobs of at most 1 MiB are held in memory. Of longer ones
 * each part that a range touches is read twice: hashed, then delivered, as long as it is still the same object (etag). So
 * memory stays at a chunk a reading, however long the parts are and however slowly somebody takes them; what is long goes
 * straight from the S3 server to clients anyway (`direct`).
 *
 * A part that was found right a moment ago is not hashed again for the next short range of it.
 *
 * A part that hashes wrong is hashed once more before the blob counts as damaged: bytes may also be damaged on their way here,
 * and a blob that is set aside is gone for everybody.
 */
import { type BlobId, MiB, partCountOf, partSizeOf } from '@croft/contract';
import { blobIdOfBytes, hexOf, isWholeId, partSpan } from '../blob-hash.ts';
import { transferErrors } from '../errors.ts';
import type { ByteRange, UnverifiedBlob } from '../store/blob-store.ts';
import { DamageFound } from '../store/damage-found.ts';
import type { VerifiedParts } from '../store/verified-parts.ts';
import type { Bucket, StoredObject } from './bucket.ts';
import { hashesOfObject, hashOfPart, idOfParts, keepPartHashes, keptPartHashes } from './part-hashes.ts';
import type { S3Keys } from './s3-keys.ts';

/** Up to here a blob is read into memory. */
export const IN_MEMORY_MAX_BYTES = MiB;

export interface StoredBlob extends StoredObject {
  readonly id: BlobId;
  readonly key: string;
  /** Read already, unverified; null for long ones. */
  readonly bytes: Buffer | null;
}

/** An object as it lies there. */
export function unverifiedObject(bucket: Bucket, key: string, { size, etag }: StoredObject): UnverifiedBlob {
  return {
    size,
    path: null,
    async *read({ start, end }) {
      yield* (await bucket.read(key, { start, end, etag })) ?? [];
    },
  };
}

/** Verified up to the end of the range's first part; the rest is verified as it is read. Throws DamageFound. */
export async function openVerified(
  bucket: Bucket,
  keys: S3Keys,
  blob: StoredBlob,
  range: ByteRange,
  verified: VerifiedParts,
): Promise<AsyncIterable<Uint8Array>> {
  if (blob.bytes !== null) {
    let { bytes } = blob;
    if (blobIdOfBytes(bytes) !== blob.id) bytes = await shortBytes(bucket, blob);
    if (blobIdOfBytes(bytes) !== blob.id) throw new DamageFound(`the bytes of ${blob.id} do not hash to it`);
    return once(bytes.subarray(range.start, range.end));
  }
  const hashes = await partHashesOf(bucket, keys, blob);
  const firstPart = Math.min(Math.floor(range.start / partSizeOf(blob.size)), hashes.length - 1);
  await verifyPart(bucket, blob, firstPart, hashes, verified);
  return deliver(bucket, blob, range, firstPart, hashes, verified);
}

async function* deliver(
  bucket: Bucket,
  blob: StoredBlob,
  range: ByteRange,
  firstPart: number,
  hashes: readonly Buffer[],
  verified: VerifiedParts,
): AsyncGenerator<Uint8Array> {
  for (let part = firstPart; part < hashes.length; part++) {
    const { start, length } = partSpan(blob.size, part);
    if (start >= range.end) return;
    if (part !== firstPart) await verifyPart(bucket, blob, part, hashes, verified);
    const from = Math.max(start, range.start);
    const to = Math.min(start + length, range.end);
    if (from >= to) continue;
    const body = await bucket.read(blob.key, { start: from, end: to, etag: blob.etag });
    if (body === null) throw goneWhileRead(blob.id);
    let left = to - from;
    for await (const chunk of body) {
      left -= chunk.length;
      yield chunk;
    }
    if (left !== 0) throw transferErrors.TRANSFER_STORE_UNREACHABLE('the S3 server broke off an answer');
  }
}

async function verifyPart(
  bucket: Bucket,
  blob: StoredBlob,
  part: number,
  hashes: readonly Buffer[],
  verified: VerifiedParts,
): Promise<void> {
  const name = `${blob.id} ${part}`;
  if (verified.isFresh(name, blob.etag)) return;
  const wanted = hashes[part];
  for (let reading = 0; reading < 2; reading++) {
    const found = await hashOfPart(bucket, blob.key, blob, part);
    if (found !== null && wanted !== undefined && found.equals(wanted))
      return verified.found(name, blob.etag);
  }
  throw new DamageFound(`part ${part} of ${blob.id} does not hash to its id`);
}

/** Hashes that got lost are found again by reading the whole blob; they are right where they make its id. */
async function partHashesOf(bucket: Bucket, keys: S3Keys, blob: StoredBlob): Promise<readonly Buffer[]> {
  if (isWholeId(blob.id)) return [Buffer.from(hexOf(blob.id), 'hex')];
  const kept = await keptPartHashes(bucket, keys, blob.id, blob.size);
  if (kept !== null) return kept;
  const found = await hashesOfObject(bucket, blob.key, blob);
  if (found?.length !== partCountOf(blob.size) || idOfParts(found, blob.size, blob.id) !== blob.id)
    throw new DamageFound(`the parts of ${blob.id} do not make it`);
  await keepPartHashes(bucket, keys, blob.id, found);
  return found;
}

async function shortBytes(bucket: Bucket, { id, key }: StoredBlob): Promise<Buffer> {
  const bytes = await bucket.readAll(key, IN_MEMORY_MAX_BYTES);
  if (bytes === null) throw goneWhileRead(id);
  return bytes;
}

function goneWhileRead(id: BlobId): Error {
  return transferErrors.TRANSFER_NOT_FOUND(`${id} was removed while it was read`);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}
