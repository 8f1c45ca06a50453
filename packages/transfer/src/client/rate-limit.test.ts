import { type Clock, SECOND } from '@croft/contract';
import { expect, test } from 'vitest';
import { transferErrors } from '../errors.ts';
import { RateLimit } from './rate-limit.ts';
import { MAX_TRIES, waitAfter, withRetries } from './retry.ts';

/** Jumps to the next timer as soon as somebody waits; so time is exact and no test waits. */
function jumpingClock(): Clock & { nowMs: number } {
  const clock = {
    nowMs: 0,
    now: () => clock.nowMs,
    after(delayMs: number, action: () => void) {
      let cancelled = false;
      queueMicrotask(() => {
        if (cancelled) return;
        clock.nowMs += delayMs;
        action();
      });
      return () => {
        cancelled = true;
      };
    },
  };
  return clock;
}

test('a limit of 100 KB/s lets 1 MB take ten seconds', async () => {
  const clock = jumpingClock();
  const limit = new RateLimit(clock, 100);
  for (let sent = 0; sent <= 1_000_000; sent += 25_000) await limit.take(25_000);
  expect(clock.nowMs).toBeCloseTo(10 * SECOND, -2);
  expect(limit.chunkBytes).toBe(25_000);
  expect(() => new RateLimit(clock, 0)).toThrow(RangeError);
});

test('retries are bounded, grow, and are for passing errors only', async () => {
  const clock = jumpingClock();
  const waits: number[] = [];
  let tries = 0;
  const failing = withRetries(
    clock,
    undefined,
    async () => {
      tries++;
      throw transferErrors.TRANSFER_UNREACHABLE('away');
    },
    (_error, _tried, waitMs) => waits.push(waitMs),
  );
  await expect(failing).rejects.toMatchObject({ code: 'TRANSFER_UNREACHABLE' });
  expect(tries).toBe(MAX_TRIES);
  for (const [index, waitMs] of waits.entries()) {
    const whole = Math.min(20 * SECOND, 0.2 * SECOND * 2 ** index);
    expect(waitMs).toBeGreaterThanOrEqual(whole / 2);
    expect(waitMs).toBeLessThanOrEqual(whole);
  }
  expect(waitAfter(100)).toBeLessThanOrEqual(20 * SECOND);
  tries = 0;
  const final = withRetries(
    clock,
    undefined,
    async () => {
      tries++;
      throw transferErrors.TRANSFER_BLOB_CORRUPT('damaged');
    },
    () => undefined,
  );
  await expect(final).rejects.toMatchObject({ code: 'TRANSFER_BLOB_CORRUPT' });
  expect(tries).toBe(1);
});
