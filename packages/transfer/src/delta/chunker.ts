/**
 * Content-defined chunks: a border lies where the bytes before it say so, so that an insertion moves the borders near it
 * and no others. Both sides must cut alike, so this is a format:
 *
 *   h = (h << 1) + GEAR[byte], 32 bits, started anew after MIN_CHUNK_BYTES of each chunk; GEAR is 256 numbers of 32 bits,
 *   big-endian, from SHA-256("croft gear 0"), SHA-256("croft gear 1"), … . A border lies behind the first byte where the top
 *   BORDER_BITS of h are zero, never within the first MIN_CHUNK_BYTES, and at MAX_CHUNK_BYTES in any case.
 *
 * Of 100 bytes 40 are looked at, and a chunk has 40 KiB on average. Around an edit of 64 KiB in place 127 KiB count as new, around
 * an insertion 45 KiB. The rule of FastCDC (Xia et al., USENIX ATC 2016), easier borders beyond 64 KiB, looked at 78 bytes and
 * counted 260 and 85 KiB: two streams that are out of step meet again late where most borders follow from the border before.
 *
 * A chunk is told by 12 bytes: its length and the CRC-32s of its two halves (the first is the shorter one). That is enough to
 * find it again and costs half of what a SHA-256 does. What is put together of chunks is proven by the whole SHA-256 of the
 * part, so two chunks that are told alike cost a retry, never wrong bytes; nobody gains by making such.
 *
 * This file is loaded by threads, so it imports nothing but Node's own.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

const KIBIBYTE = 1024;
export const MIN_CHUNK_BYTES = 24 * KIBIBYTE;
export const MAX_CHUNK_BYTES = 128 * KIBIBYTE;
const BORDER_BITS = 14;
/** Length and two CRC-32s, big-endian. */
export const RECORD_BYTES = 12;

const GEAR = gearTable();
const BORDER_MASK = (-1 << (32 - BORDER_BITS)) | 0;

/** What stretches of bytes consist of: a record for each chunk, in order. */
export class ChunkRecords {
  #bytes = Buffer.allocUnsafe(64 * KIBIBYTE);
  #used = 0;

  /**
   * Cuts `bytes`, which begin where a chunk does, and gives how many of them became chunks: all of them where they are the last,
   * else the rest may be cut only when more bytes are known. No chunk begins at `stopAt` or beyond.
   */
  cut(bytes: Uint8Array, areLast: boolean, stopAt = bytes.length): number {
    let at = 0;
    while (at < stopAt && at < bytes.length && (areLast || bytes.length - at >= MAX_CHUNK_BYTES)) {
      const length = firstBorder(bytes, at);
      this.#add(bytes, at, length);
      at += length;
    }
    return at;
  }

  /** All records so far, which are forgotten. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = new Uint8Array(this.#bytes.subarray(0, this.#used));
    this.#used = 0;
    return taken;
  }

  #add(bytes: Uint8Array, start: number, length: number): void {
    if (this.#used + RECORD_BYTES > this.#bytes.length)
      this.#bytes = Buffer.concat([this.#bytes], 2 * this.#bytes.length);
    const middle = start + (length >>> 1);
    this.#bytes.writeUInt32BE(length, this.#used);
    this.#bytes.writeUInt32BE(crc32(bytes.subarray(start, middle)), this.#used + 4);
    this.#bytes.writeUInt32BE(crc32(bytes.subarray(middle, start + length)), this.#used + 8);
    this.#used += RECORD_BYTES;
  }
}

/** Length of the first chunk of `bytes` from `start`. Two steps a turn: half the turns take a fifth of the time off. */
function firstBorder(bytes: Uint8Array, start: number): number {
  const length = Math.min(MAX_CHUNK_BYTES, bytes.length - start);
  const end = start + length;
  let hash = 0;
  let at = start + MIN_CHUNK_BYTES;
  for (; at + 1 < end; at += 2) {
    hash = ((hash << 1) + GEAR[bytes[at]!]!) | 0;
    if ((hash & BORDER_MASK) === 0) return at + 1 - start;
    hash = ((hash << 1) + GEAR[bytes[at + 1]!]!) | 0;
    if ((hash & BORDER_MASK) === 0) return at + 2 - start;
  }
  return length;
}

function gearTable(): Int32Array {
  const numbers = new Int32Array(256);
  for (let block = 0; block * 8 < numbers.length; block++) {
    const digest = createHash('sha256').update(`croft gear ${block}`).digest();
    for (let word = 0; word < 8; word++) numbers[block * 8 + word] = digest.readInt32BE(word * 4);
  }
  return numbers;
}
