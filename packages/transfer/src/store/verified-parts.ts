/**
 * Parts that hashed right a moment ago. Somebody with a slow limit reads a part in many short ranges, and each would have all
 * of it hashed again. A slow reader of one long range takes as long to get what was hashed at its beginning.
 */
import { type Clock, MINUTE } from '@croft/contract';

const FRESH_MS = MINUTE;
const PARTS_AT_MOST = 4096;

export class VerifiedParts {
  readonly #clock: Clock;
  /** By part; the oldest first. */
  readonly #found = new Map<string, { state: string; atMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the part was found right lately, in this `state`: what changes whenever somebody writes to it. */
  isFresh(part: string, state: string): boolean {
    const found = this.#found.get(part);
    return found !== undefined && found.state === state && this.#clock.now() - found.atMs < FRESH_MS;
  }

  found(part: string, state: string): void {
    this.#found.delete(part);
    this.#found.set(part, { state, atMs: this.#clock.now() });
    const [oldest] = this.#found.keys();
    if (this.#found.size > PARTS_AT_MOST && oldest !== undefined) this.#found.delete(oldest);
  }
}
