import { expect, it } from 'vitest';
import { farmHome } from '../home.ts';
import { openSqliteReads } from '../store/sqlite/open.ts';
import { TestFarm } from '../testing/test-farm.ts';

const TOUCHED = 5000;

async function rowsOf(farm: TestFarm, taskId: number) {
  const connection = openSqliteReads(farmHome(farm.home).database);
  const count = async (table: 'frames' | 'results' | 'task_inputs') =>
    (
      await connection.db
        .selectFrom(table)
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('task_id', '=', taskId)
        .executeTakeFirstOrThrow()
    ).count;
  const rows = {
    frames: await count('frames'),
    results: await count('results'),
    inputs: await count('task_inputs'),
  };
  connection.close();
  return rows;
}

it('frames of a deleted task of a million go in the background, while the farm answers, and over a restart', async () => {
  const farm = await TestFarm.open();
  try {
    const { accountId } = farm;
    const node = await farm.addNode({ slots: 1 });
    const other = await farm.submit({ frames: '1-3[1]' });
    await node.renderAll();
    const big = await farm.submit({ frames: '1-1000000[1]' });
    const order = node.orders.at(-1)!;
    await node.done(order, order.frames[0]!);
    const first = (await farm.reads.frames(accountId, big, { page: 1, size: 1 })).items[0]!.id;
    const ids = Array.from({ length: TOUCHED }, (_, index) => first + 100_000 + index);
    await farm.calls.stopFrames(accountId, big, ids);
    expect((await rowsOf(farm, big)).frames).toBeGreaterThan(TOUCHED);

    await farm.calls.deleteTasks(accountId, [big]);
    // The purge has begun; a list is answered at once, and the farm may stop in the middle.
    expect((await farm.reads.listTasks(accountId, { page: 1, size: 10 })).items.map(({ id }) => id)).toEqual([
      other,
    ]);
    await farm.calls.addProject(accountId, 'in between');
    await farm.restart();
    await farm.idle();
    expect(await rowsOf(farm, big)).toEqual({ frames: 0, results: 0, inputs: 0 });
    expect(await rowsOf(farm, other)).toEqual({ frames: 3, results: 3, inputs: 1 });
    const deleted = await farm.reads.listTasks(accountId, { page: 1, size: 10, deleted: true });
    expect(deleted.items).toMatchObject([{ id: big, frames: { total: 1_000_000 } }]);
    expect(await farm.faults()).toEqual([]);
  } finally {
    await farm.end();
  }
});
