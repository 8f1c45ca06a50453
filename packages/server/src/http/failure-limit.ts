/**
 * Slows down guessing of one-time codes: an address with `MOST_FAILURES` wrong codes within a minute is refused until
 * the minute is over. Bounded: beyond `MOST_ADDRESSES` the oldest is forgotten.
 */
import { type Clock, MINUTE } from '@croft/contract';
import { serverErrors } from '../errors.ts';

const MOST_FAILURES = 10;
const MOST_ADDRESSES = 10_000;

export interface FailureLimit {
  /** Runs `attempt`; throws NATIVE_TOO_MANY_FAILURES where the address failed too often. */
  guard<Result>(address: string, attempt: () => Promise<Result>): Promise<Result>;
}

export function createFailureLimit(clock: Clock): FailureLimit {
  /** Failed attempts of the minute that ends at `until`, and those under way: they count until they succeed. */
  const failures = new Map<string, { count: number; until: number }>();

  function currentOf(address: string) {
    const known = failures.get(address);
    if (known !== undefined && known.until > clock.now()) return known;
    const fresh = { count: 0, until: clock.now() + MINUTE };
    failures.delete(address);
    failures.set(address, fresh);
    if (failures.size > MOST_ADDRESSES) failures.delete(failures.keys().next().value!);
    return fresh;
  }

  return {
    async guard(address, attempt) {
      const current = currentOf(address);
      if (current.count >= MOST_FAILURES) {
        throw serverErrors.NATIVE_TOO_MANY_FAILURES('there were too many wrong codes from this address');
      }
      current.count += 1;
      const result = await attempt();
      current.count -= 1;
      return result;
    },
  };
}
