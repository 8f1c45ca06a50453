/**
 * The entries of one commit on their way to the farm. A commit is one body whose hash is signed before its first byte goes, so
 * all entries must be known first; what is more than KEPT_BYTES of them waits in a file, not in memory.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KiB, MiB, type TreeEntry } from '@croft/contract';
import { asDiskError } from '../durable-files.ts';
import { writeNdjson } from '../ndjson.ts';

/** About 40,000 entries. */
const KEPT_BYTES = 8 * MiB;
const READ_BYTES = 256 * KiB;

export class EntrySpool {
  readonly #hash = createHash('sha256');
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  #bytes = 0;
  #folder: string | null = null;
  #file: FileHandle | null = null;

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  /** TRANSFER_NO_SPACE and the disk's other errors. */
  async add(entries: readonly TreeEntry[]): Promise<void> {
    for await (const piece of writeNdjson(entries)) {
      this.#hash.update(piece);
      this.#kept.push(piece);
      this.#keptBytes += piece.length;
      this.#bytes += piece.length;
      if (this.#keptBytes > KEPT_BYTES) await this.#spill();
    }
  }

  /** The body, from its beginning at each call; no entry may be added any more. */
  body(): { pieces: Iterable<Uint8Array>; bytes: number; sha256Hex: string } {
    const pieces = { [Symbol.iterator]: () => this.#pieces() };
    return { pieces, bytes: this.#bytes, sha256Hex: this.#hash.copy().digest('hex') };
  }

  /** Takes the file away. */
  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
    if (this.#folder !== null) await rm(this.#folder, { recursive: true, force: true });
    this.#folder = null;
  }

  async #spill(): Promise<void> {
    this.#folder ??= await mkdtemp(join(tmpdir(), 'croft-commit-'));
    try {
      this.#file ??= await open(this.#path, 'wx', 0o600);
      await this.#file.writev(this.#kept);
    } catch (thrown) {
      throw asDiskError(thrown, this.#folder);
    }
    this.#kept = [];
    this.#keptBytes = 0;
  }

  get #path(): string {
    return join(this.#folder!, 'entries');
  }

  /** Synchronous, as it is read from the page cache just after it was written. */
  *#pieces(): Generator<Uint8Array> {
    if (this.#folder !== null) {
      const file = openSync(this.#path, 'r');
      try {
        for (;;) {
          const piece = Buffer.allocUnsafe(READ_BYTES);
          const bytes = readSync(file, piece);
          if (bytes === 0) break;
          yield piece.subarray(0, bytes);
        }
      } finally {
        closeSync(file);
      }
    }
    yield* this.#kept;
  }
}
