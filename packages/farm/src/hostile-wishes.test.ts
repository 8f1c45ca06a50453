/** Wishes of users that are far too large, or nonsense: refused with a sentence, or bounded. */
import { beforeEach, expect, test } from 'vitest';
import { auditedFarm } from './testing/audited-farm.ts';
import { blobIdOf } from './testing/memory-blobs.ts';
import type { TestFarm } from './testing/test-farm.ts';

let farm: TestFarm;
const audited = auditedFarm();
beforeEach(() => {
  farm = audited.current;
});

test('pages far away, fractions and no numbers at all are pages', async () => {
  const taskId = await farm.submit({ frames: '1-3[1]' });
  const { reads, accountId } = farm;
  for (const page of [Number.NaN, Number.POSITIVE_INFINITY, -5, 0, 1.5, 1e300, Number.MAX_SAFE_INTEGER]) {
    for (const size of [Number.NaN, 1e9, -1, 10]) {
      expect((await reads.listTasks(accountId, { page, size })).total).toBe(1);
      expect((await reads.frames(accountId, taskId, { page, size })).total).toBe(3);
      expect((await reads.frames(accountId, taskId, { page, size, statuses: [1] })).total).toBe(3);
      expect((await reads.results(accountId, taskId, page, size)).total).toBe(0);
    }
  }
});

test('a task of too many frames, or too many to render in one go, is refused', async () => {
  const refused = { code: 'FARM_TASK_FILE_INVALID' };
  const submit = async (segment: object) => {
    const taskId = await farm.draft({ segments: [{ frames: '1-1000000[1]', ...segment }] });
    return farm.calls.submitTask(farm.accountId, taskId, {});
  };
  await expect(submit({ tiles: 1000 })).rejects.toMatchObject(refused);
  await expect(submit({ oneAttempt: true })).rejects.toMatchObject(refused);
  for (const framesPerUnit of [0, -1, 0.5, 1e300]) {
    await expect(submit({ framesPerUnit })).rejects.toMatchObject(refused);
  }
});

test('settings that no node could hand to an app are refused', async () => {
  const taskId = await farm.draft({ children: [{ layerName: 'x'.repeat(70_000), frames: '1' }] });
  await expect(farm.calls.submitTask(farm.accountId, taskId, {})).rejects.toMatchObject({
    code: 'FARM_TASK_FILE_INVALID',
    message: 'the task cannot be planned: its settings are more than 64 KiB',
  });
});

test('labels and the artist of many tasks are bounded', async () => {
  const { calls, accountId } = farm;
  const wish = { count: 1000, userLevel: 50 };
  for (const much of [
    { labels: ['x'.repeat(300)] },
    { labels: Array(101).fill('x') },
    { artist: 'x'.repeat(300) },
  ]) {
    await expect(calls.createTasks(accountId, { ...wish, ...much })).rejects.toMatchObject({
      code: 'FARM_INVALID',
    });
  }
  expect(await calls.createTasks(accountId, { ...wish, labels: ['x'] })).toHaveLength(1000);
});

test('who only looks is answered while a long commit or a long list of frames is worked off', async () => {
  const { calls, accountId } = farm;
  const taskId = await farm.submit({ frames: '1-1000[1]' });
  const { items } = await farm.reads.frames(accountId, taskId, { page: 1, size: 1000 });
  const blobs = Array.from({ length: 3000 }, (_, at) => ({ id: blobIdOf(String(at)), size: 1 }));
  const entries = blobs.map((blob, at) => ({ path: `/many/${at}`, ...blob, mtimeMs: 1 }));
  const tree = { accountId, root: 'input' } as const;
  const long: (() => Promise<unknown>)[] = [
    () => calls.blobsArrived(accountId, blobs),
    () => calls.commitTree(tree, entries),
    () =>
      calls.stopFrames(
        accountId,
        taskId,
        items.map(({ id }) => id),
      ),
  ];
  for (const begin of long) {
    const order: string[] = [];
    const working = begin().then(() => order.push('long'));
    await new Promise((resolve) => setImmediate(resolve));
    const looking = calls.keySecret('nobody').then(() => order.push('look'));
    await Promise.all([working, looking]);
    expect(order).toEqual(['look', 'long']);
  }
});
