/** Reading and hashing files away from the event loop: what is short inline, the rest in worker threads. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { KiB } from '@croft/contract';
import type { CutStretch, StretchToCut } from '../delta/cut-file.ts';
import { workerFiles } from '../worker-file.ts';
import type { BytesToCut, CutBytes, HashAnswer, HashOrder, HashResults } from './hash-worker.ts';
import { type FileLook, lookAt, lookForNames } from './read-files.ts';
import { type FilesToPack, type PackedFiles, packFiles } from './read-packs.ts';

/** Up to here a hash takes less time (0.5 ms) than it is worth to wake a thread for. */
const INLINE_MAX_BYTES = 1024 * KiB;
/** More threads only fight over the disk. */
const MAX_THREADS = 4;

/** Up to so many short files cost less than waking a thread. */
const FEW_FILES = 4;
/** Of one order: a disk that is slow is asked by several threads, one that is fast has no time to wake them. */
const NAMES_AT_ONCE = 2500;

interface Waiting {
  order: HashOrder;
  resolve(result: HashResults[keyof HashResults]): void;
  reject(error: Error): void;
}

/**
 * A pool of at most `threads` workers, started when first needed. An idle pool does not keep the process alive; a busy
 * one does. Memory is one buffer of 1 MiB a thread, however long the files are.
 */
export class HashPool {
  readonly #threads: number;
  readonly #idle: Worker[] = [];
  readonly #running = new Map<Worker, Waiting>();
  readonly #queue: Waiting[] = [];
  #closed = false;

  constructor(options: { threads?: number } = {}) {
    this.#threads = options.threads ?? Math.min(MAX_THREADS, availableParallelism());
  }

  /**
   * Hex SHA-256 of `length` bytes from `offset`, which lie at the start of `into` then where it is given; null when the file
   * is shorter. Rejects with the file's own error.
   */
  async hashRange(
    path: string,
    offset: number,
    length: number,
    into: SharedArrayBuffer | null = null,
  ): Promise<string | null> {
    if (into === null && length <= INLINE_MAX_BYTES && !this.#closed) return hashInline(path, offset, length);
    return this.#run({ kind: 'range', path, offset, length, into });
  }

  /** Size and time of each file, or why there is none. */
  async look(paths: readonly string[]): Promise<FileLook[]> {
    return paths.length <= FEW_FILES ? paths.map(lookAt) : this.#run({ kind: 'look', paths });
  }

  /** Which of the names are there below a folder, in their order. */
  async there(folder: string, names: readonly string[]): Promise<boolean[]> {
    if (names.length <= FEW_FILES) return Array.from(lookForNames({ folder, names }), Boolean);
    const groups = Array.from({ length: Math.ceil(names.length / NAMES_AT_ONCE) }, (_, group) =>
      names.slice(group * NAMES_AT_ONCE, (group + 1) * NAMES_AT_ONCE),
    );
    const found = await Promise.all(groups.map((some) => this.#run({ kind: 'there', folder, names: some })));
    return found.flatMap((some) => Array.from(some, Boolean));
  }

  /** Reads short files, and lays them into a pack. */
  async pack(files: FilesToPack): Promise<PackedFiles> {
    return files.paths.length <= FEW_FILES ? packFiles(files) : this.#run({ kind: 'pack', ...files });
  }

  /** The chunks of a stretch of a file, and the hashes of its parts; null when the file is shorter. */
  async cutFile(stretch: StretchToCut): Promise<CutStretch | null> {
    return this.#run({ kind: 'cutFile', ...stretch });
  }

  /** The chunks that bytes in memory begin with. */
  async cutBytes(bytes: BytesToCut): Promise<CutBytes> {
    return this.#run({ kind: 'cutBytes', ...bytes });
  }

  /** Ends all threads; hashes under way reject. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const waiting of this.#queue.splice(0)) waiting.reject(new Error('the hash pool was closed'));
    const workers = [...this.#idle.splice(0), ...this.#running.keys()];
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  #run<Order extends HashOrder>(order: Order): Promise<HashResults[Order['kind']]> {
    if (this.#closed) return Promise.reject(new Error('the hash pool is closed'));
    return new Promise((resolve, reject) => {
      // A thread answers an order with what its kind is answered with.
      this.#queue.push({ order, resolve: resolve as Waiting['resolve'], reject });
      this.#feed();
    });
  }

  #feed(): void {
    while (this.#queue.length > 0) {
      const worker = this.#idle.pop() ?? this.#start();
      if (worker === null) return;
      const next = this.#queue.shift()!;
      this.#running.set(worker, next);
      worker.ref();
      worker.postMessage(next.order);
    }
  }

  #start(): Worker | null {
    if (this.#running.size + this.#idle.length >= this.#threads) return null;
    const worker = new Worker(workerFiles.hash);
    worker.on('message', (answer: HashAnswer) => this.#answered(worker, answer));
    worker.on('error', (error) => this.#gone(worker, error));
    worker.on('exit', () => this.#gone(worker, new Error('a hash thread ended early')));
    return worker;
  }

  #answered(worker: Worker, answer: HashAnswer): void {
    const waiting = this.#running.get(worker);
    this.#running.delete(worker);
    worker.unref();
    this.#idle.push(worker);
    if ('result' in answer) waiting?.resolve(answer.result);
    else waiting?.reject(Object.assign(new Error(answer.failure.message), { code: answer.failure.code }));
    this.#feed();
  }

  #gone(worker: Worker, error: Error): void {
    this.#running.get(worker)?.reject(error);
    this.#running.delete(worker);
    const place = this.#idle.indexOf(worker);
    if (place >= 0) this.#idle.splice(place, 1);
    if (!this.#closed) this.#feed();
  }
}

async function hashInline(path: string, offset: number, length: number): Promise<string | null> {
  const file = await open(path, 'r');
  try {
    const bytes = Buffer.allocUnsafe(length);
    let done = 0;
    while (done < length) {
      const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
      if (bytesRead === 0) return null;
      done += bytesRead;
    }
    return createHash('sha256').update(bytes).digest('hex');
  } finally {
    await file.close();
  }
}
