/** A body of a promised length on its way to the S3 server, which waits for bytes that were promised and never come. */
import { Readable } from 'node:stream';
import { coerceError } from '@croft/contract';
import { transferErrors } from '../errors.ts';

export class ExactBody {
  readonly stream: Readable;
  /** Why the body ended early: TRANSFER_HASH_MISMATCH for a wrong length, or what its sender threw. */
  failure: Error | null = null;
  readonly #stop = new AbortController();

  constructor(body: AsyncIterable<Uint8Array>, size: number) {
    this.stream = Readable.from(this.#exactly(body, size), { objectMode: false });
    // A stream's error does not reach the request it is piped to: only the signal ends that.
    this.stream.on('error', () => this.#stop.abort());
  }

  /** Ends the request when the body fails. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Lets go of the source where the server answered before it took everything. */
  end(): void {
    this.stream.destroy();
  }

  async *#exactly(body: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
    try {
      let total = 0;
      // The newest chunk waits until the next one, or the end, shows that it is not one too many: else the server would have
      // all that was promised, and keep it, before the rest came.
      let waiting: Uint8Array | null = null;
      for await (const chunk of body) {
        total += chunk.length;
        if (total > size)
          throw transferErrors.TRANSFER_HASH_MISMATCH(`more than the promised ${size} bytes came`);
        if (waiting !== null) yield waiting;
        waiting = chunk;
      }
      if (total < size)
        throw transferErrors.TRANSFER_HASH_MISMATCH(`the bytes ended after ${total} of ${size}`);
      if (waiting !== null) yield waiting;
    } catch (thrown) {
      this.failure = coerceError(thrown);
      throw thrown;
    }
  }
}
