/** Nodes that are broken or taken over: what they say must never harm more than their own attempts. */
import { beforeEach, expect, test } from 'vitest';
import { auditedFarm } from './testing/audited-farm.ts';
import { pictureOf, type TestFarm } from './testing/test-farm.ts';

let farm: TestFarm;
const audited = auditedFarm();
beforeEach(() => {
  farm = audited.current;
});

const framesOf = async (taskId: number) =>
  (await farm.reads.frames(farm.accountId, taskId, { page: 1, size: 10 })).items;

test('a clock that lies by thousands of years leaves tasks that can be read, and a farm that starts', async () => {
  const node = await farm.addNode();
  const taskId = await farm.submit({ frames: '1-4[1]' });
  const order = node.orders[0]!;
  const far = Number.MAX_SAFE_INTEGER;
  await farm.calls.nodeReport(node.id, { kind: 'attempt-started', attemptId: order.attemptId, at: far });
  await farm.turn(60_000);
  for (const frame of order.frames.slice(0, 3)) {
    const times = { attemptId: order.attemptId, frameId: frame.frameId, startedAt: 0, endedAt: far };
    const result = pictureOf(order, frame);
    await farm.calls.blobsArrived(farm.accountId, [{ id: result.id, size: result.size }]);
    await farm.calls.nodeReport(node.id, {
      kind: 'frame-done',
      ...times,
      results: [result],
      peakMemoryBytes: null,
    });
  }
  const [info] = await farm.reads.taskInfos(farm.accountId, [taskId]);
  expect(info!.renderMs).toBeLessThanOrEqual(3 * 121_000);
  const now = farm.clock.now();
  for (const { startedAt, endedAt } of (await framesOf(taskId)).slice(0, 3)) {
    expect(endedAt).toBeLessThanOrEqual(now);
    expect(startedAt).toBeGreaterThan(now - 3600_000);
  }
  await farm.restart();
  expect(await farm.task(taskId)).toMatchObject({ frames: { done: 3 } });
});

test('a report about a frame of another task, or one that never was, is answered as stale', async () => {
  const node = await farm.addNode();
  await farm.submit({ frames: '1' });
  const other = await farm.submit({ frames: '1' });
  const order = node.orders[0]!;
  const [foreign] = await framesOf(other);
  for (const frameId of [foreign!.id, 999_999]) {
    await farm.calls.nodeReport(node.id, {
      kind: 'frame-started',
      attemptId: order.attemptId,
      frameId,
      at: farm.clock.now(),
    });
    expect(node.cancels.at(-1)).toMatchObject({ reason: 'stale', frameIds: [frameId] });
  }
});

test('a result at a path that leaves its folder fails its frame by the node, and publishes nothing', async () => {
  const node = await farm.addNode();
  const taskId = await farm.submit({ frames: '1-2[1]' });
  const order = node.orders[0]!;
  for (const [index, path] of ['../../etc/x', 'C:x.png'].entries())
    await node.done(order, order.frames[index]!, { path });
  expect(await framesOf(taskId)).toMatchObject([
    { status: 1, failure: { code: 'PATH_REFUSED', class: 'node' } },
    { status: 1, failure: { code: 'PATH_REFUSED', class: 'node' } },
  ]);
  expect((await farm.reads.results(farm.accountId, taskId, 1, 10)).items).toEqual([]);
});

test('frames that a node gives up by itself are not handed to it again at once, for ever', async () => {
  const node = await farm.addNode();
  const taskId = await farm.submit({ frames: '1' });
  for (let round = 0; round < 5; round++) {
    const order = node.orders.at(-1)!;
    await node.failed(order, order.frames[0]!, 'cancelled');
    await node.ended(order);
  }
  expect(node.orders).toHaveLength(1);
  expect((await farm.task(taskId)).waitingFor[0]).toMatch(/may try again/);
  expect(await framesOf(taskId)).toMatchObject([{ status: 1 }]);
  await farm.turn(60_000);
  expect(node.orders.length).toBeGreaterThan(1);
});

test('a missing licence costs no retry and keeps the node and the task apart, up to a bound', async () => {
  const taskId = await farm.submit({ frames: '1' });
  const failed: number[] = [];
  for (let fault = 0; fault < 20; fault++) {
    const node = await farm.addNode({ name: `node ${fault}` });
    await farm.turn(20);
    const [order] = node.orders;
    await node.failed(order!, order!.frames[0]!, 'licence');
    await node.ended(order!);
    expect(node.orders).toHaveLength(1);
    failed.push((await farm.task(taskId)).frames.failed);
  }
  expect(failed).toEqual([...Array(19).fill(0), 1]);
  expect(await farm.task(taskId)).toMatchObject({ status: 45 });
});
