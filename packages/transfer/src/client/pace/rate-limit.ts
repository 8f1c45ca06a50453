/**
 * A limit in KB/s for all requests of one transfer together, whichever way their bodies go.
 *
 * Bytes are paid for before they pass: who asks waits until the limit has had time for all bytes asked for so far, his own
 * included. So nothing goes out in advance at the start, nothing is owed at the end, and many short transfers one after the
 * other keep the limit as one long one does. Over any time t at most limit × (t + CATCH_UP_MS) and one chunk pass. What was
 * paid and did not travel after all is given back, and lets whoever waits go on sooner.
 */
import { type Clock, KiB, MiB } from '@croft/contract';
import { throwIfInterrupted } from '../wire/retry.ts';

/** The unit of the documented options: 1,048,576 KB/s are called 1 GB/s there, so a KB has 1,024 bytes. */
const KB = 1024;
/**
 * How much time is made good that passed unused while there was something to send: timers are late by a millisecond or
 * more, and a lone request does other things between two chunks. A longer pause is idleness, and gives nothing.
 */
export const CATCH_UP_MS = 100;
/** A chunk takes this long at most, so that even a slow limit moves several times within the zero-speed timeout. */
const CHUNK_MS = 250;
/** A shorter answer would be asked for with as many bytes again, nearly. */
const LEAST_ASKED_BYTES = 32 * KiB;
/** What is asked for at once is held in memory; and faster limits are not hurt by what kernels hold, some MiB. */
const MOST_ASKED_BYTES = 8 * MiB;

interface Taking {
  bytes: number;
  grant(): void;
}

export class RateLimit {
  readonly #clock: Clock;
  readonly bytesPerMs: number;
  /** When all bytes granted so far are paid. */
  #paidAtMs = Number.NEGATIVE_INFINITY;
  #waiting: Taking[] = [];
  #disarm: (() => void) | null = null;

  constructor(clock: Clock, limitKbps: number) {
    if (!(limitKbps > 0)) throw new RangeError('a bandwidth limit is a positive number of KB/s');
    this.#clock = clock;
    this.bytesPerMs = (limitKbps * KB) / 1000;
  }

  /** Waits until `bytes` are paid, in order of asking. TRANSFER_INTERRUPTED, which pays nothing. */
  async take(bytes: number, signal?: AbortSignal): Promise<void> {
    throwIfInterrupted(signal);
    const { promise, resolve } = Promise.withResolvers<void>();
    const taking = { bytes, grant: resolve };
    const leave = () => {
      this.#waiting = this.#waiting.filter((other) => other !== taking);
      this.#arm();
      resolve();
    };
    const now = this.#clock.now();
    if (this.#waiting.length === 0 && now - this.#paidAtMs > CATCH_UP_MS) this.#paidAtMs = now;
    this.#waiting.push(taking);
    if (this.#waiting.length === 1) this.#arm();
    signal?.addEventListener('abort', leave, { once: true });
    await promise;
    signal?.removeEventListener('abort', leave);
    throwIfInterrupted(signal);
  }

  /** Of bytes that were paid, as many did not pass. */
  giveBack(bytes: number): void {
    this.#paidAtMs -= bytes / this.bytesPerMs;
    this.#arm();
  }

  /** So many bytes passed without being asked for; whoever waits pays for them. */
  owe(bytes: number): void {
    this.giveBack(-bytes);
  }

  /** As much as is taken at once. */
  get chunkBytes(): number {
    return Math.max(KiB, Math.min(256 * KiB, this.#inChunkTime));
  }

  /**
   * How much to ask the other side for at once. It sends what it was asked for as fast as the link goes and fills the buffers
   * between with it, however slowly we read: so a slow limit asks for little, and pays before it asks. null: a fast one, to
   * which such buffers do not matter.
   */
  get askBytes(): number | null {
    const bytes = Math.max(LEAST_ASKED_BYTES, this.#inChunkTime);
    return bytes > MOST_ASKED_BYTES ? null : bytes;
  }

  /** A received chunk in pieces that pass as they are paid; `signal` as in `take`. */
  async *through(chunk: Uint8Array, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < chunk.length; at += this.chunkBytes) {
      const piece = chunk.subarray(at, at + this.chunkBytes);
      await this.take(piece.length, signal);
      yield piece;
    }
  }

  get #inChunkTime(): number {
    return Math.floor(this.bytesPerMs * CHUNK_MS);
  }

  /** Lets everybody go whose time has come, and waits for that of the next. */
  #arm(): void {
    this.#disarm?.();
    this.#disarm = null;
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const waitMs = this.#paidAtMs + first.bytes / this.bytesPerMs - this.#clock.now();
      if (waitMs > 0) {
        this.#disarm = this.#clock.after(waitMs, () => {
          this.#grant();
          this.#arm();
        });
        return;
      }
      this.#grant();
    }
  }

  #grant(): void {
    const first = this.#waiting.shift();
    if (first === undefined) return;
    this.#paidAtMs += first.bytes / this.bytesPerMs;
    first.grant();
  }
}
