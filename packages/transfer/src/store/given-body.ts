/** A body whose chunks nobody else holds, such as one from the network: who reads it may give their memory back. */
export class GivenBody implements AsyncIterable<Uint8Array> {
  readonly #chunks: AsyncIterable<Uint8Array>;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this.#chunks[Symbol.asyncIterator]();
  }
}
