/**
 * The only way the rooms read time or wait. Programs pass `systemClock`; tests pass a fake one and turn it by hand,
 * which is why nothing may call `Date.now` or `setTimeout` for a decision of its own.
 */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
  /** Calls `action` once after `delayMs`; returns a function that cancels it. Never keeps the process alive. */
  after(delayMs: number, action: () => void): () => void;
}

/** The longest wait of a timer of Node: one that is asked for more does not wait at all. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, action) {
    let timer: NodeJS.Timeout;
    const wait = (leftMs: number) => {
      const nowMs = Math.min(leftMs, LONGEST_TIMER_MS);
      timer = setTimeout(() => (leftMs > nowMs ? wait(leftMs - nowMs) : action()), nowMs);
      timer.unref();
    };
    wait(delayMs);
    return () => clearTimeout(timer);
  },
};
