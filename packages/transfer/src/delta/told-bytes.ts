/**
 * The bytes that a delta body stands for, put together as they are asked for.
 *
 * Copies of a base that lies in a file may be had as stretches of that file (`pieces`), so that the thread which writes the new
 * blob takes them from there itself; everybody else gets bytes. The base is read unverified: what comes out is proven by the
 * hash of the part. Short copies come out of a window that is read around them. Senders make chunks of 24 KiB and more, so honest
 * ones never read much more than they get; others, who would have the farm read a window for every byte, are refused.
 */
import { KiB, MiB } from '@croft/contract';
import { transferErrors } from '../errors.ts';
import type { UnverifiedBlob } from '../store/blob-store.ts';
import { type DeltaRecord, malformedDelta, readRecords } from './delta-body.ts';

/** Bytes of a file, told by where they lie. */
export class FileStretch {
  readonly path: string;
  readonly offset: number;
  readonly length: number;

  constructor(path: string, offset: number, length: number) {
    this.path = path;
    this.offset = offset;
    this.length = length;
  }
}

/** Shorter copies come out of a window. */
const SHORT_BYTES = 16 * KiB;
const WINDOW_BYTES = 128 * KiB;
/** Windows may have so many bytes for each byte that came out, and so many before. */
const WINDOW_BYTES_A_BYTE = 16;
const WINDOW_BYTES_AT_FIRST = 16 * MiB;
/** So that whoever writes can be stopped now and then. */
const STRETCH_BYTES = 4 * MiB;

/** TRANSFER_BAD_REQUEST where the body is no delta or copies from beyond the base, TRANSFER_BLOB_MISSING where the base goes away. */
export class ToldBytes implements AsyncIterable<Uint8Array> {
  readonly #body: AsyncIterable<Uint8Array>;
  readonly #base: UnverifiedBlob;
  #window: { start: number; bytes: Buffer } = { start: 0, bytes: Buffer.alloc(0) };
  #made = 0;
  #windowBytes = 0;

  constructor(body: AsyncIterable<Uint8Array>, base: UnverifiedBlob) {
    this.#body = body;
    this.#base = base;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const record of readRecords(this.#body)) {
      const isLong = record.kind === 'copy' && this.#checked(record).length >= SHORT_BYTES;
      if (isLong) yield* this.#read(record.offset, record.length);
      else yield await this.#shortPiece(record);
    }
  }

  /** The same, long copies as stretches of the base's file where it is one. */
  async *pieces(): AsyncGenerator<Uint8Array | FileStretch> {
    const { path } = this.#base;
    if (path === null) return yield* this;
    for await (const record of readRecords(this.#body)) {
      if (record.kind === 'fresh' || this.#checked(record).length < SHORT_BYTES) {
        yield await this.#shortPiece(record);
        continue;
      }
      const { offset, length } = record;
      for (let done = 0; done < length; done += STRETCH_BYTES)
        yield new FileStretch(path, offset + done, Math.min(STRETCH_BYTES, length - done));
      this.#made += length;
    }
  }

  async #shortPiece(record: DeltaRecord): Promise<Uint8Array> {
    const bytes =
      record.kind === 'fresh' ? record.bytes : await this.#fromWindow(record.offset, record.length);
    this.#made += bytes.length;
    return bytes;
  }

  #checked<Copy extends { offset: number; length: number }>(copy: Copy): Copy {
    if (copy.offset + copy.length > this.#base.size)
      throw malformedDelta('a copy from beyond the end of its base');
    return copy;
  }

  async *#read(start: number, length: number): AsyncGenerator<Uint8Array> {
    let left = length;
    for await (const bytes of this.#base.read({ start, end: start + length })) {
      left -= bytes.length;
      this.#made += bytes.length;
      yield bytes;
    }
    if (left !== 0) throw lostBase();
  }

  /** A copy: the window stays ours. */
  async #fromWindow(offset: number, length: number): Promise<Uint8Array> {
    const { start, bytes } = this.#window;
    if (offset < start || offset + length > start + bytes.length) await this.#openWindow(offset);
    const from = offset - this.#window.start;
    const copied = Buffer.from(this.#window.bytes.subarray(from, from + length));
    if (copied.length < length) throw lostBase();
    return copied;
  }

  async #openWindow(start: number): Promise<void> {
    const end = Math.min(start + WINDOW_BYTES, this.#base.size);
    this.#windowBytes += end - start;
    if (this.#windowBytes > WINDOW_BYTES_AT_FIRST + WINDOW_BYTES_A_BYTE * this.#made)
      throw malformedDelta('short copies from all over its base');
    const chunks: Uint8Array[] = [];
    if (end > start) for await (const chunk of this.#base.read({ start, end })) chunks.push(chunk);
    this.#window = { start, bytes: Buffer.concat(chunks) };
  }
}

/** It was there when the request came. */
export function lostBase(cause?: unknown): Error {
  return transferErrors.TRANSFER_BLOB_MISSING('the base of a delta went away', { cause });
}
