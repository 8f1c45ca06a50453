/** Nodes that are lost, come back, fail, drain and share: who renders what, and at whose cost. */
import { beforeEach, expect, test } from 'vitest';
import { auditedFarm } from './testing/audited-farm.ts';
import type { TestFarm } from './testing/test-farm.ts';

let farm: TestFarm;
const audited = auditedFarm();
beforeEach(() => {
  farm = audited.current;
});

test('a node fault costs no retry, keeps node and task apart for a while, and says so', async () => {
  const node = await farm.addNode({ name: 'shaky' });
  const taskId = await farm.submit({ frames: '7' });
  for (let fault = 0; fault < 5; fault++) {
    const order = node.orders.at(-1)!;
    await node.failed(order, order.frames[0]!, 'node');
    await node.ended(order);
    expect((await farm.task(taskId)).waitingFor[0]).toMatch(/Node shaky failed this task/);
    await farm.turn(400_000);
  }
  expect(await farm.task(taskId)).toMatchObject({ frames: { failed: 0 } });
  expect(await node.renderAll()).toBeGreaterThan(0);
  expect(await farm.task(taskId)).toMatchObject({ status: 25 });
});

test('a node that fails different tasks is rested', async () => {
  const node = await farm.addNode();
  for (let task = 0; task < 3; task++) {
    await farm.submit({ frames: '1' });
    const order = node.orders.at(-1)!;
    await node.failed(order, order.frames[0]!, 'node');
    await node.ended(order);
  }
  expect(await farm.reads.nodes()).toMatchObject([{ state: 'resting' }]);
  await farm.turn(6 * 60_000);
  expect(await node.renderAll()).toBeGreaterThanOrEqual(3);
  expect(await farm.reads.nodes()).toMatchObject([{ state: 'online' }]);
});

test('a lost node keeps its attempts for the grace time, then another renders them at no cost', async () => {
  const lost = await farm.addNode({ name: 'lost' });
  const taskId = await farm.submit({ frames: '1' });
  const order = lost.orders[0]!;
  await lost.started(order, order.frames[0]!);
  const other = await farm.addNode({ name: 'other' });
  await lost.disconnect();
  await farm.turn(25_000);
  expect(other.orders).toHaveLength(0);
  await farm.turn(20_000);
  expect(other.orders).toHaveLength(1);
  expect(await other.renderAll()).toBe(1);
  await lost.connect([order.attemptId]);
  expect(lost.cancels).toMatchObject([{ attemptId: order.attemptId, reason: 'stale' }]);
  await lost.done(order, order.frames[0]!);
  expect(await farm.task(taskId)).toMatchObject({ status: 25 });
  const { items } = await farm.reads.frames(farm.accountId, taskId, { page: 1, size: 10 });
  expect(items).toMatchObject([{ node: 'other', attempts: 2, failure: null }]);
});

test('a node that comes back without an attempt gives its frames back at once', async () => {
  const node = await farm.addNode();
  await farm.submit({ frames: '1' });
  await node.disconnect();
  await node.connect([]);
  expect(node.orders).toHaveLength(2);
  expect(node.orders[1]!.attemptId).not.toBe(node.orders[0]!.attemptId);
});

test('attempts live through a restart of the farm, and their tokens with them', async () => {
  const node = await farm.addNode();
  const taskId = await farm.submit({ frames: '1-2[1]' });
  const order = node.orders[0]!;
  await farm.restart();
  expect(await farm.calls.attemptGrant(order.token)).toMatchObject({ attemptId: order.attemptId, taskId });
  await node.connect([order.attemptId]);
  expect(node.orders).toHaveLength(1);
  for (const frame of order.frames) await node.done(order, frame);
  await node.ended(order);
  expect(await farm.calls.attemptGrant(order.token)).toBeNull();
  expect(await farm.task(taskId)).toMatchObject({ status: 25 });
});

test('reports twice, late, or by a node that never had the attempt change nothing', async () => {
  const node = await farm.addNode();
  const liar = await farm.addNode({ name: 'liar', apps: [] });
  const taskId = await farm.submit({ frames: '1-2[1]' });
  const order = node.orders[0]!;
  const [first, second] = order.frames;
  await liar.done(order, first!);
  expect(liar.cancels).toMatchObject([{ reason: 'stale' }]);
  for (let twice = 0; twice < 2; twice++) {
    await node.started(order, first!);
    await node.done(order, first!);
  }
  await node.failed(order, first!, 'scene');
  expect(node.cancels).toEqual([]);
  await farm.calls.stopFrames(farm.accountId, taskId, [second!.frameId]);
  await node.done(order, second!);
  expect(node.cancels).toMatchObject([
    { reason: 'stopped', frameIds: [second!.frameId] },
    { reason: 'stale', frameIds: [second!.frameId] },
  ]);
  expect(await farm.task(taskId)).toMatchObject({ status: 70, frames: { done: 1, stopped: 1 } });
});

test('a higher level goes first, then who came first', async () => {
  const ids = [await farm.submit({ frames: '1' }), await farm.submit({ frames: '1' })];
  const urgent = await farm.submit({ frames: '1', userLevel: 60 });
  const node = await farm.addNode();
  await node.renderAll();
  expect(node.orders.map(({ taskId }) => taskId)).toEqual([urgent, ...ids]);
});

test('a draining node gets nothing new, and a refused order goes elsewhere', async () => {
  const node = await farm.addNode({ name: 'first' });
  await farm.submit({ frames: '1' });
  const other = await farm.addNode({ name: 'second' });
  await farm.calls.nodeRefused(node.id, node.orders[0]!.attemptId, 'NODE_FULL', 'no disk');
  await farm.turn(20);
  expect(other.orders).toHaveLength(1);
  await farm.calls.nodeDraining(node.id);
  await farm.submit({ frames: '1' });
  expect(node.orders).toHaveLength(1);
});

test('short frames are booked by the run, with one attempt in reserve; long ones go one by one', async () => {
  const node = await farm.addNode();
  await farm.submit({ frames: '1-100[1]' });
  const [order] = node.orders;
  expect(order!.frames).toHaveLength(4);
  await node.done(order!, order!.frames[0]!);
  await farm.turn(20);
  expect(node.orders).toHaveLength(2);
  expect(node.orders[1]!.frames.length).toBe(30);
});

test('frames booked to one node are shared with another that comes later', async () => {
  const first = await farm.addNode({ name: 'first' });
  const taskId = await farm.submit({ frames: '1-4[1]' });
  const order = first.orders[0]!;
  expect(order.frames).toHaveLength(4);
  await first.started(order, order.frames[0]!);
  const second = await farm.addNode({ name: 'second' });
  expect(second.orders).toHaveLength(0);
  await farm.turn(11_000);
  await farm.turn(20);
  const taken = first.cancels.flatMap(({ frameIds }) => frameIds ?? []);
  expect(taken).toEqual([order.frames[2]!.frameId, order.frames[3]!.frameId]);
  expect(second.orders.flatMap(({ frames }) => frames.map(({ frameId }) => frameId))).toContain(taken[0]);
  await second.renderAll();
  await first.done(order, order.frames[0]!);
  await first.done(order, order.frames[1]!);
  await first.ended(order);
  await second.renderAll();
  await first.renderAll();
  expect(await farm.task(taskId)).toMatchObject({ status: 25, frames: { done: 4 } });
});
