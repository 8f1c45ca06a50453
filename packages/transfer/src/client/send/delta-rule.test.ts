import { systemClock } from '@croft/contract';
import { expect, test } from 'vitest';
import { LinkRate } from '../pace/link-rate.ts';
import { RateLimit } from '../pace/rate-limit.ts';
import { isDeltaWanted, type Link } from './delta-rule.ts';

const GIGABYTE_A_SECOND_KBPS = 1024 ** 2;

/** A link over which 100 MB took so long. */
function link(ms: number | null, limitKbps?: number, isLoopback = false): Link {
  let now = 0;
  const rate = new LinkRate({ ...systemClock, now: () => now });
  if (ms !== null) {
    const body = rate.begin();
    body.moved(100_000_000);
    now = ms;
    body.end();
  }
  const limit = limitKbps === undefined ? undefined : new RateLimit(systemClock, limitKbps);
  return { isLoopback, limit, rate };
}

test('files are compared over links that are slow or unknown, by themselves or by a limit', () => {
  expect(isDeltaWanted('auto', link(8000))).toBe(true);
  expect(isDeltaWanted('auto', link(null))).toBe(true);
  expect(isDeltaWanted('auto', link(200, 20_000))).toBe(true);
  expect(isDeltaWanted('auto', link(null, 20_000, true))).toBe(true);
});

test('they go whole over fast links and over loopback, also where the limit is none to speak of', () => {
  expect(isDeltaWanted('auto', link(200))).toBe(false);
  expect(isDeltaWanted('auto', link(200, GIGABYTE_A_SECOND_KBPS))).toBe(false);
  expect(isDeltaWanted('auto', link(null, GIGABYTE_A_SECOND_KBPS, true))).toBe(false);
  expect(isDeltaWanted('auto', link(null, undefined, true))).toBe(false);
});

test('whoever says so decides', () => {
  expect(isDeltaWanted('always', link(200, undefined, true))).toBe(true);
  expect(isDeltaWanted('never', link(8000, 1000))).toBe(false);
});
