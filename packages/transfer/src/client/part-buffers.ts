/** Memory for parts on their way out, used again: fresh memory for each part of 16 MiB costs a page fault every 4 KiB. */

/** Buffers that are kept while nobody uses them. */
const IDLE_BUFFERS = 4;

export class PartBuffers {
  readonly #idle: Buffer[] = [];

  /** Lends `length` bytes, with whatever was in them, until `use` is over. */
  async lend<Result>(length: number, use: (bytes: Buffer) => Promise<Result>): Promise<Result> {
    const place = this.#idle.findIndex((buffer) => buffer.length >= length);
    const buffer = place < 0 ? Buffer.allocUnsafeSlow(length) : this.#idle.splice(place, 1)[0]!;
    const result = await use(buffer.subarray(0, length));
    // Only after success: a failed request may still hold the bytes.
    if (this.#idle.length < IDLE_BUFFERS) this.#idle.push(buffer);
    return result;
  }
}
