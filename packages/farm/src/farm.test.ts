import { beforeEach, expect, test } from 'vitest';
import { auditedFarm } from './testing/audited-farm.ts';
import { blobIdOf } from './testing/memory-blobs.ts';
import { pictureOf, type TestFarm } from './testing/test-farm.ts';

let farm: TestFarm;
const audited = auditedFarm();
beforeEach(() => {
  farm = audited.current;
});

test('a submitted task is booked, rendered, and its results are published', async () => {
  const node = await farm.addNode();
  const taskId = await farm.submit({ frames: '1-3[1]' });
  expect(node.orders[0]).toMatchObject({
    taskId,
    app: 'blender',
    appVersion: '3.4.1',
    scenePath: '/home/u/scene.blend',
    stage: 'main',
  });
  expect(await node.renderAll()).toBe(3);
  const task = await farm.task(taskId);
  expect(task).toMatchObject({ status: 25, outputName: `${taskId}_scene`, frames: { total: 3, done: 3 } });
  const results = await farm.reads.results(farm.accountId, taskId, 1, 10);
  expect(results.items.map(({ path }) => path)).toEqual(['/0001.png', '/0002.png', '/0003.png']);
  const second = results.items[1]!;
  const ofSecond = { frameId: second.frameId, thumbnails: false };
  expect((await farm.reads.results(farm.accountId, taskId, 1, 10, ofSecond)).items).toEqual([second]);
  const output = { accountId: farm.accountId, root: 'output' } as const;
  const paths: string[] = [];
  for await (const { path } of farm.reads.treeEntries(output, `/${taskId}_scene`)) paths.push(path);
  expect(paths).toHaveLength(3);
});

test('only scene faults burn retries: the third is final, and a restart forgives them', async () => {
  const node = await farm.addNode();
  const taskId = await farm.submit({ frames: '7' });
  for (let fault = 0; fault < 3; fault++) {
    const order = node.orders.at(-1)!;
    await node.failed(order, order.frames[0]!, 'scene');
    await node.ended(order);
  }
  expect(node.orders).toHaveLength(3);
  expect(await farm.task(taskId)).toMatchObject({
    status: 45,
    frames: { failed: 1 },
    failures: [{ frame: '7', code: 'TEST_FAILURE', count: 1 }],
  });
  await farm.calls.restartFailedFrames(farm.accountId, [taskId]);
  await farm.turn(20);
  expect(await node.renderAll()).toBeGreaterThan(0);
  expect(await farm.task(taskId)).toMatchObject({ status: 25, failures: [] });
});

test('a frame whose bytes never arrived is not done', async () => {
  const node = await farm.addNode();
  const taskId = await farm.submit({ frames: '1' });
  const order = node.orders[0]!;
  const [frame] = order.frames;
  await farm.calls.nodeReport(node.id, {
    kind: 'frame-done',
    attemptId: order.attemptId,
    frameId: frame!.frameId,
    startedAt: 1,
    endedAt: 2,
    results: [pictureOf(order, frame!)],
    peakMemoryBytes: null,
  });
  const { items } = await farm.reads.frames(farm.accountId, taskId, { page: 1, size: 10 });
  expect(items).toMatchObject([{ status: 1, failure: { code: 'FARM_BLOB_MISSING', class: 'node' } }]);
});

test('a picture belongs to the frame that published it first; data goes to the last', async () => {
  const node = await farm.addNode();
  const taskId = await farm.submit({ frames: '1-3[1]' });
  const order = node.orders[0]!;
  const [first, second, third] = order.frames;
  await node.done(order, first!, { path: '/same.png' });
  await node.done(order, second!, { path: '/same.png' });
  const { items } = await farm.reads.frames(farm.accountId, taskId, { page: 1, size: 10 });
  expect(items[1]).toMatchObject({ status: 1, failure: { code: 'FARM_RESULT_PATH_TAKEN', class: 'scene' } });
  await node.done(order, third!, { path: '/same.png', kind: 'data' });
  expect(await farm.task(taskId)).toMatchObject({ frames: { done: 2 } });
});

