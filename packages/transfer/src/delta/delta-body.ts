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
import { MiB } from '@croft/contract';
import { transferErrors } from '../errors.ts';
import { ByteReader } from '../formats/byte-reader.ts';

export const DELTA_TYPE = 'application/x-croft-delta';

const COPY = 1;
const FRESH = 2;
const COPY_HEAD_BYTES = 11;
const FRESH_HEAD_BYTES = 5;
/** New bytes of one record at most: they are held in memory. */
const MAX_FRESH_BYTES = 4 * MiB;

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

/** The records of a body, as they come. TRANSFER_BAD_REQUEST where it has others. */
export async function* readRecords(body: AsyncIterable<Uint8Array>): AsyncGenerator<DeltaRecord> {
  const reader = new ByteReader(body);
  for (;;) {
    const tag = await reader.take(1);
    if (tag.length === 0) return;
    if (tag[0] === FRESH) {
      const length = (await wanted(reader, 4)).readUInt32BE(0);
      if (length > MAX_FRESH_BYTES) throw malformedDelta(`new bytes of ${length} in one record`);
      yield { kind: 'fresh', bytes: await wanted(reader, length) };
    } else if (tag[0] === COPY) {
      const head = await wanted(reader, COPY_HEAD_BYTES - 1);
      yield { kind: 'copy', offset: head.readUIntBE(0, 6), length: head.readUInt32BE(6) };
    } else throw malformedDelta(`a record of kind ${tag[0]}`);
  }
}

async function wanted(reader: ByteReader, bytes: number): Promise<Buffer> {
  const taken = await reader.take(bytes);
  if (taken.length < bytes) throw malformedDelta('an end in the middle of a record');
  return Buffer.from(taken.buffer, taken.byteOffset, taken.length);
}

export function malformedDelta(what: string): Error {
  return transferErrors.TRANSFER_BAD_REQUEST(`the delta body has ${what}`);
}
