import { systemClock } from '@croft/contract';
import { expect, it } from 'vitest';
import { createFailureLimit } from './failure-limit.ts';

it('guesses that come all at once are limited like those one after another', async () => {
  const limit = createFailureLimit(systemClock);
  let tried = 0;
  const guess = () =>
    limit.guard('10.0.0.1', async () => {
      tried += 1;
      await new Promise((resolve) => setImmediate(resolve));
      throw new Error('wrong code');
    });
  await Promise.allSettled(Array.from({ length: 200 }, guess));
  expect(tried).toBe(10);
  await expect(guess()).rejects.toMatchObject({ code: 'NATIVE_TOO_MANY_FAILURES' });
});

it('what succeeds does not count, whoever else fails', async () => {
  const limit = createFailureLimit(systemClock);
  for (let time = 0; time < 30; time++) await limit.guard('10.0.0.1', async () => time);
  const failing = limit.guard('10.0.0.2', () => Promise.reject(new Error('wrong code')));
  await expect(failing).rejects.toThrow('wrong code');
  expect(await limit.guard('10.0.0.1', async () => 'in')).toBe('in');
});
