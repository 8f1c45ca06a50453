/** Limits of nodes and time, set while tasks render; drafts that nobody came back to. */
import { DAY, HOUR } from '@croft/contract';
import { beforeEach, describe, expect, it } from 'vitest';
import { auditedFarm } from './testing/audited-farm.ts';
import type { TestFarm, TestNode } from './testing/test-farm.ts';

let farm: TestFarm;
const audited = auditedFarm();
beforeEach(() => {
  farm = audited.current;
});

async function nodes(count: number): Promise<TestNode[]> {
  const made: TestNode[] = [];
  for (let index = 0; index < count; index++) made.push(await farm.addNode({ name: `n${index}`, slots: 2 }));
  return made;
}
const holding = (all: readonly TestNode[], taskId: number) =>
  all.filter(({ orders }) => orders.some((order) => order.taskId === taskId)).length;

describe('a node limit', () => {
  it('holds a task to as many nodes, says so, and lets other tasks have the rest', async () => {
    const limited = await farm.draft({ frames: '1-100[1]' });
    await farm.calls.setNodeLimit(farm.accountId, limited, 2);
    await farm.calls.submitTask(farm.accountId, limited, {});
    const all = await nodes(4);
    expect(holding(all, limited)).toBe(2);
    const order = all.find(({ orders }) => orders.length > 0)!;
    await order.started(order.orders[0]!, order.orders[0]!.frames[0]!);
    expect((await farm.task(limited)).waitingFor).toEqual(['The task may hold 2 nodes at a time, and does.']);
    const other = await farm.submit({ frames: '1-100[1]' });
    expect(holding(all, other)).toBe(2);
    await farm.calls.setNodeLimit(farm.accountId, limited, 0);
    await farm.turn(20);
    expect((await farm.task(limited)).nodeLimit).toBeNull();
    for (const node of all) await node.renderAll();
    expect(await farm.task(limited)).toMatchObject({ status: 25, frames: { done: 100 } });
  });

  it('of a parent is for its children together; one that is held back says why', async () => {
    const parent = await farm.draft({
      children: [
        { layerName: 'a', frames: '1-8[1]' },
        { layerName: 'b', frames: '1-8[1]' },
      ],
    });
    await farm.calls.setNodeLimit(farm.accountId, parent, 1);
    await farm.calls.submitTask(farm.accountId, parent, {});
    const [, second] = (await farm.task(parent)).childIds;
    const [first, idle] = await nodes(2);
    expect(idle!.orders).toEqual([]);
    expect((await farm.task(second!)).waitingFor).toContain(
      `Task ${parent}, with all its children, may hold 1 node at a time, and does.`,
    );
    await first!.renderAll();
    expect(idle!.orders).toEqual([]);
    expect((await farm.task(parent)).status).toBe(25);
  });

  it('is a whole number from 0 on', async () => {
    const taskId = await farm.draft();
    for (const wrong of [-1, 1.5, Number.NaN, 1e9])
      await expect(farm.calls.setNodeLimit(farm.accountId, taskId, wrong)).rejects.toMatchObject({
        apiCode: 600,
      });
  });
});

describe('time', () => {
  /** task.json's time, what is set since, the account's reminder; when it is stopped, and when over time. Seconds. */
  const TABLE = [
    { stop: '100', set: null, reminder: '60', stopped: 100, late: 60 },
    { stop: '0', set: null, reminder: '60', stopped: null, late: 60 },
    { stop: '', set: null, reminder: '0', stopped: null, late: null },
    { stop: '100', set: 0, reminder: '0', stopped: null, late: null },
    { stop: '0', set: 50, reminder: '0', stopped: 50, late: null },
    { stop: '100', set: 30.5, reminder: '200', stopped: 31, late: null },
    { stop: '1000', set: 0.2, reminder: '0', stopped: 1, late: null },
  ];
  it.each(TABLE)('$stop s by task.json, set to $set, reminder $reminder', async (row) => {
    const node = await farm.addNode();
    const taskInfo = { task_stop_time: row.stop, time_out: row.reminder };
    const taskId = await farm.submit({ frames: '1-2[1]', taskInfo });
    await node.started(node.orders[0]!, node.orders[0]!.frames[0]!);
    const from = farm.clock.now();
    if (row.set !== null) await farm.calls.setOverTimeStop(farm.accountId, [taskId], row.set);
    let [stopped, late]: (number | null)[] = [null, null];
    while (farm.clock.now() < from + 300_000) {
      await farm.turn(10_000);
      const task = await farm.task(taskId);
      const seconds = (farm.clock.now() - from) / 1000;
      if (task.status === 23) stopped ??= seconds;
      if (task.isOverTime) late ??= seconds;
    }
    const within10 = (seconds: number | null, due: number | null) =>
      due === null ? seconds === null : seconds !== null && seconds >= due && seconds <= due + 20;
    expect([stopped, row.stopped], 'stopped').toSatisfy(([at, due]) => within10(at, due));
    expect([late, row.late], 'late').toSatisfy(([at, due]) => within10(at, due));
  });

  it('the reminder of task.json at its default is the one of the account', async () => {
    await farm.calls.updateTaskOverTime(farm.accountId, 77);
    const info = async (taskInfo: Record<string, string>) =>
      (await farm.reads.taskInfos(farm.accountId, [await farm.submit({ taskInfo })]))[0]!.reminderSec;
    expect(await info({})).toBe(77);
    expect(await info({ time_out: '43200' })).toBe(77);
    expect(await info({ time_out: '60' })).toBe(60);
  });

  it('a restart of everything is not over time', async () => {
    const node = await farm.addNode();
    const taskId = await farm.submit({ frames: '1', taskInfo: { time_out: '30' } });
    await node.started(node.orders[0]!, node.orders[0]!.frames[0]!);
    await farm.turn(50_000);
    expect((await farm.task(taskId)).isOverTime).toBe(true);
    await farm.calls.restartFrames(farm.accountId, taskId);
    expect((await farm.task(taskId)).isOverTime).toBe(false);
  });
});

describe('full speed', () => {
  it('goes on after test frames, and leaves all others as they are', async () => {
    const node = await farm.addNode();
    const paused = await farm.submit({
      segments: [{ frames: '5', stage: 'priority', frameType: 4, pauseAfter: true }, { frames: '1-2[1]' }],
    });
    await node.renderAll();
    const stopped = await farm.submit();
    await farm.calls.stopTasks(farm.accountId, [stopped]);
    for (let sent = 0; sent < 2; sent++) await farm.calls.fullSpeed(farm.accountId, [paused, stopped]);
    expect((await farm.task(stopped)).status).toBe(10);
    await farm.turn(20);
    await node.renderAll();
    expect((await farm.task(paused)).status).toBe(25);
  });
});

describe('drafts', () => {
  it('without a task.json are dropped after a week; others stay', async () => {
    const { calls, accountId } = farm;
    const [bare] = await calls.createTasks(accountId, { count: 1, userLevel: 50, labels: ['x'] });
    const filled = await farm.draft();
    const submitted = await farm.submit();
    farm.clock.leap(6 * DAY);
    await calls.settle();
    expect(await farm.task(bare!)).toMatchObject({ id: bare });
    farm.clock.leap(DAY + 2 * HOUR);
    await calls.settle();
    await expect(farm.task(bare!)).rejects.toMatchObject({ apiCode: 404 });
    for (const id of [filled, submitted]) expect(await farm.task(id)).toMatchObject({ id });
  });
});
