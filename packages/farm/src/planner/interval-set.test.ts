import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IntervalSet } from './interval-set.ts';

const change = fc.record({ add: fc.boolean(), first: fc.nat(60), length: fc.integer({ min: 1, max: 20 }) });

test('an interval set is a set of numbers, kept as the fewest intervals', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
      const set = new IntervalSet();
      const model = new Set<number>();
      for (const { add, first, length } of changes) {
        const last = first + length - 1;
        if (add) set.add(first, last);
        else set.remove(first, last);
        for (let number = first; number <= last; number++) add ? model.add(number) : model.delete(number);
        expect(set.size).toBe(model.size);
      }
      const numbers = [...set.intervals()].flatMap((run) =>
        Array.from({ length: run.last - run.first + 1 }, (_, index) => run.first + index),
      );
      expect(numbers).toEqual([...model].sort((a, b) => a - b));
      const runs = [...set.intervals()];
      for (let at = 1; at < runs.length; at++)
        expect(runs[at]!.first).toBeGreaterThan(runs[at - 1]!.last + 1);
      expect(set.firstRun(1000)).toEqual(runs[0] ?? null);
    }),
  );
});
