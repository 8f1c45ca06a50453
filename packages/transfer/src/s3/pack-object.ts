/**
 * A pack as an object of the bucket: short blobs that arrived together, behind a table of them. A format: it stays.
 *
 *   0     4 bytes "CPO1"
 *   4     u32 count of blobs
 *   8     u32 CRC-32 of the table
 *   12    the table: for each blob 32 bytes SHA-256 and u32 size
 *   then  the bytes of each blob, one after the other, in the table's order
 *
 * Numbers are big-endian. The table stands in front, so that one short reading tells what an object holds; the sizes in it
 * must make the size of the object. That the bytes are right is the blobs' hashes' business.
 */
import { crc32 } from 'node:zlib';
import { PACK_MAX_BLOBS } from '@croft/contract';
import { hexOf } from '../blob-hash.ts';
import type { PackedBlob } from '../formats/pack.ts';

const MAGIC = 'CPO1';
export const HEAD_BYTES = 12;
/** What the table needs for a blob. */
export const ROW_BYTES = 36;
/** The longest beginning of an object that its table needs. */
export const TABLE_MAX_BYTES = HEAD_BYTES + PACK_MAX_BLOBS * ROW_BYTES;

/** Where the bytes of one blob are in an object. */
export interface BlobInObject {
  hash: Buffer;
  offset: number;
  size: number;
}

export function encodePackObject(blobs: readonly PackedBlob[]): { bytes: Buffer; places: BlobInObject[] } {
  const table = Buffer.alloc(blobs.length * ROW_BYTES);
  const places: BlobInObject[] = [];
  let offset = HEAD_BYTES + table.length;
  for (const [index, { id, bytes }] of blobs.entries()) {
    const hash = Buffer.from(hexOf(id), 'hex');
    table.set(hash, index * ROW_BYTES);
    table.writeUInt32BE(bytes.length, index * ROW_BYTES + 32);
    places.push({ hash, offset, size: bytes.length });
    offset += bytes.length;
  }
  const head = Buffer.alloc(HEAD_BYTES);
  head.write(MAGIC, 'latin1');
  head.writeUInt32BE(blobs.length, 4);
  head.writeUInt32BE(crc32(table), 8);
  return { bytes: Buffer.concat([head, table, ...blobs.map(({ bytes }) => bytes)], offset), places };
}

/** What an object of `objectBytes` holds, from its beginning; null where that is no table of it. */
export function tableOf(beginning: Buffer, objectBytes: number): BlobInObject[] | null {
  if (beginning.length < HEAD_BYTES || beginning.toString('latin1', 0, 4) !== MAGIC) return null;
  const count = beginning.readUInt32BE(4);
  const tableEnd = HEAD_BYTES + count * ROW_BYTES;
  if (count > PACK_MAX_BLOBS || beginning.length < tableEnd) return null;
  const table = beginning.subarray(HEAD_BYTES, tableEnd);
  if (crc32(table) !== beginning.readUInt32BE(8)) return null;
  const places: BlobInObject[] = [];
  let offset = tableEnd;
  for (let at = 0; at < table.length; at += ROW_BYTES) {
    const size = table.readUInt32BE(at + 32);
    places.push({ hash: table.subarray(at, at + 32), offset, size });
    offset += size;
  }
  return offset === objectBytes ? places : null;
}
