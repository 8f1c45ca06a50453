import { type BlobId, DAY, type TreeEntry } from '@croft/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { blobIdOf } from '../testing/memory-blobs.ts';
import { TestFarm } from '../testing/test-farm.ts';

let farm: TestFarm;
beforeEach(async () => {
  farm = await TestFarm.open();
});
afterEach(() => farm.end());

const input = () => ({ accountId: farm.accountId, root: 'input' as const });

async function put(path: string, text: string): Promise<BlobId> {
  const id = blobIdOf(text);
  await farm.calls.blobsArrived(farm.accountId, [{ id, size: text.length }]);
  await farm.calls.commitTree(input(), [{ path, id, size: text.length, mtimeMs: 1 }]);
  return id;
}

/** Everything a sweep would take now. */
async function sweep(): Promise<BlobId[]> {
  let place: Awaited<ReturnType<typeof farm.calls.pruneTrees>>['next'] = null;
  do place = (await farm.calls.pruneTrees(place)).next;
  while (place !== null);
  const gone: BlobId[] = [];
  let after: string | null = '';
  while (after !== null) {
    const step = await farm.calls.unusedBlobs(after);
    gone.push(...(await farm.calls.forgetBlobs(step.ids)));
    after = step.next;
  }
  return gone;
}

async function shown(version?: number): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  for await (const entry of farm.reads.treeEntries(input(), '/', version)) entries.push(entry);
  return entries;
}

test('bytes that arrived and were never put into a tree go after a week, not before', async () => {
  const id = blobIdOf('left over');
  await farm.calls.blobsArrived(farm.accountId, [{ id, size: 9 }]);
  farm.clock.leap(7 * DAY - 1);
  expect(await sweep()).toEqual([]);
  farm.clock.leap(1);
  expect(await sweep()).toEqual([id]);
  expect(await farm.calls.missingBlobs(farm.accountId, [id])).toEqual(new Set([id]));
});

test('a size is known from the bytes that the account refers to, not from those of others', async () => {
  const size = 123_456_789;
  await farm.calls.blobsArrived(farm.accountId, [{ id: blobIdOf('of that size'), size }]);
  expect(await farm.calls.sizesReferred(farm.accountId, [size, size + 1])).toEqual(new Set([size]));
  const other = await farm.calls.createAccount(farm.accountId, { name: 'other', mainAccountId: 0 });
  expect(await farm.calls.sizesReferred(other.accountId, [size])).toEqual(new Set());
});

test('an older version goes with its bytes, unless a task has it frozen', async () => {
  const first = blobIdOf('scene');
  const taskId = await farm.submit();
  const second = await put('/home/u/scene.blend', 'the scene, edited');
  farm.clock.leap(8 * DAY);
  expect(await sweep()).toEqual([]);

  await farm.calls.deleteTasks(farm.accountId, [taskId]);
  await farm.turn(1);
  expect(await sweep()).toContain(first);
  expect((await shown()).map(({ id }) => id)).toEqual([second]);
  expect(await farm.faults()).toEqual([]);
});

test('a file that its owner takes away is gone at once, and its bytes after their time', async () => {
  const kept = await put('/a/kept.png', 'kept');
  const gone = await put('/b/gone.png', 'gone');
  await put('/b/also/gone.png', 'also gone');
  expect(await farm.calls.removePaths(input(), ['/b', '/never/there'])).toEqual({ removed: 2 });
  expect((await shown()).map(({ path }) => path)).toEqual(['/a/kept.png']);
  farm.clock.leap(8 * DAY);
  expect(await sweep()).toHaveLength(2);
  expect(await farm.calls.missingBlobs(farm.accountId, [kept, gone])).toEqual(new Set([gone]));
});

test('what a sender was told it need not send is still there when it commits', async () => {
  const id = blobIdOf('sent long ago');
  await farm.calls.blobsArrived(farm.accountId, [{ id, size: 13 }]);
  farm.clock.leap(7 * DAY - 1);
  expect(await farm.calls.missingBlobs(farm.accountId, [id])).toEqual(new Set());
  farm.clock.leap(1);
  expect(await sweep()).toEqual([]);
  await farm.calls.commitTree(input(), [{ path: '/late.exr', id, size: 13, mtimeMs: 1 }]);
});

test('results and what the output tree shows stay', async () => {
  const node = await farm.addNode();
  const taskId = await farm.submit();
  await node.renderAll();
  farm.clock.leap(30 * DAY);
  expect(await sweep()).toEqual([]);
  const { items } = await farm.reads.results(farm.accountId, taskId, 1, 10);
  expect(await farm.calls.unknownBlobs(items.map(({ id }) => id as BlobId))).toEqual([]);
  expect(await farm.faults()).toEqual([]);
});

test('an older picture of a frame that was rendered again goes; the one that is published stays', async () => {
  const node = await farm.addNode();
  const taskId = await farm.submit({ frames: '1' });
  await node.renderAll();
  await farm.calls.restartFrames(farm.accountId, taskId);
  await farm.turn(100);
  await node.renderAll();
  farm.clock.leap(8 * DAY);
  expect(await sweep()).toHaveLength(1);
  expect(await farm.faults()).toEqual([]);
});
