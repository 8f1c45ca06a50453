/** The SHA-256s of an object's parts: kept beside long blobs, found by reading where they are needed anew. */
import { createHash } from 'node:crypto';
import { type BlobId, partCountOf } from '@croft/contract';
import { compositeId, isWholeId, partSpan, wholeId } from '../blob-hash.ts';
import { inLanes } from '../client/lanes.ts';
import type { Bucket, StoredObject } from './bucket.ts';
import type { S3Keys } from './s3-keys.ts';

const HASH_BYTES = 32;
const PARTS_AT_ONCE = 4;

/** The id that a blob of `size` bytes with these parts has. */
export function idOfParts(hashes: readonly Buffer[], size: number, like: BlobId): BlobId {
  const first = hashes[0];
  if (isWholeId(like) && first !== undefined && partCountOf(size) === 1)
    return wholeId(first.toString('hex'));
  return compositeId(hashes);
}

/** Raw SHA-256 of one part, read from the object of that etag; null where the object is gone or shorter. */
export async function hashOfPart(
  bucket: Bucket,
  key: string,
  object: StoredObject,
  part: number,
): Promise<Buffer | null> {
  const { start, length } = partSpan(object.size, part);
  const hash = createHash('sha256');
  if (length === 0) return hash.digest();
  const body = await bucket.read(key, { start, end: start + length, etag: object.etag });
  if (body === null) return null;
  let total = 0;
  for await (const chunk of body) {
    hash.update(chunk);
    total += chunk.length;
  }
  return total === length ? hash.digest() : null;
}

/** Reads a whole object once; null where it is gone. */
export async function hashesOfObject(
  bucket: Bucket,
  key: string,
  object: StoredObject,
): Promise<Buffer[] | null> {
  const hashes: (Buffer | null)[] = new Array(partCountOf(object.size)).fill(null);
  await inLanes(hashes.keys(), PARTS_AT_ONCE, async (part) => {
    hashes[part] = await hashOfPart(bucket, key, object, part);
  });
  return hashes.every((hash) => hash !== null) ? hashes : null;
}

/** Keeps the hashes of a long blob beside it; a whole blob's id is its hash. */
export async function keepPartHashes(
  bucket: Bucket,
  keys: S3Keys,
  id: BlobId,
  hashes: readonly Buffer[],
): Promise<void> {
  if (isWholeId(id)) return;
  const bytes = Buffer.concat(hashes);
  const sha256Hex = createHash('sha256').update(bytes).digest('hex');
  await bucket.put(keys.hashes(id), bytes, sha256Hex, { onlyNew: false });
}

/** The kept hashes of a long blob; null where they are lost or do not make the id. */
export async function keptPartHashes(
  bucket: Bucket,
  keys: S3Keys,
  id: BlobId,
  size: number,
): Promise<Buffer[] | null> {
  const count = partCountOf(size);
  const raw = await bucket.readAll(keys.hashes(id), count * HASH_BYTES).catch(() => null);
  if (raw === null || raw.length !== count * HASH_BYTES) return null;
  const hashes = Array.from({ length: count }, (_, part) =>
    raw.subarray(part * HASH_BYTES, (part + 1) * HASH_BYTES),
  );
  return compositeId(hashes) === id ? hashes : null;
}
