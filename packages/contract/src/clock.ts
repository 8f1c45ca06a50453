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

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
