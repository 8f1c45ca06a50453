/**
 * Writing streams into files with the hash of what was written, away from the event loop.
 *
 * The bytes of a stream are gathered in shared blocks of 1 MiB, at most two a stream, and a thread hashes and writes each.
 * All blocks of a stream, and all streams of a file, go to one thread. So the loop that reads the network only copies memory, and a receiver
 * uses a second core. Blocks are used again: fresh memory for every block costs more than the copy. What a delta copies out of a
 * file, the thread reads there itself.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { KiB, MiB } from '@croft/contract';
import { FileStretch, lostBase, ToldBytes } from '../delta/told-bytes.ts';
import { GivenBody } from '../store/given-body.ts';
import { workerFiles } from '../worker-file.ts';
import type { WriteAnswer, WriteOrder } from './write-worker.ts';

const BLOCK_BYTES = MiB;
const ORDERS_A_STREAM = 2;
/** Blocks that are kept for later streams. */
const IDLE_BLOCKS = 16;
const MAX_THREADS = 4;
/** Shorter chunks may lie in memory that Node shares out. */
const OWN_MEMORY_BYTES = 32 * KiB;

/** Where a stream goes: `path` is made where absent and never shortened; null is nowhere. */
export interface WriteTarget {
  path: string | null;
  position: number;
  /** Whether the bytes must be on the disk before the call resolves. */
  sync: boolean;
}

interface Stream {
  thread: Thread;
  path: string | null;
  /** Orders that the thread has not done, in order: the block of each, null for a copy. */
  inFlight: (SharedArrayBuffer | null)[];
  failure: Error | null;
  sha256: Buffer | null;
  /** Wakes whoever waits for an answer about this stream. */
  wake: () => void;
}

interface Thread {
  worker: Worker;
  streams: Set<number>;
}

export class WriteThreads {
  readonly #most = Math.min(MAX_THREADS, availableParallelism());
  readonly #threads: Thread[] = [];
  readonly #streams = new Map<number, Stream>();
  readonly #idle: SharedArrayBuffer[] = [];
  #last = 0;

  /**
   * Writes all of `body`; returns its length and raw SHA-256. `eachChunk` may throw, which ends the writing. Rejects with
   * the error of the body or of the disk; what was written until then stays in the file.
   */
  async write(
    target: WriteTarget,
    body: AsyncIterable<Uint8Array>,
    eachChunk: (totalBytes: number) => void,
  ): Promise<{ bytes: number; sha256: Buffer }> {
    const number = ++this.#last;
    const stream = this.#begin(number, target);
    try {
      const bytes = await this.#feed(number, stream, body, eachChunk);
      this.#order(stream, { stream: number, kind: 'end', sync: target.sync });
      while (stream.sha256 === null) await this.#answer(stream);
      return { bytes, sha256: stream.sha256 };
    } catch (thrown) {
      this.#order(stream, { stream: number, kind: 'drop' });
      throw thrown;
    } finally {
      await this.#settle(number, stream);
    }
  }

