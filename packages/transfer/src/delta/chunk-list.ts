/**
 * What a blob is made of, on the wire (application/x-croft-chunks): for each chunk in order its length (4 bytes,
 * big-endian) and its name (16 bytes). Some 320 KB for a blob of 1 GiB.
 */
import { transferErrors } from '../errors.ts';
import { CHUNK_NAME_BYTES, type Chunk, MAX_CHUNK_BYTES, MIN_CHUNK_BYTES } from './chunker.ts';

export const CHUNKS_TYPE = 'application/x-croft-chunks';

const RECORD_BYTES = 4 + CHUNK_NAME_BYTES;
/** Records of one piece of the answer. */
const RECORDS_AT_ONCE = 1024;

export async function* encodeChunks(chunks: AsyncIterable<Chunk>): AsyncGenerator<Buffer> {
  let piece = Buffer.alloc(RECORDS_AT_ONCE * RECORD_BYTES);
  let used = 0;
  for await (const { length, name } of chunks) {
    piece.writeUInt32BE(length, used);
    name.copy(piece, used + 4);
    used += RECORD_BYTES;
    if (used < piece.length) continue;
    yield piece;
    piece = Buffer.alloc(RECORDS_AT_ONCE * RECORD_BYTES);
    used = 0;
  }
  if (used > 0) yield piece.subarray(0, used);
}

/** Where in a base each of its chunks lies, by the chunk's name in hex. */
export type ChunkPlaces = ReadonlyMap<string, { readonly offset: number; readonly length: number }>;

/** Reads a list of a base of `sizeBytes`. TRANSFER_ANSWER_INVALID where it is none of that base. */
export function decodeChunks(list: Buffer, sizeBytes: number): ChunkPlaces {
  const places = new Map<string, { offset: number; length: number }>();
  let offset = 0;
  for (let at = 0; at + RECORD_BYTES <= list.length; at += RECORD_BYTES) {
    const length = list.readUInt32BE(at);
    if (length === 0 || length > MAX_CHUNK_BYTES) break;
    places.set(list.toString('hex', at + 4, at + RECORD_BYTES), { offset, length });
    offset += length;
  }
  if (offset !== sizeBytes || list.length % RECORD_BYTES !== 0)
    throw transferErrors.TRANSFER_ANSWER_INVALID('the farm told chunks that do not make up its file');
  return places;
}

/** Bytes that the list of a base of `sizeBytes` has at most. */
export function longestChunkList(sizeBytes: number): number {
  return (Math.ceil(sizeBytes / MIN_CHUNK_BYTES) + 1) * RECORD_BYTES;
}
