import type { Clock } from '@croft/contract';

/** A clock that stands still until a test turns it; actions that fall due run in order of their time. */
export class FakeClock implements Clock {
  #now: number;
  #order = 0;
  #timers: { at: number; order: number; action: () => void }[] = [];

  constructor(now = 1_800_000_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(delayMs: number, action: () => void): () => void {
    const timer = { at: this.#now + delayMs, order: this.#order++, action };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Moves time on by `ms` at once, as when a machine slept: what fell due runs with the next `turn`. */
  leap(ms: number): void {
    this.#now += ms;
  }

  /** Moves time on by `ms`, letting what each timer started run before the next one. */
  async turn(ms: number, settle: () => Promise<void> = async () => {}): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const [next] = this.#timers
        .filter(({ at }) => at <= end)
        .sort((a, b) => a.at - b.at || a.order - b.order);
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.action();
      await settle();
    }
    this.#now = end;
    await settle();
  }
}
