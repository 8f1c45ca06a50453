/** Lets as many requests run at once as pays (width.ts), by what it is told of bytes and of trouble. */
import { type Clock, SECOND } from '@croft/contract';
import { afterTrouble, afterWindow, type Width, widthOf } from './width.ts';

const WINDOW_MS = SECOND;

export class AdaptiveGate {
  readonly #clock: Clock;
  readonly #waiting: (() => void)[] = [];
  #width: Width;
  #running = 0;
  /** null until the first bytes go: files are read and asked about before. */
  #windowFromMs: number | null = null;
  #bytes = 0;
  #isFull = true;

  constructor(clock: Clock, first: number, most: number) {
    this.#clock = clock;
    this.#width = widthOf(first, most);
  }

  /** More than that never run at once. */
  get most(): number {
    return this.#width.most;
  }

  /** How many may run now. */
  get width(): number {
    return this.#width.now;
  }

  async run<Result>(action: () => Promise<Result>): Promise<Result> {
    if (this.#running < this.width) this.#running++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await action();
    } finally {
      this.#running--;
      this.#admit();
      if (this.#running < this.width) this.#isFull = false;
    }
  }

  /** Bytes that went; negative when a try failed and they go again. */
  moved(bytes: number): void {
    const now = this.#clock.now();
    this.#windowFromMs ??= now;
    this.#bytes += bytes;
    const passedMs = now - this.#windowFromMs;
    if (passedMs < WINDOW_MS) return;
    this.#width = afterWindow(this.#width, (Math.max(0, this.#bytes) * WINDOW_MS) / passedMs, this.#isFull);
    this.#windowFromMs = now;
    this.#bytes = 0;
    this.#isFull = this.#running >= this.width || this.#waiting.length > 0;
    this.#admit();
  }

  /** A request broke, or stood still, and is tried again. */
  trouble(): void {
    this.#width = afterTrouble(this.#width);
  }

  #admit(): void {
    while (this.#running < this.width) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#running++;
      next();
    }
  }
}
