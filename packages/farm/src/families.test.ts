/** Tasks that are made of others: render layers, and pictures that wait for their photons. */
import { beforeEach, describe, expect, it } from 'vitest';
import { auditedFarm } from './testing/audited-farm.ts';
import type { TestFarm, TestNode } from './testing/test-farm.ts';

let farm: TestFarm;
const audited = auditedFarm();
beforeEach(() => {
  farm = audited.current;
});

const LAYERS = [
  { layerName: 'back', frames: '1-2[1]' },
  { layerName: 'front', frames: '1-3[1]' },
];
const PHOTONS = [
  {
    layerName: '',
    taskType: 'RenderPhoton' as const,
    frames: '1',
    segments: [{ frames: '1', frameType: 2 }],
  },
  { layerName: '', after: 0, frames: '1-4[1]' },
];

async function family(children: typeof LAYERS | typeof PHOTONS): Promise<[number, number, number]> {
  const parent = await farm.submit({ children });
  const { childIds } = await farm.task(parent);
  return [parent, ...(childIds as [number, number])];
}
const statusesOf = async (ids: readonly number[]) =>
  Promise.all(ids.map(async (id) => (await farm.task(id)).status));
const framesOf = async (id: number) =>
  (await farm.reads.frames(farm.accountId, id, { page: 1, size: 50 })).items;
/** Renders all that the node is sent for one task. */
async function renderOnly(node: TestNode, taskId: number): Promise<void> {
  for (let at = 0; at < node.orders.length; at++) {
    const order = node.orders[at]!;
    if (order.taskId !== taskId) continue;
    for (const frame of order.frames) {
      await node.started(order, frame);
      await node.done(order, frame);
    }
    await node.ended(order);
  }
}

describe('layers', () => {
  it('are tasks with own ids, frames and folders; the parent sums them up', async () => {
    const [parent, back, front] = await family(LAYERS);
    const [info] = await farm.reads.taskInfos(farm.accountId, [parent]);
    expect(info).toMatchObject({
      status: 0,
      outputName: null,
      taskType: '',
      frames: { total: 5, waiting: 5 },
      children: [
        { id: back, parentId: parent, layerName: 'back', outputName: `${back}_scene`, frames: { total: 2 } },
        { id: front, parentId: parent, layerName: 'front', outputName: `${front}_scene` },
      ],
    });
    expect((await farm.task(parent)).waitingFor).toEqual(['No node is online.']);
    const list = await farm.reads.listTasks(farm.accountId, { page: 1, size: 10 });
    expect(list).toMatchObject({ total: 1, items: [{ id: parent }] });
    const node = await farm.addNode();
    await renderOnly(node, back);
    expect(await statusesOf([parent, back, front])).toEqual([5, 25, 0]);
    await node.renderAll();
    expect(await statusesOf([parent, back, front])).toEqual([25, 25, 25]);
    expect((await framesOf(parent)).map((frame) => [frame.taskId, frame.frame])).toEqual([
      [back, '1'],
      [back, '2'],
      [front, '1'],
      [front, '2'],
      [front, '3'],
    ]);
    const results = await farm.reads.results(farm.accountId, parent, 1, 10);
    expect(results.items.map(({ path }) => path)).toContain(`/${front}_scene/0003.png`);
    expect(results.total).toBe(5);
    expect(await farm.reads.frameTotals(farm.accountId)).toMatchObject({ total: 5, done: 5 });
  });

  it('are made once, however often the parent is submitted', async () => {
    const [parent, back, front] = await family(LAYERS);
    await farm.calls.submitTask(farm.accountId, parent, {});
    expect((await farm.task(parent)).childIds).toEqual([back, front]);
  });

  it('each order carries its own layer, and the inputs are those of the parent', async () => {
    await family(LAYERS);
    const node = await farm.addNode();
    expect(node.orders[0]?.settings).toEqual({ layer: 'back' });
    const grant = await farm.calls.attemptGrant(node.orders[0]!.token);
    const inputs = await Array.fromAsync(farm.reads.attemptInputs(grant!));
    expect(inputs.map(({ path }) => path)).toEqual(['/home/u/scene.blend']);
    expect(await farm.reads.inputBlobSize(grant!, inputs[0]!.id)).toBe(5);
  });

  it('what is done to the parent is done to all, and nothing of it is done twice', async () => {
    const ids = await family(LAYERS);
    const [parent, back] = ids;
    const node = await farm.addNode();
    const { calls, accountId } = farm;
    await calls.stopTasks(accountId, [parent, back]);
    expect(await statusesOf(ids)).toEqual([10, 10, 10]);
    await calls.startTasks(accountId, [parent]);
    expect(await statusesOf(ids)).toEqual([0, 0, 0]);
    await calls.setUserLevel(accountId, parent, 60);
    expect((await farm.task(back)).level).toBe(60);
    await node.renderAll();
    await calls.restartFrames(accountId, parent);
    await farm.turn(20);
    expect(await statusesOf(ids)).toEqual([0, 0, 0]);
    await node.renderAll();
    await calls.restartFrames(accountId, parent, [(await framesOf(back))[0]!.id]);
    expect(await statusesOf(ids)).toEqual([0, 0, 25]);
    await calls.stopTasks(accountId, [back]);
    expect(await statusesOf(ids)).toEqual([70, 10, 25]);
    await calls.abandonTasks(accountId, [parent]);
    expect(await statusesOf(ids)).toEqual([35, 35, 25]);
    await expect(calls.startTasks(accountId, [parent])).rejects.toThrow('abandoned');
    await calls.deleteTasks(accountId, [parent]);
    expect((await farm.reads.listTasks(accountId, { page: 1, size: 10 })).total).toBe(0);
    const deleted = await farm.reads.listTasks(accountId, { page: 1, size: 10, deleted: true });
    expect(deleted.items.map(({ id }) => id)).toEqual([parent]);
  });

  it('a parent whose children were all deleted is deleted; an abandoned child says nothing about the rest', async () => {
    const ids = await family(LAYERS);
    const [parent, back, front] = ids;
    const { calls, accountId } = farm;
    await calls.abandonTasks(accountId, [back]);
    expect(await statusesOf(ids)).toEqual([0, 35, 0]);
    await calls.stopTasks(accountId, [parent]);
    await calls.startTasks(accountId, [parent]);
    expect(await statusesOf(ids)).toEqual([0, 35, 0]);
    await calls.deleteTasks(accountId, [front]);
    expect(await farm.task(parent)).toMatchObject({ status: 35, childIds: [back], deletedAt: null });
    await calls.deleteTasks(accountId, [back]);
    expect((await farm.task(parent)).deletedAt).not.toBeNull();
  });

  it('a task stop counts for the parent as a whole; full speed goes to the layers that wait for their user', async () => {
    const paused = [{ frames: '9', stage: 'priority', frameType: 4, pauseAfter: true }, { frames: '1-2[1]' }];
    const parent = await farm.submit({
      taskInfo: { task_stop_time: '100' },
      children: [
        { layerName: 'a', frames: '1-2[1]', segments: paused },
        { layerName: 'b', frames: '1-2[1]', segments: paused },
      ],
    });
    const { childIds } = await farm.task(parent);
    const node = await farm.addNode();
    await node.renderAll();
    expect(await statusesOf([parent, ...childIds])).toEqual([40, 40, 40]);
    await farm.calls.fullSpeed(farm.accountId, [parent]);
    expect(await statusesOf([parent, ...childIds])).toEqual([0, 0, 0]);
    await farm.turn(20);
    await node.started(node.orders.at(-1)!, node.orders.at(-1)!.frames[0]!);
    expect((await farm.task(parent)).status).toBe(5);
    await farm.turn(120_000);
    expect(await statusesOf([parent, ...childIds])).toEqual([23, 23, 23]);
  });
});

