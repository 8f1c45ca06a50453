/** Watches that bytes move: TCP alone notices a dead connection only after many minutes. */
import { type Clock, SECOND } from '@croft/contract';

/** No byte for this long means that the connection is dead, whatever TCP thinks; where nobody says otherwise. */
const ZERO_SPEED_MS = 15 * SECOND;

/** Calls `onStall` when nothing was expected anew for as long as was said. */
export class Standstill {
  stalled = false;
  readonly #clock: Clock;
  readonly #onStall: () => void;
  readonly #zeroSpeedMs: number;
  #deadline = 0;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, onStall: () => void, zeroSpeedMs = ZERO_SPEED_MS) {
    this.#clock = clock;
    this.#onStall = onStall;
    this.#zeroSpeedMs = zeroSpeedMs;
  }

  /** Bytes moved; the next ones must within the zero-speed time. */
  moved(): void {
    this.expect(this.#zeroSpeedMs);
  }

  /** Something moved; the next thing must within `ms`. Cheap: one timer serves many calls. */
  expect(ms: number): void {
    this.#deadline = this.#clock.now() + ms;
    if (this.#cancel === null) this.#arm(ms);
  }
  end(): void {
    this.#cancel?.();
    this.#cancel = () => undefined;
  }
  #arm(ms: number): void {
    this.#cancel = this.#clock.after(Math.min(ms, this.#zeroSpeedMs), () => {
      const left = this.#deadline - this.#clock.now();
      if (left > 0) return this.#arm(left);
      this.stalled = true;
      this.#onStall();
    });
  }
}
