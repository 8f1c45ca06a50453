/**
 * Cutting a stretch of a file into chunks and hashing its parts in the same reading, with blocking calls: for threads that do
 * nothing else. They load this file, so it imports nothing but Node's own.
 */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { ChunkRecords, MAX_CHUNK_BYTES } from './chunker.ts';

export interface StretchToCut {
  path: string;
  /** First byte of the stretch; a chunk begins there. */
  offset: number;
  length: number;
  /**
   * How far the last chunk may reach beyond the stretch to end at a border of its own: there a reader of the next stretch most
   * likely has one, too.
   */
  beyond: number;
  /** The stretch is hashed in parts of this size; null: not hashed. */
  partBytes: number | null;
}

export interface CutStretch {
  /** As in chunker.ts. */
  records: Uint8Array<ArrayBuffer>;
  /** Hex SHA-256s. */
  partHashes: string[];
}

const BLOCK_BYTES = 1024 * 1024;
/** What was read but is no chunk yet, and behind it the block that is read next. */
const memory = Buffer.allocUnsafeSlow(MAX_CHUNK_BYTES + BLOCK_BYTES);

/** null when the file ended before the stretch did. */
export function cutStretch({ path, offset, length, beyond, partBytes }: StretchToCut): CutStretch | null {
  const file = openSync(path, 'r');
  try {
    const records = new ChunkRecords();
    const parts = new PartHashes(partBytes, length);
    let held = 0;
    for (let done = 0; done < length + beyond; ) {
      const wanted = Math.min(BLOCK_BYTES, done < length ? length - done : length + beyond - done);
      const read = readSync(file, memory, held, wanted, offset + done);
      if (read === 0) return null;
      if (done < length) parts.update(memory.subarray(held, held + read));
      done += read;
      held += read;
      const used = records.cut(memory.subarray(0, held), done === length + beyond, length - (done - held));
      memory.copyWithin(0, used, held);
      held -= used;
    }
    return { records: records.take(), partHashes: parts.all };
  } finally {
    closeSync(file);
  }
}

/** SHA-256s of the parts of a stretch, the last of what is left. */
class PartHashes {
  readonly all: string[] = [];
  readonly #partBytes: number;
  #left: number;
  #inPart = 0;
  #hash: Hash = createHash('sha256');

  constructor(partBytes: number | null, length: number) {
    this.#partBytes = partBytes ?? 0;
    this.#left = partBytes === null ? 0 : length;
  }

  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && this.#left > 0; ) {
      const piece = bytes.subarray(at, at + this.#partBytes - this.#inPart);
      this.#hash.update(piece);
      at += piece.length;
      this.#inPart += piece.length;
      this.#left -= piece.length;
      if (this.#inPart < this.#partBytes && this.#left > 0) continue;
      this.all.push(this.#hash.digest('hex'));
      this.#hash = createHash('sha256');
      this.#inPart = 0;
    }
  }
}
