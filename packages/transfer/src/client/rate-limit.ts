/** A limit in KB/s for all requests of one transfer together: a token bucket on the clock. */
import type { Clock } from '@croft/contract';
import { sleep } from './retry.ts';

/** The user's unit: 1 KB = 1,000 bytes, as network rates are counted. */
const KB = 1000;

export class RateLimit {
  readonly #clock: Clock;
  readonly #bytesPerMs: number;
  /** When all bytes granted so far will have been paid for. */
  #paidUntilMs = 0;

  constructor(clock: Clock, limitKbps: number) {
    if (!(limitKbps > 0)) throw new RangeError('a bandwidth limit is a positive number of KB/s');
    this.#clock = clock;
    this.#bytesPerMs = (limitKbps * KB) / 1000;
  }

  /** Waits until `bytes` may be sent or were paid for. Grants in order of asking. */
  async take(bytes: number, signal?: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    const startMs = Math.max(now, this.#paidUntilMs);
    this.#paidUntilMs = startMs + bytes / this.#bytesPerMs;
    if (startMs > now) await sleep(this.#clock, startMs - now, signal);
  }

  /** A chunk small enough that a slow limit still moves several times within the zero-speed timeout. */
  get chunkBytes(): number {
    return Math.max(1024, Math.min(256 * 1024, Math.floor(this.#bytesPerMs * 250)));
  }
}
