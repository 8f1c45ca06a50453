import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from './clock.ts';
import { DAY } from './units.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('waits for longer than one timer can', () => {
  const action = vi.fn();
  systemClock.after(60 * DAY, action);
  vi.advanceTimersByTime(60 * DAY - 1);
  expect(action).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(action).toHaveBeenCalledOnce();
});

it('is cancelled in the middle of a long wait', () => {
  const action = vi.fn();
  const cancel = systemClock.after(60 * DAY, action);
  vi.advanceTimersByTime(40 * DAY);
  cancel();
  vi.advanceTimersByTime(60 * DAY);
  expect(action).not.toHaveBeenCalled();
});
