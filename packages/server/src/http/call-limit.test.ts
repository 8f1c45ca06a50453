import { type Clock, SECOND } from '@croft/contract';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createCallLimit } from './call-limit.ts';

function turnedClock() {
  let now = 1_000_000;
  const clock: Pick<Clock, 'now'> = { now: () => now };
  const turn = (ms: number) => {
    now += ms;
  };
  return { clock: clock as Clock, turn };
}

it('lets five quick repetitions and a call a second through for ever', () => {
  const { clock, turn } = turnedClock();
  const limit = createCallLimit(clock, { perSecond: 2, burst: 10 });
  for (let second = 0; second < 600; second++) {
    for (let repetition = 0; repetition < (second % 5 === 0 ? 5 : 1); repetition++) {
      expect(limit.take('key')).toBe(0);
    }
    turn(SECOND);
  }
});

it('refuses what comes faster, says when to come again, and nobody else waits', () => {
  const { clock, turn } = turnedClock();
  const limit = createCallLimit(clock, { perSecond: 4, burst: 3 });
  for (let call = 0; call < 3; call++) expect(limit.take('busy')).toBe(0);
  expect(limit.take('busy')).toBe(250);
  expect(limit.take('other')).toBe(0);
  turn(250);
  expect(limit.take('busy')).toBe(0);
  expect(limit.take('busy')).toBe(250);
  turn(-SECOND);
  expect(limit.take('busy')).toBeGreaterThan(0);
});

it('never lets more through than burst and rate allow; who waits as told is let through', () => {
  const steps = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 });
  fc.assert(
    fc.property(
      steps,
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 20 }),
      (pauses, perSecond, burst) => {
        const { clock, turn } = turnedClock();
        const limit = createCallLimit(clock, { perSecond, burst });
        let passed = 0;
        let passedMs = 0;
        for (const pause of pauses) {
          turn(pause);
          passedMs += pause;
          const wait = limit.take('key');
          if (wait === 0) passed += 1;
        }
        expect(passed).toBeLessThanOrEqual(burst + (passedMs / SECOND) * perSecond + 1e-6);
        const wait = limit.take('key');
        turn(wait);
        if (wait > 0) expect(limit.take('key')).toBe(0);
      },
    ),
  );
});

it('knows no limit where it is 0, and forgets what is unused', () => {
  const { clock } = turnedClock();
  const free = createCallLimit(clock, { perSecond: 0, burst: 0 });
  for (let call = 0; call < 1000; call++) expect(free.take('key')).toBe(0);
  const limit = createCallLimit(clock, { perSecond: 1, burst: 1 });
  for (let name = 0; name < 20_000; name++) expect(limit.take(String(name))).toBe(0);
  expect(limit.take('19999')).toBeGreaterThan(0);
  expect(limit.take('0')).toBe(0);
});
