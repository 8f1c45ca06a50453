/** Hashing away from the event loop: short ranges inline through libuv's threads, long ones in worker threads. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { KiB } from '@croft/contract';
import type { HashAnswer, HashJob } from './hash-worker.ts';
import { workerFiles } from './worker-file.ts';

/** Up to here a hash takes less time (0.5 ms) than it is worth to wake a thread for. */
const INLINE_MAX_BYTES = 1024 * KiB;
/** More threads only fight over the disk. */
const MAX_THREADS = 4;

interface Waiting {
  wish: HashJob;
  resolve(hex: string | null): void;
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
  #lastJob = 0;
  #closed = false;

  constructor(options: { threads?: number } = {}) {
    this.#threads = options.threads ?? Math.min(MAX_THREADS, availableParallelism());
  }

  /** Hex SHA-256 of `length` bytes from `offset`; null when the file is shorter. Rejects with the file's own error. */
  hashRange(path: string, offset: number, length: number): Promise<string | null> {
    if (this.#closed) return Promise.reject(new Error('the hash pool is closed'));
    if (length <= INLINE_MAX_BYTES) return hashInline(path, offset, length);
    return new Promise((resolve, reject) => {
      this.#queue.push({ wish: { job: ++this.#lastJob, path, offset, length }, resolve, reject });
      this.#feed();
    });
  }

  /** Ends all threads; hashes under way reject. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const waiting of this.#queue.splice(0)) waiting.reject(new Error('the hash pool was closed'));
    const workers = [...this.#idle.splice(0), ...this.#running.keys()];
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  #feed(): void {
    while (this.#queue.length > 0) {
      const worker = this.#idle.pop() ?? this.#start();
      if (worker === null) return;
      const next = this.#queue.shift()!;
      this.#running.set(worker, next);
      worker.ref();
      worker.postMessage(next.wish);
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
    if ('hex' in answer) waiting?.resolve(answer.hex);
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
