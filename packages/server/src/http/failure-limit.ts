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
  const failures = new Map<string, { count: number; until: number }>();
  return {
    async guard(address, attempt) {
      const known = failures.get(address);
      const current = known !== undefined && known.until > clock.now() ? known : { count: 0, until: 0 };
      if (current.count >= MOST_FAILURES) {
        throw serverErrors.NATIVE_TOO_MANY_FAILURES('there were too many wrong codes from this address');
      }
      try {
        return await attempt();
      } catch (thrown) {
        failures.delete(address);
        failures.set(address, {
          count: current.count + 1,
          until: current.count === 0 ? clock.now() + MINUTE : current.until,
        });
        if (failures.size > MOST_ADDRESSES) failures.delete(failures.keys().next().value!);
        throw thrown;
      }
    },
  };
}
