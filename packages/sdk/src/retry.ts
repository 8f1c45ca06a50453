/**
 * Retries, by table only: an error whose code is not in the table is final at once. Delays double from `firstMs` to
 * `mostMs` and are drawn between half and all of that, so that many clients do not come back in step.
 */
import { type Clock, CroftError, SECOND } from '@croft/contract';

export interface RetryTable {
  /** Tries in all, the first included. */
  readonly attempts: number;
  readonly delays: Readonly<Record<string, { readonly firstMs: number; readonly mostMs: number }>>;
}

const SLOWLY = { firstMs: 0.5 * SECOND, mostMs: 8 * SECOND };

/** The farm held the call back before it did anything: any call may be sent again. By both APIs' words. */
const HELD_BACK = { TOO_MANY_CALLS: SLOWLY, SDK_TOO_MANY_CALLS: SLOWLY };

/** Calls that change nothing when repeated. */
export const REPEATABLE: RetryTable = {
  attempts: 5,
  delays: { SDK_CONNECTION_LOST: SLOWLY, SDK_SERVER_BUSY: SLOWLY, ...HELD_BACK },
};

/** Calls that would do their work twice (createTask): final where the first may have arrived. */
export const ONCE: RetryTable = { attempts: 5, delays: HELD_BACK };

/**
 * The same two for work that runs for hours once the farm has answered: a farm that restarts is waited for, about five
 * minutes. Without a first answer an unreachable farm is told at once, since a wrong address never gets better.
 */
export const REPEATABLE_PATIENTLY: RetryTable = {
  attempts: 45,
  delays: { ...REPEATABLE.delays, SDK_FARM_UNREACHABLE: SLOWLY },
};
export const ONCE_PATIENTLY: RetryTable = {
  attempts: 45,
  delays: { ...HELD_BACK, SDK_FARM_UNREACHABLE: SLOWLY },
};

export interface RetryTools {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Told before each wait. */
  readonly onRetry?: (error: CroftError, attempt: number, waitMs: number) => void;
}

/** Runs `action` until it succeeds, its error is final, or the attempts are used up; then throws the last error. */
export async function retrying<T>(
  table: RetryTable,
  tools: RetryTools,
  action: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (thrown) {
      const delay = thrown instanceof CroftError ? table.delays[thrown.code] : undefined;
      if (!(thrown instanceof CroftError) || delay === undefined || attempt >= table.attempts) throw thrown;
      const waitMs = backoffMs(delay, attempt, tools.random());
      tools.onRetry?.(thrown, attempt, waitMs);
      await sleep(tools.clock, waitMs, signal);
    }
  }
}

/** The wait after the `attempt`-th failure, in ms. `random` in [0, 1). */
export function backoffMs(
  delay: { firstMs: number; mostMs: number },
  attempt: number,
  random: number,
): number {
  const full = Math.min(delay.mostMs, delay.firstMs * 2 ** (attempt - 1));
  return Math.round(full / 2 + (full / 2) * random);
}

/** Waits `ms` on the clock; throws the reason of `signal` as soon as it aborts. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
