/**
 * The entries of an upload's commits on their way to the farm. A commit is one body whose hash is signed before its first byte
 * goes, so its entries must be known first; what is more than KEPT_BYTES of them waits in a file, not in memory. Up to
 * MAX_COMMIT_LINES of them are one commit, of more each as many.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KiB, MAX_COMMIT_LINES, MiB, type TreeEntry } from '@croft/contract';
import { asDiskError } from '../files/durable-files.ts';
import { writeNdjson } from '../formats/ndjson.ts';

/** About 40,000 entries. */
const KEPT_BYTES = 8 * MiB;
const READ_BYTES = 256 * KiB;

/** The body of one commit; `pieces` from its beginning each time. */
export interface CommitBody {
  readonly pieces: Iterable<Uint8Array>;
  readonly bytes: number;
  readonly sha256Hex: string;
}

export class EntrySpool {
  readonly #mostLines: number;
  readonly #commits: { lines: number; from: number; bytes: number; hash: ReturnType<typeof createHash> }[] =
    [];
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  #writtenBytes = 0;
  #folder: string | null = null;
  #file: FileHandle | null = null;

  constructor(mostLines = MAX_COMMIT_LINES) {
    this.#mostLines = mostLines;
  }

  get isEmpty(): boolean {
    return this.#commits.length === 0;
  }

  /** TRANSFER_NO_SPACE and the disk's other errors. */
  async add(entries: readonly TreeEntry[]): Promise<void> {
    for (let at = 0; at < entries.length; ) {
      const commit = this.#openCommit();
      const some = entries.slice(at, at + this.#mostLines - commit.lines);
      for await (const piece of writeNdjson(some)) {
        commit.hash.update(piece);
        commit.bytes += piece.length;
        this.#kept.push(piece);
        this.#keptBytes += piece.length;
        if (this.#keptBytes > KEPT_BYTES) await this.#spill();
      }
      commit.lines += some.length;
      at += some.length;
    }
  }

  /** The commits, in the order in which the entries came, at least one; no entry may be added any more. */
  bodies(): CommitBody[] {
    if (this.isEmpty) this.#openCommit();
    return this.#commits.map(({ from, bytes, hash }) => ({
      pieces: { [Symbol.iterator]: () => this.#pieces(from, from + bytes) },
      bytes,
      sha256Hex: hash.copy().digest('hex'),
    }));
  }

  /** Takes the file away. */
  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
    if (this.#folder !== null) await rm(this.#folder, { recursive: true, force: true });
    this.#folder = null;
  }

  #openCommit() {
    const last = this.#commits.at(-1);
    if (last !== undefined && last.lines < this.#mostLines) return last;
    const commit = {
      lines: 0,
      from: this.#writtenBytes + this.#keptBytes,
      bytes: 0,
      hash: createHash('sha256'),
    };
    this.#commits.push(commit);
    return commit;
  }

  async #spill(): Promise<void> {
    this.#folder ??= await mkdtemp(join(tmpdir(), 'croft-commit-'));
    try {
      this.#file ??= await open(this.#path, 'wx', 0o600);
      await this.#file.writev(this.#kept);
    } catch (thrown) {
      throw asDiskError(thrown, this.#folder);
    }
    this.#writtenBytes += this.#keptBytes;
    this.#kept = [];
    this.#keptBytes = 0;
  }

  get #path(): string {
    return join(this.#folder!, 'entries');
  }

  /** Bytes `from` to `end` of all. */
  *#pieces(from: number, end: number): Generator<Uint8Array> {
    if (from < this.#writtenBytes) yield* this.#written(from, Math.min(end, this.#writtenBytes));
    let at = this.#writtenBytes;
    for (const piece of this.#kept) {
      const part = piece.subarray(Math.max(0, from - at), Math.max(0, end - at));
      if (part.length > 0) yield part;
      at += piece.length;
    }
  }

  /** Synchronous, as it is read from the page cache just after it was written. */
  *#written(from: number, end: number): Generator<Uint8Array> {
    const file = openSync(this.#path, 'r');
    try {
      for (let at = from; at < end; ) {
        const piece = Buffer.allocUnsafe(Math.min(READ_BYTES, end - at));
        const bytes = readSync(file, piece, 0, piece.length, at);
        if (bytes === 0) return;
        yield piece.subarray(0, bytes);
        at += bytes;
      }
    } finally {
      closeSync(file);
    }
  }
}
