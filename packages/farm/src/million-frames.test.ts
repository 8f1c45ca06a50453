/** Behaviour at a million frames is asserted, times are printed. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestFarm } from './testing/test-farm.ts';

let farm: TestFarm;
beforeEach(async () => {
  farm = await TestFarm.open();
});
afterEach(() => farm.end());

async function timed<T>(what: string, size: string, work: () => Promise<T>): Promise<T> {
  const before = performance.now();
  const value = await work();
  process.stderr.write(
    `  ${what.padEnd(28)} ${size.padStart(9)} ${(performance.now() - before).toFixed(1).padStart(8)} ms\n`,
  );
  return value;
}

test('a million frames cost no more than a hundred', async () => {
  const { calls, reads, accountId } = farm;
  const node = await farm.addNode({ slots: 4 });
  for (const [frames, total] of [
    ['1-100[1]', 100],
    ['1-1000000[1]', 1_000_000],
  ] as const) {
    const size = String(total);
    const taskId = await farm.draft({ frames, userLevel: total === 100 ? 50 : 60 });
    await timed('submit', size, () => calls.submitTask(accountId, taskId, {}));
    await timed('first booking', size, () => farm.turn(20));
    for (const order of node.orders.filter((one) => one.taskId === taskId)) {
      for (const frame of order.frames) await node.done(order, frame);
      await node.ended(order);
    }
    await timed('task', size, () => reads.task(accountId, taskId));
    const page = (wish: object) => reads.frames(accountId, taskId, { page: 1, size: 100, ...wish });
    await timed('first page', size, () => page({}));
    const last = await timed('last page', size, () => page({ page: total / 100 }));
    expect(last.items.at(-1)).toMatchObject({ frame: String(total) });
    await timed('page of done', size, () => page({ statuses: [4] }));
    const waiting = await timed('last page of waiting', size, () =>
      page({ page: Math.ceil(total / 200), statuses: [1] }),
    );
    expect(waiting.total).toBeGreaterThan(0);
    await timed('search', size, () => page({ search: '77' }));
    await timed('stop', size, () => calls.stopTasks(accountId, [taskId]));
    await timed('page of stopped', size, () => page({ statuses: [3] }));
    await timed('start', size, () => calls.startTasks(accountId, [taskId]));
    await timed('restart all', size, () => calls.restartFrames(accountId, taskId));
    expect(await farm.task(taskId)).toMatchObject({ frames: { total, waiting: total } });
    await timed('delete', size, () => calls.deleteTasks(accountId, [taskId]));
    await farm.idle();
  }
  expect(await farm.faults()).toEqual([]);
});
