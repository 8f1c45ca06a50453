/**
 * Content-defined chunks: a border lies where the bytes before it say so, so that an insertion moves the borders near it
 * and no others. Both sides must cut alike, so this is a format:
 *
 *   h = (h << 1) + GEAR[byte], 32 bits, started anew after each border; GEAR is 256 numbers of 32 bits, big-endian, from
 *   SHA-256("croft gear 0"), SHA-256("croft gear 1"), … . No border within the first MIN_CHUNK_BYTES. Up to
 *   TYPICAL_CHUNK_BYTES a border needs STRICT_BITS zeros at the top of h, beyond it EASY_BITS, and at MAX_CHUNK_BYTES
 *   there is one in any case. (Normalised chunking as in FastCDC, Xia et al., USENIX ATC 2016.)
 *
 * A chunk's name is the first 16 bytes of its SHA-256: enough to find it again. What is put together of chunks is proven
 * by the whole SHA-256 of the part, so two chunks of one name cost a retry, never wrong bytes.
 */
import { createHash } from 'node:crypto';
import { KiB } from '@croft/contract';

export const MIN_CHUNK_BYTES = 16 * KiB;
const TYPICAL_CHUNK_BYTES = 64 * KiB;
export const MAX_CHUNK_BYTES = 256 * KiB;
const STRICT_BITS = 18;
const EASY_BITS = 14;
export const CHUNK_NAME_BYTES = 16;

/** A chunk of some bytes: how long it is and its name. */
export interface Chunk {
  readonly length: number;
  readonly name: Buffer;
}

const GEAR = gearTable();
const STRICT_MASK = topBits(STRICT_BITS);
const EASY_MASK = topBits(EASY_BITS);

/** Cuts a stream; memory is one chunk, however long the stream is. */
export async function* chunksOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Chunk> {
  let held: Buffer = Buffer.alloc(0);
  for await (const piece of body) {
    held =
      held.length === 0
        ? Buffer.from(piece.buffer, piece.byteOffset, piece.length)
        : Buffer.concat([held, piece]);
    let at = 0;
    while (held.length - at >= MAX_CHUNK_BYTES) {
      const end = at + borderIn(held, at, at + MAX_CHUNK_BYTES);
      yield chunkOf(held.subarray(at, end));
      at = end;
    }
    // A copy: the piece is the stream's to use again.
    held = Buffer.from(held.subarray(at));
  }
  for (let at = 0; at < held.length; ) {
    const end = at + borderIn(held, at, held.length);
    yield chunkOf(held.subarray(at, end));
    at = end;
  }
}

/** Length of the first chunk of `bytes` from `start`, which ends at `end` at the latest. */
function borderIn(bytes: Uint8Array, start: number, end: number): number {
  const length = Math.min(MAX_CHUNK_BYTES, end - start);
  if (length <= MIN_CHUNK_BYTES) return length;
  const easyFrom = start + Math.min(length, TYPICAL_CHUNK_BYTES);
  const last = start + length;
  let hash = 0;
  let at = start + MIN_CHUNK_BYTES;
  for (; at < easyFrom; at++) {
    hash = ((hash << 1) + GEAR[bytes[at]!]!) | 0;
    if ((hash & STRICT_MASK) === 0) return at + 1 - start;
  }
  for (; at < last; at++) {
    hash = ((hash << 1) + GEAR[bytes[at]!]!) | 0;
    if ((hash & EASY_MASK) === 0) return at + 1 - start;
  }
  return length;
}

function chunkOf(bytes: Uint8Array): Chunk {
  const name = createHash('sha256').update(bytes).digest().subarray(0, CHUNK_NAME_BYTES);
  return { length: bytes.length, name };
}

function gearTable(): Int32Array {
  const numbers = new Int32Array(256);
  for (let block = 0; block * 8 < numbers.length; block++) {
    const digest = createHash('sha256').update(`croft gear ${block}`).digest();
    for (let word = 0; word < 8; word++) numbers[block * 8 + word] = digest.readInt32BE(word * 4);
  }
  return numbers;
}

function topBits(count: number): number {
  return (-1 << (32 - count)) | 0;
}
