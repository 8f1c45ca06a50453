import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { AdaptiveGate } from './adaptive-gate.ts';
import { afterTrouble, afterWindow, type Width, widthOf } from './width.ts';

test('whatever happens, the width keeps its bounds and moves by one up or down, or is halved once a window', () => {
  const event = fc.oneof(
    fc.record({ bytes: fc.nat(1e9), isTelling: fc.boolean() }),
    fc.constant('trouble' as const),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 16 }),
      fc.array(event),
      (first, most, events) => {
        let width = widthOf(first, most);
        let halvedBefore = false;
        for (const one of events) {
          const next: Width =
            one === 'trouble' ? afterTrouble(width) : afterWindow(width, one.bytes, one.isTelling);
          expect(next.now).toBeGreaterThanOrEqual(1);
          expect(next.now).toBeLessThanOrEqual(most);
          if (one === 'trouble') {
            expect(next.now).toBe(halvedBefore ? width.now : Math.max(1, Math.floor(width.now / 2)));
            halvedBefore = true;
          } else {
            expect(Math.abs(next.now - width.now)).toBeLessThanOrEqual(1);
            halvedBefore = false;
          }
          width = next;
        }
      },
    ),
  );
});

test('on a link that carries so many connections and no more, the width comes to rest beside that', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 4 }), (carries, first) => {
      let width = widthOf(first, 16);
      const seen: number[] = [];
      for (let window = 0; window < 400; window++) {
        width = afterWindow(width, Math.min(width.now, carries) * 1e6, true);
        if (window >= 200) seen.push(width.now);
      }
      const atRest = Math.max(first, carries);
      expect(Math.min(...seen)).toBeGreaterThanOrEqual(atRest);
      expect(Math.max(...seen)).toBeLessThanOrEqual(Math.min(16, atRest + 1));
      const tries = seen.filter((now) => now > atRest).length;
      expect(tries).toBeLessThanOrEqual(seen.length / 8);
    }),
  );
});

test('the gate lets in what the width allows, and follows what it is told', async () => {
  let nowMs = 0;
  const clock = { now: () => nowMs, after: () => () => undefined };
  const gate = new AdaptiveGate(clock, 2, 4);
  const ends: (() => void)[] = [];
  const all = Array.from({ length: 12 }, () =>
    gate.run(() => new Promise<void>((resolve) => ends.push(resolve))),
  );
  const second = (bytes: number) => {
    nowMs += 1000;
    gate.moved(bytes);
  };
  await expect.poll(() => ends.length).toBe(2);
  // The first bytes begin the first window.
  second(2e6);
  second(2e6);
  second(2e6);
  await expect.poll(() => ends.length).toBe(3);
  second(3e6);
  await expect.poll(() => ends.length).toBe(4);
  gate.trouble();
  gate.trouble();
  expect(gate.width).toBe(2);
  ends.splice(0, 2).forEach((end) => void end());
  await Promise.all(all.slice(0, 2));
  expect(ends).toHaveLength(2);
  for (let left = 10; left > 0; left--) {
    await expect.poll(() => ends.length).toBeGreaterThan(0);
    expect(ends.length).toBeLessThanOrEqual(2);
    ends.shift()!();
  }
  await Promise.all(all);
});
