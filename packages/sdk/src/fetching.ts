/**
 * Rounds of a download beside something else that goes on: one at a time, each after a rest, and a last one at the end. A
 * wake while one runs or rests asks for one more.
 */
import type { Clock } from '@croft/contract';
import type { Downloader } from './download-results.ts';

export class Fetching {
  readonly #downloader: Pick<Downloader, 'fetchNew' | 'restMs'>;
  readonly #clock: Clock;
  #rounds: Promise<void> | null = null;
  #isWanted = false;
  #isEnding = false;
  #endRest: () => void = () => {};
  #failure: { thrown: unknown } | null = null;

  constructor(downloader: Pick<Downloader, 'fetchNew' | 'restMs'>, clock: Clock) {
    this.#downloader = downloader;
    this.#clock = clock;
  }

  /** There is something new. */
  wake(): void {
    if (this.#failure) return;
    this.#isWanted = true;
    this.#rounds ??= this.#run();
  }

  throwIfFailed(): void {
    if (this.#failure) throw this.#failure.thrown;
  }

  /** Fetches what is still missing, without a rest; throws the failure of any round. */
  async finish(): Promise<void> {
    // Before the round begins: the last one reads the whole list.
    this.#isEnding = true;
    this.wake();
    await this.#end();
    this.throwIfFailed();
  }

  /** Resolves when no round runs, and begins none after it. */
  async settled(): Promise<void> {
    this.#isWanted = false;
    await this.#end();
  }

  async #end(): Promise<void> {
    this.#isEnding = true;
    this.#endRest();
    await this.#rounds;
  }

  async #run(): Promise<void> {
    try {
      while (this.#isWanted) {
        this.#isWanted = false;
        await this.#downloader.fetchNew(this.#isEnding ? 'all' : 'since');
        if (!this.#isEnding) await this.#rest();
      }
    } catch (thrown) {
      this.#failure = { thrown };
    } finally {
      this.#rounds = null;
    }
  }

  #rest(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(this.#downloader.restMs, resolve);
      this.#endRest = () => {
        cancel();
        resolve();
      };
    });
  }
}
