import { expect, it } from 'vitest';
import { createReplayMemory } from './replay.ts';

it('knows what came lately, however much came before, and keeps keys and times apart', () => {
  const memory = createReplayMemory();
  expect(memory.remember('a', 1, '100')).toBe(true);
  expect(memory.remember('a', 1, '100')).toBe(false);
  expect(memory.remember('b', 1, '100')).toBe(true);
  expect(memory.remember('a', 2, '100')).toBe(true);
  const before = performance.now();
  for (let nonce = 0; nonce < 200_000; nonce++) {
    if (!memory.remember('c', 3, String(nonce))) throw new Error(`${nonce} is new`);
    if (nonce % 1000 === 0) expect(memory.remember('c', 3, String(Math.max(0, nonce - 20_000)))).toBe(false);
  }
  // A search through all entries with every call took minutes.
  expect(performance.now() - before).toBeLessThan(30_000);
});
