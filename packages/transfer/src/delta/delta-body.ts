/**
 * A body that is told by another blob, the base: what is the same is named, what is new is sent.
 *
 *   body    = records to the end
 *   record  = 0x01, offset in the base (6 bytes), length (4 bytes)      copy from the base
 *           | 0x02, length (4 bytes), that many bytes                   new bytes
 *
 * Numbers are big-endian. What comes out is received like any other body: its length and SHA-256 must be those of the
 * part, so a wrong copy is refused, never stored.
 */
import type { BlobId } from '@croft/contract';
import { MiB } from '@croft/contract';
import type { BlobStore } from '../blob-store.ts';
import { ByteReader } from '../byte-reader.ts';
import { transferErrors } from '../errors.ts';

export const DELTA_TYPE = 'application/x-croft-delta';

const COPY = 1;
const FRESH = 2;
const COPY_HEAD_BYTES = 11;
const FRESH_HEAD_BYTES = 5;
/** New bytes of one record at most: they are held in memory. */
export const MAX_FRESH_BYTES = 4 * MiB;
/** A base is read in stretches of this size that begin at multiples of it, so that many short copies read it once. */
const STRETCH_BYTES = 4 * MiB;
const STRETCHES_HELD = 3;

/** A piece of a new file: some of the base, or bytes of its own. */
export type DeltaRecord =
  | { readonly kind: 'copy'; readonly offset: number; readonly length: number }
  | { readonly kind: 'fresh'; readonly bytes: Uint8Array };

export function encodeDelta(records: Iterable<DeltaRecord>): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (const record of records) {
    if (record.kind === 'copy') {
      const head = Buffer.alloc(COPY_HEAD_BYTES);
      head[0] = COPY;
      head.writeUIntBE(record.offset, 1, 6);
      head.writeUInt32BE(record.length, 7);
      pieces.push(head);
      continue;
    }
    for (let at = 0; at < record.bytes.length; at += MAX_FRESH_BYTES) {
      const bytes = record.bytes.subarray(at, at + MAX_FRESH_BYTES);
      const head = Buffer.alloc(FRESH_HEAD_BYTES);
      head[0] = FRESH;
      head.writeUInt32BE(bytes.length, 1);
      pieces.push(head, bytes);
    }
  }
  return pieces;
}

/** The bytes that a delta body stands for. TRANSFER_BAD_REQUEST where it is none or copies from beyond the base. */
export async function* decodeDelta(
  body: AsyncIterable<Uint8Array>,
  base: { store: Pick<BlobStore, 'read'>; id: BlobId; size: number },
): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(body);
  const stretches = new Stretches(base);
  for (;;) {
    const tag = await reader.take(1);
    if (tag.length === 0) return;
    if (tag[0] === FRESH) {
      const length = (await wanted(reader, 4)).readUInt32BE(0);
      if (length > MAX_FRESH_BYTES) throw malformed(`new bytes of ${length} in one record`);
      yield await wanted(reader, length);
    } else if (tag[0] === COPY) {
      const head = await wanted(reader, 10);
      yield* stretches.copy(head.readUIntBE(0, 6), head.readUInt32BE(6));
    } else throw malformed(`a record of kind ${tag[0]}`);
  }
}

async function wanted(reader: ByteReader, bytes: number): Promise<Buffer> {
  const taken = await reader.take(bytes);
  if (taken.length < bytes) throw malformed('an end in the middle of a record');
  return Buffer.from(taken.buffer, taken.byteOffset, taken.length);
}

function malformed(what: string): Error {
  return transferErrors.TRANSFER_BAD_REQUEST(`the delta body has ${what}`);
}

/** The base, read in long stretches of which the newest few are held. */
class Stretches {
  readonly #base: { store: Pick<BlobStore, 'read'>; id: BlobId; size: number };
  readonly #held = new Map<number, Buffer>();

  constructor(base: { store: Pick<BlobStore, 'read'>; id: BlobId; size: number }) {
    this.#base = base;
  }

  async *copy(offset: number, length: number): AsyncGenerator<Uint8Array> {
    if (offset + length > this.#base.size) throw malformed('a copy from beyond the end of its base');
    for (let at = offset; at < offset + length; ) {
      const number = Math.floor(at / STRETCH_BYTES);
      const stretch = await this.#stretch(number);
      const from = at - number * STRETCH_BYTES;
      const piece = stretch.subarray(from, Math.min(stretch.length, from + offset + length - at));
      yield piece;
      at += piece.length;
    }
  }

  async #stretch(number: number): Promise<Buffer> {
    const held = this.#held.get(number);
    if (held !== undefined) return held;
    const start = number * STRETCH_BYTES;
    const chunks: Uint8Array[] = [];
    const { body } = await this.#base.store.read(this.#base.id, { start, end: start + STRETCH_BYTES });
    for await (const chunk of body) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    if (this.#held.size === STRETCHES_HELD) this.#held.delete(this.#held.keys().next().value!);
    this.#held.set(number, bytes);
    return bytes;
  }
}
