import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { AdaptiveGate } from './adaptive-gate.ts';
import { afterTrouble, afterWindow, type Width, widthOf } from './width.ts';

test('whatever happens, the width keeps its bounds, is halved once a window, and after its first doublings moves by one', () => {
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
            const most = width.doublingsLeft > 0 ? Math.max(width.now, width.tried) : 1;
            expect(Math.abs(next.now - width.now)).toBeLessThanOrEqual(most);
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

test('a link that carries all is found in one step, and one that carries nothing more is left as it was', () => {
  const after = (carries: number) => {
    let width = widthOf(4, 8);
    const widths: number[] = [];
    for (let window = 0; window < 4; window++) {
      width = afterWindow(width, Math.min(width.now, carries) * 1e6, true);
      widths.push(width.now);
    }
    return widths;
  };
  let filling = widthOf(4, 8);
  for (const bytes of [50e6, 20e6, 5e6, 4e6]) filling = afterWindow(filling, bytes, true);
  expect(filling.now, 'what fills buffers is nothing to compare with').toBe(8);
  expect(afterWindow(filling, 8e6, true).now).toBe(8);
  expect(after(8)).toEqual([4, 8, 8, 8]);
  expect(after(100)).toEqual([4, 8, 8, 8]);
  expect(after(4)).toEqual([4, 8, 4, 4]);
  expect(after(6)).toEqual([4, 8, 6, 6]);
});

test('where the first windows held what went into buffers, twice as many are tried once more, and no third time', () => {
  const after = (carried: (now: number, window: number) => number) => {
    let width = widthOf(4, 8);
    const widths: number[] = [];
    for (let window = 0; window < 12; window++) {
      width = afterWindow(width, carried(width.now, window) * 1e6, true);
      widths.push(width.now);
    }
    return widths;
  };
  // Four carry 4, but the windows before the doubling showed 7.
  expect(after((now, window) => (window < 2 ? 7 : now))).toEqual([4, 8, 5, 5, 5, 5, 5, 5, 5, 8, 8, 8]);
  const never = after(() => 4);
  expect(never.filter((now) => now === 8)).toHaveLength(2);
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
  // The first bytes begin the time in which it settles; the window after it is what the next is compared with.
  second(20e6);
  second(20e6);
  second(20e6);
  await expect.poll(() => ends.length).toBe(4);
  second(40e6);
  expect(gate.width).toBe(4);
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
