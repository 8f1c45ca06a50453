/**
 * Sends the outputs of several frames as one: for frames of a few tens of milliseconds a request, a hash round and a
 * disk sync each cost as much as the picture. A first frame goes at once; those that follow within `BATCH_MS` gather and go
 * together when it is over, or when the sending under way has ended. A batch that fails is sent again frame by frame, so
 * that one frame's bad file is that frame's fault alone.
 */
import { type Clock, coerceError } from '@croft/contract';
import type { AttemptTransfer, SentFile } from '../ports.ts';

type Files = Parameters<AttemptTransfer['sendOutputs']>[0];

interface Waiting {
  readonly files: Files;
  readonly signal: AbortSignal;
  resolve(sent: SentFile[]): void;
  reject(error: Error): void;
}

const BATCH_MS = 250;

export class OutputBatcher {
  readonly #bytes: AttemptTransfer;
  readonly #clock: Clock;
  #waiting: Waiting[] = [];
  #isSending = false;
  #sentAtMs = Number.NEGATIVE_INFINITY;
  #cancelTimer: (() => void) | null = null;
  #isHurried = false;

  constructor(bytes: AttemptTransfer, clock: Clock) {
    this.#bytes = bytes;
    this.#clock = clock;
  }

  /** As `AttemptTransfer.sendOutputs`: the facts of the files in the order given. */
  sendOutputs(files: Files, signal: AbortSignal): Promise<SentFile[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ files, signal, resolve, reject });
      this.#sendWhenDue();
    });
  }

  /** No more frames come: what waits goes at once. */
  hurry(): void {
    this.#isHurried = true;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#sendWhenDue();
  }

  #sendWhenDue(): void {
    if (this.#isSending || this.#cancelTimer !== null || this.#waiting.length === 0) return;
    const dueMs = this.#isHurried ? 0 : this.#sentAtMs + BATCH_MS - this.#clock.now();
    if (dueMs > 0) {
      this.#cancelTimer = this.#clock.after(dueMs, () => {
        this.#cancelTimer = null;
        this.#sendWhenDue();
      });
      return;
    }
    const batch = this.#waiting.splice(0);
    this.#isSending = true;
    this.#sentAtMs = this.#clock.now();
    void this.#send(batch).finally(() => {
      this.#isSending = false;
      this.#sendWhenDue();
    });
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    if (batch.length > 1) {
      const all = batch.flatMap(({ files }) => files);
      const sent = await this.#bytes.sendOutputs(all, batch[0]!.signal).catch(() => null);
      if (sent !== null && sent.length === all.length) {
        let next = 0;
        for (const { files, resolve } of batch) {
          resolve(sent.slice(next, next + files.length));
          next += files.length;
        }
        return;
      }
    }
    for (const { files, signal, resolve, reject } of batch) {
      await this.#bytes.sendOutputs(files, signal).then(resolve, (thrown) => reject(coerceError(thrown)));
    }
  }
}
