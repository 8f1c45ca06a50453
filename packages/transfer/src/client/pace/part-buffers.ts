/**
 * Memory for what goes out, used again: fresh memory for each part of 16 MiB costs a page fault every 4 KiB. It is shared, so
 * that the threads that read and hash files write into what is sent.
 */

/** Buffers that are kept while nobody uses them. */
const IDLE_BUFFERS = 8;

export class PartBuffers {
  readonly #idle: SharedArrayBuffer[] = [];

  /** Lends at least `length` bytes, with whatever was in them, until `use` is over. */
  async lend<Result>(length: number, use: (memory: SharedArrayBuffer) => Promise<Result>): Promise<Result> {
    const place = this.#idle.findIndex((memory) => memory.byteLength >= length);
    const memory = place < 0 ? new SharedArrayBuffer(length) : this.#idle.splice(place, 1)[0]!;
    const result = await use(memory);
    // Only after success: a failed request may still hold the bytes.
    if (this.#idle.length < IDLE_BUFFERS) this.#idle.push(memory);
    return result;
  }
}
