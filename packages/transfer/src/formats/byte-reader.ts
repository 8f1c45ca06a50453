/** Reads exact lengths and lines out of a stream of chunks, holding no more than what was asked for plus one chunk. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** The next `length` bytes; fewer only where the stream ends. */
  async take(length: number): Promise<Uint8Array> {
    if (this.#rest.length >= length) return this.#cut(length);
    const pieces = [this.#rest];
    let have = this.#rest.length;
    this.#rest = new Uint8Array(0);
    while (have < length) {
      const next = await this.#chunks.next();
      if (next.done) break;
      pieces.push(next.value);
      have += next.value.length;
    }
    this.#rest = Buffer.concat(pieces, have);
    return this.#cut(Math.min(length, have));
  }

  #cut(length: number): Uint8Array {
    const head = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return head;
  }
}
