import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestFarm } from './testing/test-farm.ts';

let farm: TestFarm;
beforeEach(async () => {
  farm = await TestFarm.open();
});
afterEach(async () => {
  const faults = await farm.faults();
  await farm.end();
  expect(faults).toEqual([]);
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
  const output = { accountId: farm.accountId, root: 'output' } as const;
  const paths: string[] = [];
  for await (const { path } of farm.reads.treeEntries(output, `/${taskId}_scene`)) paths.push(path);
  expect(paths).toHaveLength(3);
});
