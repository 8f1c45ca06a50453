/**
 * The wire pack: small blobs in one body. Format and limits are in contract's `wire-transfer.ts`. Both sides hold a pack
 * in memory (at most 32 MiB), because the receiver keeps all of it or nothing, and the sender signs its hash.
 */
import { hash } from 'node:crypto';
import {
  type BlobId,
  blobIdSchema,
  PACK_MAX_BLOB_BYTES,
  PACK_MAX_BLOBS,
  PACK_MAX_BYTES,
  PACK_MAX_HEADER_BYTES,
} from '@croft/contract';
import { wholeId } from '../blob-hash.ts';
import { transferErrors } from '../errors.ts';
import { ByteReader } from './byte-reader.ts';
import { packHeader } from './pack-header.ts';

export interface PackedBlob {
  id: BlobId;
  bytes: Uint8Array;
}

/** Bytes that one blob adds to a pack beyond its own, at most. */
export const PACK_OVERHEAD_BYTES = 128;

/** The body of a pack, as pieces to be written one after the other. Throws RangeError over the limits. */
export function encodePack(blobs: readonly PackedBlob[]): Uint8Array[] {
  if (blobs.length > PACK_MAX_BLOBS) throw new RangeError('too many blobs for a pack');
  const pieces: Uint8Array[] = [];
  let total = 0;
  for (const { id, bytes } of blobs) {
    if (bytes.length > PACK_MAX_BLOB_BYTES) throw new RangeError('a blob is too long for a pack');
    const header = packHeader(id, bytes.length);
    pieces.push(header, bytes);
    total += header.length + bytes.length;
  }
  if (total > PACK_MAX_BYTES) throw new RangeError('too many bytes for a pack');
  return pieces;
}

/**
 * The blobs of a pack, in order, each proven to hash to its id. Throws TRANSFER_PACK_INVALID for a damaged or cut pack,
 * TRANSFER_TOO_LARGE over a limit (before the bytes are read), TRANSFER_HASH_MISMATCH for bytes that are not their id.
 */
export async function* decodePack(body: AsyncIterable<Uint8Array>): AsyncGenerator<PackedBlob> {
  const reader = new ByteReader(body);
  let total = 0;
  for (let count = 0; ; count++) {
    const prefix = await reader.take(4);
    if (prefix.length === 0) return;
    if (prefix.length < 4) throw transferErrors.TRANSFER_PACK_INVALID('the pack ends inside a length');
    if (count === PACK_MAX_BLOBS)
      throw transferErrors.TRANSFER_TOO_LARGE(`a pack holds at most ${PACK_MAX_BLOBS} blobs`);
    const headerBytes = Buffer.from(prefix).readUInt32BE();
    if (headerBytes > PACK_MAX_HEADER_BYTES)
      throw transferErrors.TRANSFER_TOO_LARGE('a blob header is over 64 KiB');
    const { id, size } = parseHeader(await reader.take(headerBytes), headerBytes);
    total += 4 + headerBytes + size;
    if (total > PACK_MAX_BYTES) throw transferErrors.TRANSFER_TOO_LARGE('a pack has at most 32 MiB');
    const bytes = await reader.take(size);
    if (bytes.length < size) throw transferErrors.TRANSFER_PACK_INVALID('the pack ends inside a blob');
    if (wholeId(hash('sha256', bytes, 'hex')) !== id)
      throw transferErrors.TRANSFER_HASH_MISMATCH(`the bytes sent as ${id} hash to another id`);
    yield { id, bytes };
  }
}

function parseHeader(raw: Uint8Array, promised: number): { id: BlobId; size: number } {
  if (raw.length < promised) throw transferErrors.TRANSFER_PACK_INVALID('the pack ends inside a header');
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(raw).toString('utf8'));
  } catch (cause) {
    throw transferErrors.TRANSFER_PACK_INVALID('a blob header is not JSON', { cause });
  }
  const { id, size } = (value ?? {}) as { id?: unknown; size?: unknown };
  const parsed = blobIdSchema.safeParse(id);
  if (!parsed.success || typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw transferErrors.TRANSFER_PACK_INVALID('a blob header must be {"id": blob id, "size": bytes}');
  }
  if (size > PACK_MAX_BLOB_BYTES)
    throw transferErrors.TRANSFER_TOO_LARGE('a blob in a pack has at most 4 MiB');
  return { id: parsed.data, size };
}
