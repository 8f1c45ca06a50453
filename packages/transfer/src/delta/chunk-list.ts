/**
 * What a blob is made of, on the wire (application/x-croft-chunks): the records of its chunks in order (chunker.ts), some
 * 320 KB for a blob of 1 GiB. A record whose length is 0 is none: a farm that has nothing to tell yet sends one now and then.
 */
import { MiB } from '@croft/contract';
import { transferErrors } from '../errors.ts';
import type { HashPool } from '../files/hash-pool.ts';
import type { UnverifiedBlob } from '../store/blob-store.ts';
import { MAX_CHUNK_BYTES, MIN_CHUNK_BYTES, RECORD_BYTES } from './chunker.ts';
import { lostBase } from './told-bytes.ts';

export const CHUNKS_TYPE = 'application/x-croft-chunks';
/** Of longer blobs the list would fill the memory. */
export const DELTA_MAX_BYTES = 8 * 1024 * MiB;
/** A record that says nothing. */
export const NO_CHUNK = Buffer.alloc(RECORD_BYTES);

/** As much of a file as a thread cuts at once. */
const STRETCH_BYTES = 64 * MiB;
const BLOCK_BYTES = 4 * MiB;

/** The records of a blob, cut in a thread of the pool. What lies there is not verified. TRANSFER_BLOB_MISSING where it goes away. */
export async function* listChunks(blob: UnverifiedBlob, pool: HashPool): AsyncGenerator<Uint8Array> {
  yield* blob.path === null ? listRead(blob, pool) : listFile(blob.path, blob.size, pool);
}

async function* listFile(path: string, size: number, pool: HashPool): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < size; ) {
    const length = Math.min(STRETCH_BYTES, size - offset);
    const beyond = Math.min(MAX_CHUNK_BYTES, size - offset - length);
    const cut = await pool.cutFile({ path, offset, length, beyond, partBytes: null });
    if (cut === null) throw lostBase();
    yield cut.records;
    for (const chunk of chunksIn(cut.records)) offset += chunk.length;
  }
}

async function* listRead(blob: UnverifiedBlob, pool: HashPool): AsyncGenerator<Uint8Array> {
  const memory = new SharedArrayBuffer(MAX_CHUNK_BYTES + BLOCK_BYTES);
  const held = new Uint8Array(memory);
  let length = 0;
  let left = blob.size;
  for await (const bytes of blob.read({ start: 0, end: blob.size })) {
    left -= bytes.length;
    for (let at = 0; at < bytes.length; ) {
      const piece = bytes.subarray(at, at + held.length - length);
      held.set(piece, length);
      length += piece.length;
      at += piece.length;
      const areLast = left === 0 && at === bytes.length;
      if (length < held.length && !areLast) continue;
      const { records, used } = await pool.cutBytes({ memory, length, areLast });
      yield records;
      held.copyWithin(0, used, length);
      length -= used;
    }
  }
  if (left !== 0) throw lostBase();
}

/** A chunk as told: how long it is, and the record as a key. */
export interface ToldChunk {
  readonly length: number;
  readonly key: string;
}

/** The chunks of whole records, in order. */
export function* chunksIn(records: Uint8Array): Generator<ToldChunk> {
  const list = Buffer.from(records.buffer, records.byteOffset, records.length);
  for (let at = 0; at < list.length; at += RECORD_BYTES) {
    const length = list.readUInt32BE(at);
    if (length > 0) yield { length, key: list.toString('latin1', at, at + RECORD_BYTES) };
  }
}

/** Where in a base each of its chunks lies, by its key. */
export type ChunkPlaces = ReadonlyMap<string, number>;

/** Reads a list of a base of `sizeBytes`. TRANSFER_ANSWER_INVALID where it is none of that base. */
export function decodeChunks(list: Uint8Array, sizeBytes: number): ChunkPlaces {
  const places = new Map<string, number>();
  let offset = 0;
  const isWhole = list.length % RECORD_BYTES === 0;
  if (isWhole)
    for (const { length, key } of chunksIn(list)) {
      places.set(key, offset);
      offset += length;
    }
  if (!isWhole || offset !== sizeBytes)
    throw transferErrors.TRANSFER_ANSWER_INVALID('the farm told chunks that do not make up its file');
  return places;
}

/** Records that say nothing, at most: one every few seconds for hours. */
const NO_CHUNKS_AT_MOST = 10_000;

/** Bytes that the list of a base of `sizeBytes` has at most. */
export function longestChunkList(sizeBytes: number): number {
  return (Math.ceil(sizeBytes / MIN_CHUNK_BYTES) + 1 + NO_CHUNKS_AT_MOST) * RECORD_BYTES;
}
