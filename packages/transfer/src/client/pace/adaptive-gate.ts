/** Lets as many requests run at once as pays (width.ts), by what it is told of bytes and of trouble. */
import { type Clock, MiB, SECOND } from '@croft/contract';
import { afterTrouble, afterWindow, type Width, widthOf } from './width.ts';

const WINDOW_MS = SECOND;
/** While the width doubles: a short upload is to have it as well, but a few chunks more or less must not count. */
const FIRST_WINDOW_MS = 0.2 * SECOND;
const FIRST_WINDOW_BYTES = 4 * MiB;
/** After the width changed, what goes fills the kernel's buffers of new connections, and tells nothing of the link. */
const SETTLE_MS = 0.2 * SECOND;

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
    this.#windowFromMs ??= now + SETTLE_MS;
    const passedMs = now - this.#windowFromMs;
    if (passedMs < 0) return;
    this.#bytes += bytes;
    if (!this.#hasTold(passedMs)) return;
    const before = this.width;
    this.#width = afterWindow(this.#width, (Math.max(0, this.#bytes) * WINDOW_MS) / passedMs, this.#isFull);
    this.#windowFromMs = now + (this.width > before ? SETTLE_MS : 0);
    this.#bytes = 0;
    this.#isFull = this.#running >= this.width || this.#waiting.length > 0;
    this.#admit();
  }

  #hasTold(passedMs: number): boolean {
    if (passedMs >= WINDOW_MS || this.#width.doublingsLeft === 0) return passedMs >= WINDOW_MS;
    return passedMs >= FIRST_WINDOW_MS && this.#bytes >= FIRST_WINDOW_BYTES;
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