test('stopping cancels, starting goes on, restarting renders all again, deleting removes', async () => {
  const node = await farm.addNode();
  const taskId = await farm.submit({ frames: '1-20[1]' });
  const order = node.orders[0]!;
  await node.started(order, order.frames[0]!);
  await node.done(order, order.frames[0]!);
  await farm.calls.stopTasks(farm.accountId, [taskId]);
  expect(node.cancels).toMatchObject([{ attemptId: order.attemptId, reason: 'stopped' }]);
  expect(await farm.task(taskId)).toMatchObject({ status: 10, frames: { done: 1, stopped: 19 } });
  await farm.calls.startTasks(farm.accountId, [taskId]);
  await farm.turn(20);
  await node.renderAll();
  expect(await farm.task(taskId)).toMatchObject({ status: 25, frames: { done: 20 } });
  await farm.calls.restartFrames(farm.accountId, taskId);
  await farm.turn(20);
  expect(await farm.task(taskId)).toMatchObject({ status: 0, frames: { done: 0, waiting: 20 } });
  await farm.calls.deleteTasks(farm.accountId, [taskId]);
  expect((await farm.task(taskId)).deletedAt).not.toBeNull();
  expect(node.cancels.at(-1)).toMatchObject({ reason: 'deleted' });
  await farm.idle();
  expect((await farm.reads.listTasks(farm.accountId, { page: 1, size: 10 })).items).toEqual([]);
  const recycled = await farm.reads.listTasks(farm.accountId, { page: 1, size: 10, deleted: true });
  expect(recycled.items).toMatchObject([{ id: taskId }]);
});

test('priority frames come first, and stop_after_test waits for the user', async () => {
  const node = await farm.addNode();
  const taskId = await farm.submit({
    segments: [{ frames: '5', stage: 'priority', frameType: 4, pauseAfter: true }, { frames: '1-4[1]' }],
  });
  const before = await farm.reads.frames(farm.accountId, taskId, { page: 1, size: 10 });
  expect(before.items.map(({ status }) => status)).toEqual([1, 8, 8, 8, 8]);
  expect(await node.renderAll()).toBe(1);
  expect(await farm.task(taskId)).toMatchObject({ status: 40, frames: { done: 1, waiting: 4 } });
  await farm.calls.restartFailedFrames(farm.accountId, [taskId]);
  expect(await farm.task(taskId)).toMatchObject({ status: 40 });
  await farm.calls.startTasks(farm.accountId, [taskId]);
  await farm.turn(20);
  await node.renderAll();
  expect(await farm.task(taskId)).toMatchObject({ status: 25, frames: { done: 5 } });
});

test('a waiting task says why', async () => {
  const taskId = await farm.submit({ frames: '1', version: '4.2', needs: ['eevee'] });
  expect((await farm.task(taskId)).waitingFor).toEqual(['No node is online.']);
  await farm.addNode({ name: 'old' });
  expect((await farm.task(taskId)).waitingFor[0]).toMatch(/Node old has|Node old cannot/);
  const node = await farm.addNode({
    name: 'new',
    apps: [{ app: 'blender', version: '4.5.0', abilities: ['eevee'] }],
  });
  expect(node.orders[0]).toMatchObject({ appVersion: '4.5.0' });
  expect((await farm.task(taskId)).waitingFor).toEqual([]);
});

test('foreign and unknown ids are refused before anything changes', async () => {
  const taskId = await farm.submit({ frames: '1' });
  const { calls, reads, accountId } = farm;
  const stranger = accountId + 1;
  const notYours = { code: 'FARM_NOT_YOURS', apiCode: 605 };
  await expect(calls.stopTasks(accountId, [taskId, 1])).rejects.toMatchObject({ code: 'FARM_NOT_FOUND' });
  await expect(calls.stopTasks(stranger, [taskId])).rejects.toMatchObject(notYours);
  await expect(calls.submitTask(stranger, taskId, {})).rejects.toMatchObject(notYours);
  await expect(calls.putTaskFile(stranger, taskId, 'task.json', '{}')).rejects.toMatchObject(notYours);
  await expect(reads.task(stranger, taskId)).rejects.toMatchObject(notYours);
  expect(await farm.task(taskId)).toMatchObject({ status: 0 });
});

