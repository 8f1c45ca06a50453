import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HardwareRow } from '@croft/contract';
import { expect, test } from 'vitest';
import { auditedFarm } from '../testing/audited-farm.ts';

const holder = auditedFarm();
const GIB = 1024 ** 3;
const CARD = { model: 'NVIDIA GeForce RTX 2080 Ti', memoryBytes: 11 * GIB };

async function declare(content: object): Promise<void> {
  await writeFile(join(holder.current.home, 'catalogue.json'), JSON.stringify(content));
  await holder.current.calls.settle();
}

async function hardwareLike(like: Partial<HardwareRow>): Promise<HardwareRow> {
  const rows = await holder.current.reads.hardware(0);
  const found = rows.filter((row) =>
    Object.entries(like).every(([key, value]) => row[key as 'id'] === value),
  );
  expect(found).not.toEqual([]);
  return found[0]!;
}

const chosen = (...ids: number[]) => ({ hardwareConfigIds: ids.map(String) });

test('the list follows from the nodes: memory as sold, processors, kinds and numbers of cards; ids stay', async () => {
  const { current: farm } = holder;
  const bare = await farm.reads.hardware(4711);
  expect(bare.filter(({ platform }) => platform === 4711)).toMatchObject([
    { model: 'Default', ramGb: 64, gpus: 0, type: 'cpu' },
  ]);
  await farm.addNode({ name: 'a', memoryBytes: 62.6 * GIB, cpuModel: 'Xeon', gpus: [CARD, CARD] });
  const before = await hardwareLike({ platform: 2, model: '2080Ti', gpus: 2 });
  await farm.addNode({ name: 'b', memoryBytes: 125 * GIB, cpuModel: 'EPYC' });
  const names = (await farm.reads.hardware(0))
    .filter(({ platform }) => platform === 2)
    .map(({ model, ramGb, gpus }) => `${model} ${ramGb}${gpus > 0 ? ` ${gpus}` : ''}`);
  expect(names).toEqual([
    'Default 64',
    'Xeon 64',
    'Default 128',
    'EPYC 128',
    'Default 64 1',
    'Default 64 2',
    '2080Ti 64 1',
    '2080Ti 64 2',
  ]);
  expect(await hardwareLike({ platform: 2, model: '2080Ti', gpus: 2 })).toEqual(before);
  const ids = (await farm.reads.hardware(0)).map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(Math.min(...ids)).toBeGreaterThan(999_999);
});

test('a chosen memory or number of cards binds the planner; waiting says why', async () => {
  const { current: farm } = holder;
  const small = await farm.addNode({ name: 'small' });
  const big = await farm.addNode({ name: 'big', memoryBytes: 126 * GIB, gpus: [CARD, CARD] });
  await big.disconnect();
  const memory = await hardwareLike({ platform: 2, ramGb: 128, model: 'Default', gpus: 0 });
  const taskId = await farm.submit({ frames: '1', taskInfo: chosen(memory.id) });
  expect(small.orders).toEqual([]);
  expect((await farm.task(taskId)).waitingFor).toEqual([
    'Node small is not the hardware that the task asks for: a node with 128 GB of memory.',
  ]);
  const cards = await hardwareLike({ platform: 2, model: '2080Ti', gpus: 2 });
  const onCards = await farm.submit({ frames: '1', taskInfo: chosen(cards.id) });
  expect((await farm.task(onCards)).waitingFor[0]).toContain('2 × 2080Ti');
  await big.connect();
  expect(big.orders[0]).toMatchObject({ taskId });
  await big.renderAll();
  expect(await farm.task(onCards)).toMatchObject({ status: 25 });
});

test('what every analysis writes is nobody’s wish, what was changed is', async () => {
  const { current: farm } = holder;
  const node = await farm.addNode({ name: 'small' });
  const any = await hardwareLike({ platform: 2, model: 'Default', ramGb: 64 });
  for (const taskInfo of [{}, { ram: '64', graphics_cards_num: '2' }, { ...chosen(any.id), ram: '64' }]) {
    const taskId = await farm.submit({ frames: '1', taskInfo });
    expect(node.orders.at(-1)).toMatchObject({ taskId });
    await node.renderAll();
  }
  const big = await farm.submit({ frames: '1', taskInfo: { ram: '256' } });
  expect((await farm.task(big)).waitingFor[0]).toContain('256 GB');
  const cards = await farm.submit({ frames: '1', taskInfo: { graphics_cards_num: '4' } });
  expect((await farm.task(cards)).waitingFor[0]).toContain('4 × graphics card');
});

