import { type Clock, KiB } from '@croft/contract';
import { expect, test } from 'vitest';
import { RateLimit } from '../pace/rate-limit.ts';
import { inPaidRanges } from './paid-ranges.ts';
import { sleep } from './retry.ts';

/** Timers in order of their time, each after everything else has come to rest. */
function turningClock(): Clock & { turn(): Promise<void> } {
  let nowMs = 0;
  const timers: { at: number; action: () => void }[] = [];
  return {
    now: () => nowMs,
    after(delayMs, action) {
      const timer = { at: nowMs + delayMs, action };
      timers.push(timer);
      return () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1));
    },
    async turn() {
      for (;;) {
        await new Promise(setImmediate);
        timers.sort((a, b) => a.at - b.at);
        const next = timers.shift();
        if (next === undefined) return;
        nowMs = Math.max(nowMs, next.at);
        next.action();
      }
    },
  };
}

test('each range is paid before it is asked for, the next one while it comes, and a failed try again', async () => {
  const clock = turningClock();
  const limit = new RateLimit(clock, 100);
  const asked: { from: number; atMs: number }[] = [];
  const read = async () => {
    let bytes = 0;
    const paying = { limit, mostBytes: 25 * KiB, signal: undefined };
    const ranges = inPaidRanges(paying, 0, 110 * KiB, async (from, to, paid) => {
      // The second one fails the first time.
      for (let tried = from === 25 * KiB ? 0 : 1; ; tried++) {
        await paid.begin();
        asked.push({ from: from / KiB, atMs: clock.now() });
        // 0.2 s on the way: less than it takes to pay for the next.
        await sleep(clock, 200);
        await paid.arrived(to - from);
        paid.end();
        if (tried === 1) return new Uint8Array(to - from);
      }
    });
    for await (const piece of ranges) bytes += piece.length;
    return bytes;
  };
  const reading = read();
  await clock.turn();
  expect(await reading).toBe(110 * KiB);
  const paidKiB = asked.map(
    ({ from }, index) => (index + 1) * 1.5 + Math.min(from + 25, 110) + (index > 1 ? 25 : 0),
  );
  const whenPaid = paidKiB.map((kib) => Math.round(kib * 10));
  for (const [index, { atMs }] of asked.entries()) expect(atMs).toBeGreaterThanOrEqual(whenPaid[index]! - 1);
  expect(asked.map(({ from }) => from)).toEqual([0, 25, 25, 50, 75, 100]);
  // Nothing was waited for but the limit, the trip of the range that failed, and the last one.
  expect(clock.now()).toBeLessThanOrEqual(whenPaid.at(-1)! + 2 * 200 + 100);
});