  /** Ends all threads; writes under way reject. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.splice(0).map(({ worker }) => worker.terminate()));
  }

  async #feed(
    number: number,
    stream: Stream,
    body: AsyncIterable<Uint8Array>,
    eachChunk: (totalBytes: number) => void,
  ): Promise<number> {
    let total = 0;
    let block: SharedArrayBuffer | null = null;
    let view: Uint8Array = new Uint8Array(0);
    let length = 0;
    const isGiven = body instanceof GivenBody;
    const send = () => {
      if (block === null) return;
      stream.inFlight.push(block);
      this.#order(stream, { stream: number, kind: 'block', block, length });
      block = null;
    };
    try {
      for await (const chunk of body instanceof ToldBytes ? body.pieces() : body) {
        total += chunk.length;
        eachChunk(total);
        if (chunk instanceof FileStretch) {
          send();
          await this.#copy(number, stream, chunk);
          continue;
        }
        for (let at = 0; at < chunk.length; ) {
          if (block === null) {
            await this.#room(stream);
            block = this.#idle.pop() ?? new SharedArrayBuffer(BLOCK_BYTES);
            view = new Uint8Array(block);
            length = 0;
          }
          const piece = chunk.subarray(at, at + BLOCK_BYTES - length);
          view.set(piece, length);
          length += piece.length;
          at += piece.length;
          if (length === BLOCK_BYTES) send();
        }
        if (stream.failure !== null) throw stream.failure;
        if (isGiven) release(chunk);
      }
      send();
      return total;
    } finally {
      if (block !== null) this.#keep(block);
    }
  }

  async #copy(number: number, stream: Stream, { path, offset, length }: FileStretch): Promise<void> {
    await this.#room(stream);
    stream.inFlight.push(null);
    this.#order(stream, { stream: number, kind: 'copy', from: path, offset, length });
  }

  async #room(stream: Stream): Promise<void> {
    while (stream.inFlight.length >= ORDERS_A_STREAM) await this.#answer(stream);
    if (stream.failure !== null) throw stream.failure;
  }

  #begin(number: number, { path, position }: WriteTarget): Stream {
    const thread = this.#thread(path);
    const stream: Stream = { thread, path, inFlight: [], failure: null, sha256: null, wake: () => undefined };
    this.#streams.set(number, stream);
    if (thread.streams.size === 0) thread.worker.ref();
    thread.streams.add(number);
    this.#order(stream, { stream: number, kind: 'begin', path, position });
    return stream;
  }

  /** Blocks that the thread still holds are waited for: another stream must not write over them. */
  async #settle(number: number, stream: Stream): Promise<void> {
    while (stream.inFlight.length > 0 && this.#threads.includes(stream.thread)) {
      await new Promise<void>((wake) => {
        stream.wake = wake;
      });
    }
    this.#streams.delete(number);
    stream.thread.streams.delete(number);
    if (stream.thread.streams.size === 0) stream.thread.worker.unref();
  }

  async #answer(stream: Stream): Promise<void> {
    if (stream.failure === null) {
      await new Promise<void>((wake) => {
        stream.wake = wake;
      });
    }
    if (stream.failure !== null) throw stream.failure;
  }

  #order(stream: Stream, order: WriteOrder): void {
    stream.thread.worker.postMessage(order);
  }

  /**
   * The thread that writes this file already (two that write one file spin on its lock, which costs a core), else the one
   * with the fewest streams; a new one while there may be more.
   */
  #thread(path: string | null): Thread {
    for (const { thread, path: written } of this.#streams.values())
      if (path !== null && written === path) return thread;
    const freest = this.#threads.toSorted((a, b) => a.streams.size - b.streams.size)[0];
    if (freest !== undefined && (freest.streams.size === 0 || this.#threads.length === this.#most))
      return freest;
    const thread: Thread = { worker: new Worker(workerFiles.write), streams: new Set() };
    thread.worker.unref();
    thread.worker.on('message', (answer: WriteAnswer) => this.#answered(answer));
    thread.worker.on('error', (error) => this.#gone(thread, error));
    thread.worker.on('exit', () => this.#gone(thread, new Error('a writing thread ended early')));
    this.#threads.push(thread);
    return thread;
  }

  #answered(answer: WriteAnswer): void {
    const stream = this.#streams.get(answer.stream);
    if (stream === undefined) return;
    if (answer.kind === 'took') this.#keep(stream.inFlight.shift());
    if (answer.kind === 'ended') stream.sha256 = Buffer.from(answer.sha256);
    if (answer.kind === 'lost') stream.failure ??= lostBase(new Error(answer.message));
    if (answer.kind === 'failed')
      stream.failure ??= Object.assign(new Error(answer.message), { code: answer.code });
    stream.wake();
  }

  #keep(block: SharedArrayBuffer | null | undefined): void {
    if (block && this.#idle.length < IDLE_BLOCKS) this.#idle.push(block);
  }

  #gone(thread: Thread, error: Error): void {
    const place = this.#threads.indexOf(thread);
    if (place >= 0) this.#threads.splice(place, 1);
    for (const number of thread.streams) {
      const stream = this.#streams.get(number);
      if (stream === undefined) continue;
      stream.failure ??= error;
      stream.wake();
    }
  }
}

/**
 * Gives a chunk's memory back at once. Left to the collector, chunks from the network cost a whole collection every 24 MiB,
 * half the processor time of receiving. Short ones, and views of something longer, are left alone.
 */
function release(chunk: Uint8Array): void {
  const { buffer } = chunk;
  if (chunk.length < OWN_MEMORY_BYTES || chunk.length !== buffer.byteLength) return;
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
