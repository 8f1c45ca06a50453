/**
 * How many API calls one key may make from one address: a token bucket that holds `burst` calls and fills again with
 * `perSecond`. The SDK repeats a failing call five times within a second or two and asks for each task once a second; a
 * workstation that follows a hundred tasks stays far below. A script in a loop does not, and waits for itself alone.
 *
 * Bounded: of the `MOST_NAMES` buckets the one that was used longest ago is forgotten, which fills it.
 */
import { type Clock, SECOND } from '@croft/contract';

export interface CallRate {
  /** Calls a second for long; 0: any number. */
  readonly perSecond: number;
  readonly burst: number;
}

/** What a key may call for long where nothing is said, and how much longer a burst may be than a second. */
export const DEFAULT_CALLS_PER_SECOND = 200;
export const BURST_SECONDS = 5;

const MOST_NAMES = 10_000;

export interface CallLimit {
  /** Takes a call from the bucket of that name: 0, or how many milliseconds until there is one again. */
  take(name: string): number;
}

export function createCallLimit(clock: Clock, { perSecond, burst }: CallRate): CallLimit {
  const buckets = new Map<string, { left: number; at: number }>();
  return {
    take(name) {
      if (perSecond === 0) return 0;
      const now = clock.now();
      const known = buckets.get(name);
      // A clock that is put back must not empty the bucket.
      const gained = known === undefined ? burst : (Math.max(0, now - known.at) / SECOND) * perSecond;
      const left = Math.min(burst, (known?.left ?? 0) + gained);
      const isThere = left >= 1;
      buckets.delete(name);
      buckets.set(name, { left: isThere ? left - 1 : left, at: now });
      if (buckets.size > MOST_NAMES) buckets.delete(buckets.keys().next().value!);
      return isThere ? 0 : Math.max(1, Math.ceil(((1 - left) / perSecond) * SECOND));
    },
  };
}
