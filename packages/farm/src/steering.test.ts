/** Users who stop, start and restart while frames run, and limits of time that end tasks and frames. */
import { beforeEach, expect, test } from 'vitest';
import { auditedFarm } from './testing/audited-farm.ts';
import type { TestFarm } from './testing/test-farm.ts';

let farm: TestFarm;
const audited = auditedFarm();
beforeEach(() => {
  farm = audited.current;
});

const statuses = async (taskId: number) =>
  (await farm.reads.frames(farm.accountId, taskId, { page: 1, size: 50 })).items.map(({ status }) => status);

test('task_stop_time stops a task that renders for too long, and one that is started again gets its time anew', async () => {
  const node = await farm.addNode();
  const taskId = await farm.submit({ frames: '1-2[1]', taskInfo: { task_stop_time: '100' } });
  const order = node.orders[0]!;
  await node.started(order, order.frames[0]!);
  await farm.turn(90_000);
  expect(await farm.task(taskId)).toMatchObject({ status: 5 });
  await farm.turn(20_000);
  expect(await farm.task(taskId)).toMatchObject({ status: 23, frames: { stopped: 2 } });
  expect(node.cancels).toMatchObject([{ attemptId: order.attemptId, reason: 'stopped' }]);
  await farm.calls.startTasks(farm.accountId, [taskId]);
  await farm.turn(20_000);
  const again = node.orders.at(-1)!;
  expect(again.attemptId).not.toBe(order.attemptId);
  await node.started(again, again.frames[0]!);
  await farm.turn(60_000);
  expect(await farm.task(taskId)).toMatchObject({ status: 5 });
  await node.renderAll();
  expect(await farm.task(taskId)).toMatchObject({ status: 25 });
});

test('time in which a task waits for its user after test frames does not count for task_stop_time', async () => {
  const node = await farm.addNode();
  const taskId = await farm.submit({
    taskInfo: { task_stop_time: '100' },
    segments: [{ frames: '5', stage: 'priority', frameType: 4, pauseAfter: true }, { frames: '1-2[1]' }],
  });
  await node.renderAll();
  expect(await farm.task(taskId)).toMatchObject({ status: 40 });
  await farm.turn(3600_000);
  await farm.calls.startTasks(farm.accountId, [taskId]);
  await farm.turn(20_000);
  expect(await farm.task(taskId)).toMatchObject({ frames: { stopped: 0 } });
  await node.renderAll();
  expect(await farm.task(taskId)).toMatchObject({ status: 25 });
});

test.each([
  ['0.4', 1000],
  ['1e300', 3_200_000_000_000],
  ['-1', 0],
  ['soon', 0],
])('a job_stop_time of %s seconds is %d ms', async (text, ms) => {
  const node = await farm.addNode();
  await farm.submit({ frames: '1', taskInfo: { job_stop_time: text } });
  expect(node.orders[0]!.frameTimeoutMs).toBe(ms);
});

test('a task begins with its first frame, also where that was over before its start was told', async () => {
  const node = await farm.addNode();
  const parent = await farm.submit({
    children: [
      { layerName: 'a', frames: '1' },
      { layerName: 'b', frames: '1' },
    ],
  });
  await farm.turn(5000);
  const [order] = node.orders;
  await node.done(order!, order!.frames[0]!);
  await node.ended(order!);
  const [first] = (await farm.task(parent)).childIds;
  const { items } = await farm.reads.frames(farm.accountId, first!, { page: 1, size: 1 });
  expect(items[0]!.startedAt).not.toBeNull();
  expect(await farm.task(first!)).toMatchObject({ status: 25, startedAt: items[0]!.startedAt });
  expect(await farm.task(parent)).toMatchObject({ startedAt: items[0]!.startedAt });
});

test('frames of several tasks are restarted or stopped together, or of none where one task is unknown', async () => {
  const { calls, accountId } = farm;
  const node = await farm.addNode();
  const tasks = [await farm.submit({ frames: '1' }), await farm.submit({ frames: '2' })];
  await node.renderAll();
  for (const call of [calls.restartFrames, calls.stopFrames])
    await expect(call(accountId, [...tasks, 99])).rejects.toMatchObject({ code: 'FARM_NOT_FOUND' });
  for (const id of tasks) expect(await statuses(id)).toEqual([4]);
  await calls.restartFrames(accountId, tasks);
  for (const id of tasks) expect((await farm.task(id)).status).not.toBe(25);
  await calls.stopFrames(accountId, tasks);
  for (const id of tasks) expect(await statuses(id)).toEqual([3]);
});

test('job_stop_time goes with every order, and a frame that took longer is timed out for good', async () => {
  const node = await farm.addNode();
  const taskId = await farm.submit({ frames: '1-2[1]', taskInfo: { job_stop_time: '7' } });
  const order = node.orders[0]!;
  expect(order.frameTimeoutMs).toBe(7000);
  await node.started(order, order.frames[0]!);
  await node.failed(order, order.frames[0]!, 'timeout');
  expect(await statuses(taskId)).toEqual([11, 1]);
  await node.ended(order);
  await node.renderAll();
  expect(await farm.task(taskId)).toMatchObject({ status: 30, frames: { done: 1, failed: 1 } });
});

