/** A clock whose waits end at once but are written down, so that tests of back-off take no time. */
import type { Clock } from '@croft/contract';

export interface QuickClock extends Clock {
  /** Every wait asked for, in ms. */
  readonly waits: number[];
}

export function quickClock(startMs = Date.UTC(2026, 0, 1)): QuickClock {
  const waits: number[] = [];
  let nowMs = startMs;
  return {
    waits,
    now: () => nowMs,
    after(delayMs, action) {
      let isOff = false;
      waits.push(delayMs);
      setImmediate(() => {
        if (isOff) return;
        nowMs += delayMs;
        action();
      });
      return () => {
        isOff = true;
      };
    },
  };
}