test('bad submissions are refused with a reason and can be repaired', async () => {
  const { calls, accountId } = farm;
  const [empty] = await calls.createTasks(accountId, { count: 1, userLevel: 50 });
  const codeOf = (taskId: number) => calls.submitTask(accountId, taskId, {}).catch((thrown) => thrown.code);
  expect(await codeOf(empty!)).toBe('FARM_TASK_FILE_MISSING');
  await calls.putTaskFile(accountId, empty!, 'task.json', '{"task_info":');
  expect(await codeOf(empty!)).toBe('TASK_FILE_INVALID');
  await calls.putTaskFile(accountId, empty!, 'task.json', '{"task_info":{"cg_id":"9999"}}');
  expect(await codeOf(empty!)).toBe('FARM_APP_UNKNOWN');
  await expect(calls.putTaskFile(accountId, empty!, '../x', '{}')).rejects.toMatchObject({
    code: 'FARM_INVALID',
  });
  const draft = await farm.draft({ frames: '1' });
  await calls.submitTask(accountId, draft, {});
  await calls.submitTask(accountId, draft, {});
  expect(await farm.task(draft)).toMatchObject({ frames: { total: 1 } });
});

test('a task renders what was uploaded when it was submitted', async () => {
  const taskId = await farm.submit({ frames: '1' });
  const node = await farm.addNode();
  const grant = (await farm.calls.attemptGrant(node.orders[0]!.token))!;
  const id = blobIdOf('other scene');
  const tree = { accountId: farm.accountId, root: 'input' } as const;
  const entry = { path: '/home/u/scene.blend', id, size: 11, mtimeMs: 2 };
  await expect(farm.calls.commitTree(tree, [entry])).rejects.toMatchObject({ code: 'FARM_BLOB_MISSING' });
  await farm.calls.blobsArrived(farm.accountId, [{ id, size: 11 }]);
  await farm.calls.commitTree(tree, [entry]);
  const inputs = [];
  for await (const input of farm.reads.attemptInputs(grant)) inputs.push(input);
  expect(inputs).toMatchObject([{ path: '/home/u/scene.blend', id: blobIdOf('scene') }]);
  expect(await farm.reads.inputBlobSize(grant, blobIdOf('scene'))).toBe(5);
  expect(await farm.reads.inputBlobSize(grant, id)).toBeNull();
  expect(await farm.reads.treeEntry(tree, '/home/u/scene.blend')).toMatchObject({ id });
  expect(taskId).toBe(grant.taskId);
});

test('codes work once, sessions and nonces are remembered', async () => {
  const { calls, accountId } = farm;
  const code = await calls.createSignInCode(accountId);
  const { token } = await calls.redeemSignInCode(code);
  await expect(calls.redeemSignInCode(code)).rejects.toMatchObject({ code: 'FARM_CODE_INVALID' });
  expect(await calls.sessionCaller(token)).toMatchObject({ accountId });
  expect(await calls.rememberNonce('k', 1, 'n')).toBe(true);
  expect(await calls.rememberNonce('k', 1, 'n')).toBe(false);
  await farm.restart();
  expect(await farm.calls.rememberNonce('k', 1, 'n')).toBe(false);
  expect(await farm.calls.sessionCaller(token)).toMatchObject({ accountId });
  const { code: nodeCode } = await farm.calls.createNodeCode(accountId);
  await farm.turn(25 * 3600_000);
  await expect(
    farm.calls.enrolNode(nodeCode, 'x', Buffer.alloc(32).toString('base64')),
  ).rejects.toMatchObject({
    code: 'FARM_CODE_INVALID',
  });
  const ids = await farm.calls.storageIds(accountId);
  expect(ids.subOutputs).toEqual([]);
  for (const bid of [ids.config, ids.input, ids.output, ids.parentInput])
    expect(bid).toMatch(/^[1-9]\d{17}$/);
  expect(await farm.calls.storageOwner(ids.output)).toEqual({ accountId, root: 'output' });
  expect(
    await farm.calls.storageOwner(ids.output.replace(/.$/, (last) => (last === '0' ? '1' : '0'))),
  ).toBeNull();
});
