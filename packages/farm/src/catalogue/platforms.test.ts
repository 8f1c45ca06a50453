import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { auditedFarm } from '../testing/audited-farm.ts';
import { LOOK_MS } from './watch-file.ts';

const holder = auditedFarm();

/** Writes catalogue.json and waits until the farm uses it. */
async function declare(content: object | string): Promise<void> {
  const { current: farm } = holder;
  const file = join(farm.home, 'catalogue.json');
  await writeFile(`${file}.new`, typeof content === 'string' ? content : JSON.stringify(content));
  await rename(`${file}.new`, file);
  await farm.calls.settle();
  await farm.turn(20);
}

const POOLS = { platforms: [{ id: 21, type: 'gpu', nodes: ['gpu-*'] }] };

test('a plain farm: every node belongs to every platform', async () => {
  const { current: farm } = holder;
  const node = await farm.addNode();
  for (const platform of [0, 2, 21, 4711]) {
    await farm.submit({ frames: '1', platform });
    await node.renderAll();
  }
  expect(node.orders).toHaveLength(4);
  const rows = await farm.reads.platforms();
  expect(rows.filter(({ shown }) => shown).map(({ id }) => id)).toEqual([2, 4, 6, 62]);
  expect(rows.every(({ nodes, declared }) => nodes.length === 1 && !declared)).toBe(true);
});

test('a task of a declared platform renders on its nodes only, and says why it waits', async () => {
  const { current: farm } = holder;
  await declare(POOLS);
  const plain = await farm.addNode({ name: 'cpu-1' });
  const taskId = await farm.submit({ frames: '1', platform: 21 });
  expect(plain.orders).toEqual([]);
  expect((await farm.task(taskId)).waitingFor).toEqual(['Node cpu-1 is not on platform 21.']);
  const gpu = await farm.addNode({ name: 'GPU-1' });
  expect(gpu.orders).toMatchObject([{ taskId }]);
  const everywhere = await farm.submit({ frames: '1-2[1]', platform: 2 });
  expect(plain.orders).toMatchObject([{ taskId: everywhere }]);
});

test('many nodes elsewhere are one reason, and the nodes of the pool are told one by one', async () => {
  const { current: farm } = holder;
  await declare(POOLS);
  for (const name of ['cpu-1', 'cpu-2', 'cpu-3']) await farm.addNode({ name });
  const taskId = await farm.submit({ frames: '1', platform: 21 });
  expect((await farm.task(taskId)).waitingFor).toEqual([
    'None of the 3 nodes that are online is on platform 21.',
  ]);
  await farm.addNode({ name: 'gpu-1', apps: [] });
  expect((await farm.task(taskId)).waitingFor).toEqual([
    '3 nodes are not on platform 21.',
    'Node gpu-1 has no blender.',
  ]);
});

test('ids of tasks are told with the prefix of their platform', async () => {
  const { current: farm } = holder;
  await declare({ platforms: [{ id: 20, type: 'still', prefix: 'P' }] });
  const ids = [await farm.submit({ platform: 20 }), await farm.submit({ taskInfo: { platform: '20' } })];
  ids.push(await farm.submit({ platform: 2, taskInfo: { platform: '20' } }));
  const infos = await farm.reads.taskInfos(farm.accountId, ids);
  expect(infos.map(({ taskPrefix }) => taskPrefix)).toEqual(['P', 'P', '2W']);
  expect(await farm.reads.taskPrefix(20)).toBe('P');
});

test('nodes move between pools as the file changes', async () => {
  const { current: farm } = holder;
  await declare(POOLS);
  const node = await farm.addNode({ name: 'cpu-1' });
  await farm.submit({ frames: '1', platform: 21 });
  expect(node.orders).toEqual([]);
  await declare({ platforms: [{ id: 21, nodes: ['gpu-*', node.id] }] });
  expect(node.orders).toHaveLength(1);
});

test('the version of a task comes from its pool, not from other nodes', async () => {
  const { current: farm } = holder;
  await declare(POOLS);
  await farm.addNode({ name: 'cpu-1', apps: [{ app: 'blender', version: '4.1.0', abilities: [] }] });
  const gpu = await farm.addNode({
    name: 'gpu-1',
    apps: [{ app: 'blender', version: '4.5.0', abilities: [] }],
  });
  await farm.submit({ frames: '1', platform: 21, version: '4.0' });
  expect(gpu.orders).toMatchObject([{ appVersion: '4.5.0' }]);
});

test('a bad file changes nothing but is told; the last good one survives a restart', async () => {
  const { current: farm } = holder;
  await declare(POOLS);
  await declare('{ "platforms": [{ "id": 21, "noeds": ["x"] }] }');
  const problem = expect.stringMatching(/catalogue\.json is wrong: platforms\.0.*noeds/);
  expect((await farm.reads.catalogue()).file).toMatchObject({ problem });
  await farm.restart();
  const { file, platforms } = await farm.reads.catalogue();
  expect(file.problem).toEqual(problem);
  expect(platforms.find(({ id }) => id === 21)).toMatchObject({ declared: true, type: 'gpu' });
  await declare(POOLS);
  expect((await farm.reads.catalogue()).file.problem).toBeNull();
});

test('a file that is gone on two looks declares nothing any more', async () => {
  const { current: farm } = holder;
  await declare(POOLS);
  await rm(join(farm.home, 'catalogue.json'));
  await farm.calls.settle();
  expect((await farm.reads.platforms()).some(({ declared }) => declared)).toBe(true);
  await farm.calls.settle();
  expect((await farm.reads.platforms()).some(({ declared }) => declared)).toBe(false);
});

test('the file is looked at every two seconds', async () => {
  const { current: farm } = holder;
  await writeFile(join(farm.home, 'catalogue.json'), JSON.stringify(POOLS));
  await farm.turn(LOOK_MS);
  await expect.poll(async () => (await farm.reads.platforms()).some(({ declared }) => declared)).toBe(true);
});
