import { parseFrames } from '@croft/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SegmentShape } from './segment-shape.ts';

const run = fc.record({
  gap: fc.integer({ min: 1, max: 9 }),
  count: fc.integer({ min: 1, max: 30 }),
  step: fc.integer({ min: 1, max: 4 }),
});

test('every frame number of the runs is in exactly one unit, in order, and found by its number', () => {
  fc.assert(
    fc.property(
      fc.array(run, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 7 }),
      (wishes, framesPerUnit) => {
        let next = -20;
        const runs = wishes.map(({ gap, count, step }) => {
          const first = next + gap;
          next = first + (count - 1) * step;
          return { first, last: next, step };
        });
        const shape = new SegmentShape({ runs, framesPerUnit, tiles: 1, base: 100 });
        const numbers: number[] = [];
        for (let ordinal = 0; ordinal < shape.size; ordinal++) {
          const { first, last, step, frameId } = shape.frameAt(ordinal);
          expect(frameId).toBe(100 + ordinal);
          for (let number = first; number <= last; number += step) {
            numbers.push(number);
            expect(shape.ordinalsShowing(number)).toContain(ordinal);
          }
        }
        const wanted = runs.flatMap(({ first, last, step }) =>
          Array.from({ length: (last - first) / step + 1 }, (_, index) => first + index * step),
        );
        expect(numbers).toEqual(wanted);
      },
    ),
  );
});

test('tiles follow one another within a picture', () => {
  const shape = new SegmentShape({ runs: parseFrames('3,5'), framesPerUnit: 1, tiles: 2, base: 1 });
  expect([0, 1, 2, 3].map((ordinal) => [shape.labelAt(ordinal), shape.frameAt(ordinal).tile])).toEqual([
    ['3', 0],
    ['3', 1],
    ['5', 0],
    ['5', 1],
  ]);
  expect(shape.ordinalsShowing(5)).toEqual([2, 3]);
});
