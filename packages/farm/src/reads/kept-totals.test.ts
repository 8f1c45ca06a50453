import { expect, it } from 'vitest';
import { keptTotals } from './kept-totals.ts';

it('counts once for a filter and a version of the store, and always where the store cannot tell', async () => {
  let version: number | null = 1;
  let counted = 0;
  const { of } = keptTotals(() => version);
  const total = (filter: object) =>
    of(filter, async () => {
      counted += 1;
      return counted;
    });
  expect([await total({ a: 1 }), await total({ a: 1 }), await total({ a: 2 })]).toEqual([1, 1, 2]);
  version = 2;
  expect(await total({ a: 1 })).toBe(3);
  version = null;
  expect([await total({ a: 1 }), await total({ a: 1 })]).toEqual([4, 5]);
});

it('a count that began before a commit is not given after it', async () => {
  let version = 1;
  const { of } = keptTotals(() => version);
  let answer = (_total: number) => {};
  const slow = of(
    'f',
    () =>
      new Promise((done) => {
        answer = done;
      }),
  );
  version = 2;
  expect(await of('f', async () => 7)).toBe(7);
  answer(6);
  expect(await slow).toBe(6);
  expect(await of('f', async () => 8)).toBe(7);
});
