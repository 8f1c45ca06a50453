/** The daily look after the packs in the bucket. */
import { type Clock, DAY, type Log, MINUTE } from '@croft/contract';
import type { PackObjects } from './pack-objects.ts';

/** Right after a start there is better to do. */
const FIRST_MS = 10 * MINUTE;

/** Makes the index right and removes what is not needed, once a day; what cannot be done is tried again tomorrow. */
export class PackCare {
  readonly #packs: PackObjects;
  readonly #clock: Clock;
  readonly #log: Log;
  #cancel: () => void;
  #isOver = false;
  #running: Promise<void> = Promise.resolve();

  constructor(packs: PackObjects, clock: Clock, log: Log) {
    this.#packs = packs;
    this.#clock = clock;
    this.#log = log;
    this.#cancel = clock.after(FIRST_MS, () => this.#turn());
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    this.#cancel();
    await this.#running;
  }

  #turn(): void {
    this.#running = this.#work().then(() => {
      if (!this.#isOver) this.#cancel = this.#clock.after(DAY, () => this.#turn());
    });
  }

  async #work(): Promise<void> {
    try {
      await this.#packs.lookThrough();
      const packs = await this.#packs.tidy();
      if (packs > 0) this.#log.info({ packs }, 'removed packs of which little or nothing was needed');
    } catch (err) {
      this.#log.warn({ err }, 'the packs in the bucket could not be looked after');
    }
  }
}
