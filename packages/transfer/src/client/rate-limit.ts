/**
 * A limit in KB/s for all requests of one transfer together, whichever way their bodies go.
 *
 * Bytes are paid for before they pass: who asks waits until the limit has had time for all bytes asked for so far, his own
 * included. So nothing goes out in advance at the start, nothing is owed at the end, and many short transfers one after the
 * other keep the limit as one long one does. Over any time t at most limit × (t + CATCH_UP_MS) and one chunk pass.
 */
import type { Clock } from '@croft/contract';
import { sleep } from './retry.ts';

/** The unit of the documented options: 1,048,576 KB/s are called 1 GB/s there, so a KB has 1,024 bytes. */
const KB = 1024;
/**
 * How much time is made good that passed unused while there was something to send: timers are late by a millisecond or
 * more, and a lone request does other things between two chunks. A longer pause is idleness, and gives nothing.
 */
export const CATCH_UP_MS = 100;
/** A chunk takes this long at most, so that even a slow limit moves several times within the zero-speed timeout. */
const CHUNK_MS = 250;
/** A connection's buffers hold about 128 KiB of a slow reader: no more than 5 % of what passes in five seconds. */
const BYTES_PER_MS_A_CONNECTION = (128 * 1024) / (0.05 * 5000);

export class RateLimit {
  readonly #clock: Clock;
  readonly bytesPerMs: number;
  /** When all bytes asked for so far are paid. */
  #paidAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, limitKbps: number) {
    if (!(limitKbps > 0)) throw new RangeError('a bandwidth limit is a positive number of KB/s');
    this.#clock = clock;
    this.bytesPerMs = (limitKbps * KB) / 1000;
  }

  /** Waits until `bytes` are paid, in order of asking. TRANSFER_INTERRUPTED. */
  async take(bytes: number, signal?: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    const unusedMs = now - this.#paidAtMs;
    this.#paidAtMs = (unusedMs > CATCH_UP_MS ? now : this.#paidAtMs) + bytes / this.bytesPerMs;
    if (this.#paidAtMs > now) await sleep(this.#clock, this.#paidAtMs - now, signal);
  }

  /** As much as is taken at once. */
  get chunkBytes(): number {
    return Math.max(1024, Math.min(256 * 1024, Math.floor(this.bytesPerMs * CHUNK_MS)));
  }

  /**
   * How many connections to receive by at once, of at most `most`. The other side fills a connection's buffers whatever we
   * read, so a slow limit would be broken at the start by as many buffers as there are connections.
   */
  connections(most: number): number {
    return Math.max(1, Math.min(most, Math.floor(this.bytesPerMs / BYTES_PER_MS_A_CONNECTION)));
  }

  /** A received chunk in pieces that pass as they are paid; `signal` as in `take`. */
  async *through(chunk: Uint8Array, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < chunk.length; at += this.chunkBytes) {
      const piece = chunk.subarray(at, at + this.chunkBytes);
      await this.take(piece.length, signal);
      yield piece;
    }
  }
}
