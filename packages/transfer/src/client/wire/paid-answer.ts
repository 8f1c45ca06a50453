/**
 * An answer that is paid before it is asked for, so that the limit holds on the wire, whatever is buffered on the way. Paying
 * begins when this is made: the next answer can be paid while one comes. A try that fails is paid again.
 */
import { KiB } from '@croft/contract';
import type { RateLimit } from '../pace/rate-limit.ts';

/** Head of a request with its signature, head of its answer, and their packets. */
export const HEADS_BYTES = 1.5 * KiB;

export class PaidAnswer {
  readonly #limit: RateLimit;
  readonly #bytes: number;
  readonly #signal: AbortSignal | undefined;
  /** Of the next try, where it is under way. */
  #paying: Promise<void> | null;
  /** Paid bytes that have not arrived; null outside of a try. */
  #left: number | null = null;

  /** `bytes`: of the answer's body at most. */
  constructor(limit: RateLimit, bytes: number, signal: AbortSignal | undefined) {
    this.#limit = limit;
    this.#bytes = bytes;
    this.#signal = signal;
    this.#paying = this.#pay();
    // Whoever asks is told; who never asks need not know.
    this.#paying.catch(() => undefined);
  }

  /** Before each try: resolves once its answer is paid. TRANSFER_INTERRUPTED. */
  async begin(): Promise<void> {
    const paying = this.#paying ?? this.#pay();
    this.#paying = null;
    await paying;
    this.#left = this.#bytes;
  }

  /** Lets bytes that arrived pass; who sends more than was paid waits for the limit. */
  async arrived(bytes: number): Promise<void> {
    const unpaid = Math.max(0, bytes - (this.#left ?? 0));
    this.#left = Math.max(0, (this.#left ?? 0) - bytes);
    if (unpaid > 0) await this.#limit.take(unpaid, this.#signal);
  }

  /** After each try: what did not come, since it was shorter or broke off, is given back. */
  end(): void {
    if (this.#left !== null) this.#limit.giveBack(this.#left);
    this.#left = null;
  }

  /** Nobody will ask. */
  cancel(): void {
    this.#paying?.then(
      () => this.#limit.giveBack(this.#bytes + HEADS_BYTES),
      () => undefined,
    );
    this.#paying = null;
  }

  #pay(): Promise<void> {
    return this.#limit.take(this.#bytes + HEADS_BYTES, this.#signal);
  }
}
