/**
 * Blob ids: the name of immutable bytes. A format: it stays.
 *
 *   sha256-<64 hex>    bytes of at most 16 MiB: SHA-256 of the bytes
 *   sha256p-<64 hex>   longer: SHA-256 over the concatenated raw SHA-256s of fixed parts. The part size is 16 MiB,
 *                      doubled until there are at most 10,000 parts. This is the composite SHA-256 that S3 computes
 *                      for a multipart upload, so S3 verifies it, and parts can be hashed and fetched in any order.
 *
 * The size is not in the id but decides the part size, so whoever stores an id stores the size beside it.
 */
import { MiB } from './units.ts';

export const SMALLEST_PART_BYTES = 16 * MiB;
export const MAX_PARTS = 10_000;

export type BlobId = string & { readonly __blobId: never };

const PATTERN = /^sha256p?-[0-9a-f]{64}$/;

export function isBlobId(text: unknown): text is BlobId {
  return typeof text === 'string' && PATTERN.test(text);
}

/** Part size in bytes of a blob of `sizeBytes`; a blob of at most 16 MiB is one part. */
export function partSizeOf(sizeBytes: number): number {
  let part = SMALLEST_PART_BYTES;
  while (sizeBytes > part * MAX_PARTS) part *= 2;
  return part;
}

/** Number of parts, at least 1 (the empty blob has one empty part). */
export function partCountOf(sizeBytes: number): number {
  return Math.max(1, Math.ceil(sizeBytes / partSizeOf(sizeBytes)));
}