test('restart of all begins with the first segment again, and pauses after it again', async () => {
  const node = await farm.addNode();
  const taskId = await farm.submit({
    segments: [{ frames: '5', stage: 'priority', frameType: 4, pauseAfter: true }, { frames: '1-4[1]' }],
  });
  await node.renderAll();
  await farm.calls.startTasks(farm.accountId, [taskId]);
  await farm.turn(20);
  await node.renderAll();
  expect(await farm.task(taskId)).toMatchObject({ status: 25 });
  await farm.calls.restartFrames(farm.accountId, taskId);
  await farm.turn(20);
  expect(await statuses(taskId)).toEqual([1, 8, 8, 8, 8]);
  await node.renderAll();
  expect(await farm.task(taskId)).toMatchObject({ status: 40, frames: { done: 1, waiting: 4 } });
  await farm.calls.startTasks(farm.accountId, [taskId]);
  await farm.turn(20);
  await node.renderAll();
  expect(await farm.task(taskId)).toMatchObject({ status: 25, frames: { done: 5 } });
});

test('an abandoned draft cannot be submitted, and nothing is done to a deleted task', async () => {
  const { calls, accountId } = farm;
  const draft = await farm.draft();
  await calls.abandonTasks(accountId, [draft]);
  await expect(calls.submitTask(accountId, draft, {})).rejects.toMatchObject({ code: 'FARM_TASK_STATE' });
  const taskId = await farm.submit({ frames: '1' });
  await calls.deleteTasks(accountId, [taskId]);
  await farm.idle();
  const deleted = async () =>
    (await farm.reads.listTasks(accountId, { page: 1, size: 10, deleted: true })).items;
  const before = await deleted();
  await calls.abandonTasks(accountId, [taskId]);
  await calls.stopTasks(accountId, [taskId]);
  await calls.startTasks(accountId, [taskId]);
  await calls.restartFrames(accountId, taskId);
  expect(await deleted()).toEqual(before);
});

test('frames named to be left out of a running attempt stay out; the rest of it goes on', async () => {
  const node = await farm.addNode();
  const taskId = await farm.submit({ frames: '1-4[1]' });
  const order = node.orders[0]!;
  await node.started(order, order.frames[0]!);
  const left = [order.frames[1]!.frameId, order.frames[2]!.frameId];
  await farm.calls.stopFrames(farm.accountId, taskId, left);
  expect(node.cancels.flatMap(({ frameIds }) => frameIds)).toEqual(left);
  await node.done(order, order.frames[0]!);
  await node.done(order, order.frames[3]!);
  await node.ended(order);
  expect(await statuses(taskId)).toEqual([4, 3, 3, 4]);
  await farm.calls.restartFrames(farm.accountId, taskId, left);
  await farm.turn(20);
  await node.renderAll();
  expect(await farm.task(taskId)).toMatchObject({ status: 25, frames: { done: 4 } });
});

test('frames that must run in one go are one attempt, and go on from the first that is missing after a loss', async () => {
  const lost = await farm.addNode({ name: 'lost' });
  const taskId = await farm.submit({ segments: [{ frames: '1-600[1]', oneAttempt: true }] });
  const [order] = lost.orders;
  expect(order!.frames).toHaveLength(600);
  const other = await farm.addNode({ name: 'other' });
  for (const frame of order!.frames.slice(0, 2)) await lost.done(order!, frame);
  await lost.disconnect();
  await farm.turn(45_000);
  expect(other.orders).toHaveLength(1);
  expect(other.orders[0]!.frames).toHaveLength(598);
  expect(other.orders[0]!.frames[0]).toMatchObject({ first: 3 });
  const retried = other.orders[0]!.frames[5]!;
  for (const frame of other.orders[0]!.frames.slice(0, 5)) await other.done(other.orders[0]!, frame);
  await other.failed(other.orders[0]!, retried, 'scene');
  const third = await farm.addNode({ name: 'third' });
  expect(third.orders[0]!.frames.map(({ first }) => first)).toEqual([8]);
  expect(await farm.task(taskId)).toMatchObject({ frames: { done: 7, waiting: 593 } });
});

test('a task that is done stays done when its user abandons it', async () => {
  const node = await farm.addNode();
  const taskId = await farm.submit({ frames: '1-2[1]' });
  await node.renderAll();
  await farm.calls.abandonTasks(farm.accountId, [taskId]);
  expect(await farm.task(taskId)).toMatchObject({ status: 25, frames: { done: 2 } });
});

test('a task that renders waits for nothing', async () => {
  const node = await farm.addNode();
  const first = await farm.submit({ frames: '1-40[1]' });
  const second = await farm.submit({ frames: '1-2[1]' });
  const order = node.orders[0]!;
  await node.started(order, order.frames[0]!);
  await farm.turn(20_000);
  expect(await farm.task(first)).toMatchObject({ status: 5, waitingFor: [] });
  const { waitingFor } = await farm.task(second);
  expect(waitingFor.length).toBeGreaterThan(0);
});

test('a node that enrols again with its key is the same node', async () => {
  const key = Buffer.alloc(32, 9).toString('base64');
  const enrol = async (name: string) =>
    farm.calls.enrolNode((await farm.calls.createNodeCode(farm.accountId)).code, name, key);
  const { nodeId } = await enrol('before the move');
  expect(await enrol('after the move')).toEqual({ nodeId });
  expect((await farm.reads.nodes()).filter(({ id }) => id === nodeId)).toMatchObject([
    { name: 'after the move' },
  ]);
});