test('declared hardware: its nodes only, its limits at submit', async () => {
  const { current: farm } = holder;
  await declare({
    hardware: [
      { id: 28, platform: 2, model: '28C', nodes: ['fast*'], ramGb: 8 },
      { id: 29, platform: 2, model: 'NoBlender', ramGb: 8, notSupportCgIds: [2007] },
      {
        id: 30,
        platform: 2,
        model: 'NoVersion',
        notSupportCgVersions: [{ cgId: 2007, cgVersionName: '3.4' }],
      },
      { id: 31, platform: 2, model: 'NoPlugin', notSupportPlugins: ['^mtoa 3'] },
      { id: 32, platform: 2, model: 'Off', enabled: false },
      { id: 33, platform: 2, model: 'NoTip', notSupportCodes: ['10012'] },
    ],
  });
  const slow = await farm.addNode({ name: 'slow' });
  const fast = await farm.addNode({ name: 'fast-1' });
  const taskId = await farm.submit({ frames: '1', taskInfo: { hardwareConfigId: '28' } });
  expect([slow.orders.length, fast.orders[0]?.taskId]).toEqual([0, taskId]);
  const codeOf = (id: string, wish: Parameters<typeof farm.submit>[0] = {}) =>
    farm.submit({ frames: '1', ...wish, taskInfo: { hardwareConfigId: id } }).catch((thrown) => thrown.code);
  expect(await codeOf('29')).toBe('FARM_HARDWARE_UNFIT');
  expect(await codeOf('30')).toBe('FARM_HARDWARE_UNFIT');
  expect(await codeOf('31', { plugins: { mtoa: '3.1.2' } })).toBe('FARM_HARDWARE_UNFIT');
  expect(await codeOf('32')).toBe('FARM_HARDWARE_UNKNOWN');
  expect(await codeOf('496')).toBe('FARM_HARDWARE_UNKNOWN');
  const draft = await farm.draft({ frames: '1', taskInfo: { hardwareConfigId: '33' } });
  await farm.calls.putTaskFile(farm.accountId, draft, 'tips.json', '{"10012": ["x"]}');
  const submitted = farm.calls.submitTask(farm.accountId, draft, {});
  await expect(submitted).rejects.toMatchObject({ code: 'FARM_HARDWARE_UNFIT' });
});

test('where only declared hardware is offered, a platform without any still takes tasks', async () => {
  const { current: farm } = holder;
  await farm.addNode();
  await declare({ hardwareFromNodes: false, hardware: [{ id: 28, platform: 6, model: '28C' }] });
  const modelsOn = async (platform: number) =>
    (await farm.reads.hardware(0)).filter((row) => row.platform === platform).map(({ model }) => model);
  expect([await modelsOn(2), await modelsOn(6)]).toEqual([['Default'], ['28C']]);
});

test('edited hardware counts for what waits, also for what was booked ahead; what renders goes on', async () => {
  const { current: farm } = holder;
  const small = await farm.addNode({ name: 'small' });
  const taskId = await farm.submit({ frames: '1-9[1]' });
  const [order] = small.orders;
  await small.started(order!, order!.frames[0]!);
  const big = await farm.addNode({ name: 'big', memoryBytes: 126 * GIB });
  const row = await hardwareLike({ platform: 2, ramGb: 128, model: 'Default' });
  await farm.calls.editTaskHardware(farm.accountId, [taskId], { ids: [row.id] });
  await farm.turn(20);
  expect(await farm.reads.hardwareOfTasks(farm.accountId, [taskId])).toEqual([row.id]);
  await small.done(order!, order!.frames[0]!);
  await small.ended(order!);
  expect(await big.renderAll()).toBe(8);
  expect(small.orders).toHaveLength(1);
  expect(await farm.task(taskId)).toMatchObject({ status: 25, frames: { done: 9 } });
});

test('hardware is edited by words too; unknown ids, drafts and foreign tasks are refused', async () => {
  const { current: farm } = holder;
  const { calls, accountId } = farm;
  await farm.addNode({ name: 'big', memoryBytes: 126 * GIB });
  const taskId = await farm.submit({ frames: '1', platform: 2 });
  await calls.editTaskHardware(accountId, [taskId], { ids: [], model: 'Default', ramGb: 128 });
  const row = await hardwareLike({ platform: 2, ramGb: 128, model: 'Default' });
  expect(await farm.reads.hardwareOfTasks(accountId, [taskId])).toEqual([row.id]);
  const codeOf = (call: Promise<void>) => call.catch((thrown) => thrown.code);
  const unknown = { ids: [], model: 'Default', ramGb: 7 };
  expect(await codeOf(calls.editTaskHardware(accountId, [taskId], unknown))).toBe('FARM_HARDWARE_UNKNOWN');
  expect(await codeOf(calls.editTaskHardware(accountId, [taskId], { ids: [1] }))).toBe(
    'FARM_HARDWARE_UNKNOWN',
  );
  const [draft] = await calls.createTasks(accountId, { count: 1, userLevel: 50 });
  expect(await codeOf(calls.editTaskHardware(accountId, [draft!], { ids: [row.id] }))).toBe(
    'FARM_TASK_STATE',
  );
  expect(await codeOf(calls.editTaskHardware(accountId, [999_999], { ids: [row.id] }))).toBe(
    'FARM_NOT_FOUND',
  );
  expect(await farm.reads.hardwareOfTasks(accountId, [taskId])).toEqual([row.id]);
});

test('a package of nodes binds its tasks; only accounts that may use it can name it', async () => {
  const { current: farm } = holder;
  await declare({
    packages: [
      { id: 809, name: 'plan1', nodes: ['pack-*'] },
      { id: 810, name: 'of others', nodes: ['*'], accounts: ['somebody'] },
    ],
  });
  const other = await farm.addNode({ name: 'other' });
  expect(await farm.reads.nodePackages(farm.accountId)).toEqual([{ packNodeId: 809, packName: 'plan1' }]);
  const taskId = await farm.submit({ frames: '1', taskInfo: { pack_node_id: '809' } });
  expect((await farm.task(taskId)).waitingFor).toEqual(['Node other is not in the package of nodes 809.']);
  const node = await farm.addNode({ name: 'pack-1' });
  expect([other.orders.length, node.orders.length]).toEqual([0, 1]);
  for (const pack_node_id of ['810', '811', 'x'])
    await expect(farm.submit({ taskInfo: { pack_node_id } })).rejects.toMatchObject({
      code: 'FARM_PACKAGE_UNKNOWN',
    });
});