describe('photons', () => {
  it('come first: until they are done the pictures wait, and the parent prepares', async () => {
    const ids = await family(PHOTONS);
    const [parent, photon, main] = ids;
    const node = await farm.addNode({ slots: 4 });
    expect(node.orders.map(({ taskId }) => taskId)).toEqual([photon]);
    const reason = `It begins when task ${photon}, which comes before it, is done.`;
    expect((await farm.task(main)).waitingFor).toEqual([reason]);
    expect((await framesOf(main)).map(({ status }) => status)).toEqual([9, 9, 9, 9]);
    await node.started(node.orders[0]!, node.orders[0]!.frames[0]!);
    expect(await statusesOf(ids)).toEqual([8, 5, 0]);
    await node.done(node.orders[0]!, node.orders[0]!.frames[0]!);
    await node.ended(node.orders[0]!);
    expect(await statusesOf(ids)).toEqual([5, 25, 0]);
    expect((await framesOf(main)).map(({ status }) => status)).toEqual([1, 1, 1, 1]);
    await node.renderAll();
    expect(await statusesOf(ids)).toEqual([25, 25, 25]);
    await farm.calls.restartFrames(farm.accountId, parent);
    expect((await framesOf(main)).map(({ status }) => status)).toEqual([9, 9, 9, 9]);
    await node.renderAll();
    expect(await statusesOf(ids)).toEqual([25, 25, 25]);
  });

  it('that fail stop what waits for them, so that the task ends; a start after a retry goes on', async () => {
    const ids = await family(PHOTONS);
    const [parent] = ids;
    const node = await farm.addNode();
    for (let fault = 0; fault < 3; fault++) {
      await farm.turn(20);
      const order = node.orders.at(-1)!;
      await node.started(order, order.frames[0]!);
      await node.failed(order, order.frames[0]!, 'scene');
      await node.ended(order);
    }
    expect(await statusesOf(ids)).toEqual([45, 45, 10]);
    await farm.calls.startTasks(farm.accountId, [parent]);
    expect(await statusesOf(ids)).toEqual([45, 45, 10]);
    await farm.calls.restartFailedFrames(farm.accountId, [parent]);
    await farm.calls.startTasks(farm.accountId, [parent]);
    await farm.turn(20);
    await node.renderAll();
    expect(await statusesOf(ids)).toEqual([25, 25, 25]);
  });
});
