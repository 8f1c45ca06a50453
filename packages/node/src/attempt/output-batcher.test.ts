import type { BlobId } from '@croft/contract';
import { expect, test } from 'vitest';
import { OutputBatcher } from './output-batcher.ts';

/** A clock that is turned by hand. */
function handClock() {
  let nowMs = 0;
  const timers = new Set<{ dueMs: number; action: () => void }>();
  return {
    now: () => nowMs,
    after(delayMs: number, action: () => void) {
      const timer = { dueMs: nowMs + delayMs, action };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    turn(ms: number) {
      nowMs += ms;
      for (const timer of [...timers]) {
        if (timer.dueMs > nowMs) continue;
        timers.delete(timer);
        timer.action();
      }
    },
  };
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
const fileOf = (name: string) => [{ file: `/spool/${name}`, path: `/${name}` }];
const { signal } = new AbortController();

function batcher(refused: readonly string[] = []) {
  const clock = handClock();
  const requests: string[][] = [];
  const out = new OutputBatcher(
    {
      async fetchInputs() {},
      async sendOutputs(files) {
        requests.push(files.map(({ path }) => path));
        if (files.some(({ path }) => refused.includes(path))) throw new Error('refused');
        return files.map(({ path }) => ({ id: `id of ${path}` as BlobId, size: 1, mtimeMs: 0 }));
      },
      async close() {},
    },
    clock,
  );
  return { clock, requests, out };
}

test('the first frame goes at once, those that follow gather, and each gets its own answer', async () => {
  const { clock, requests, out } = batcher();
  await out.sendOutputs(fileOf('a'), signal);
  const later = ['b', 'c', 'd'].map((name) => out.sendOutputs(fileOf(name), signal));
  await settled();
  expect(requests).toEqual([['/a']]);
  clock.turn(250);
  expect((await Promise.all(later)).map(([sent]) => sent?.id)).toEqual(['id of /b', 'id of /c', 'id of /d']);
  expect(requests).toEqual([['/a'], ['/b', '/c', '/d']]);
});

test('a frame that is long in coming is not held up', async () => {
  const { clock, requests, out } = batcher();
  await out.sendOutputs(fileOf('a'), signal);
  clock.turn(1000);
  await out.sendOutputs(fileOf('b'), signal);
  expect(requests).toEqual([['/a'], ['/b']]);
});

test('when no more frames come, what waits goes at once', async () => {
  const { requests, out } = batcher();
  await out.sendOutputs(fileOf('a'), signal);
  const last = out.sendOutputs(fileOf('b'), signal);
  out.hurry();
  await last;
  expect(requests).toEqual([['/a'], ['/b']]);
});

test("one frame's refused file fails that frame alone", async () => {
  const { clock, out } = batcher(['/bad']);
  await out.sendOutputs(fileOf('a'), signal);
  const later = ['b', 'bad', 'c'].map((name) => out.sendOutputs(fileOf(name), signal));
  const outcomes = Promise.allSettled(later);
  clock.turn(250);
  expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});
