/** Clones of tasks, and tasks whose assets are kept apart from files of the same names. */
import { type BlobId, DAY, HOUR } from '@croft/contract';
import { beforeEach, describe, expect, it } from 'vitest';
import { farmHome } from './home.ts';
import { openSqliteReads } from './store/sqlite/open.ts';
import { isolationOwner, isolationPath } from './tasks/isolation.ts';
import { auditedFarm } from './testing/audited-farm.ts';
import { blobIdOf } from './testing/memory-blobs.ts';
import type { TestFarm } from './testing/test-farm.ts';

let farm: TestFarm;
const audited = auditedFarm();
beforeEach(() => {
  farm = audited.current;
});

const SCENE = '/home/u/scene.blend';
async function upload(text: string, path = SCENE): Promise<string> {
  const id = blobIdOf(text);
  await farm.calls.blobsArrived(farm.accountId, [{ id, size: text.length }]);
  const tree = { accountId: farm.accountId, root: 'input' } as const;
  await farm.calls.commitTree(tree, [{ path, id, size: text.length, mtimeMs: 1 }]);
  return id;
}
/** Paths and blobs that the newest order of the task may read. */
async function inputsOf(taskId: number): Promise<string[][]> {
  const node = await farm.addNode({ name: `n${taskId}` });
  const order = node.orders.find((one) => one.taskId === taskId)!;
  const grant = await farm.calls.attemptGrant(order.token);
  const inputs = await Array.fromAsync(farm.reads.attemptInputs(grant!));
  for (const { id } of inputs) expect(await farm.reads.inputBlobSize(grant!, id)).not.toBeNull();
  return inputs.map(({ path, id }) => [path, id]);
}
const clone = async (cloneOriginalId: number) =>
  (await farm.calls.createTasks(farm.accountId, { count: 1, userLevel: 50, cloneOriginalId }))[0]!;
const submit = (taskId: number, wish = {}) => farm.calls.submitTask(farm.accountId, taskId, wish);

describe('a clone', () => {
  it('renders the assets of its original as they were, with settings of its own, and knows its line', async () => {
    const original = await farm.submit({ frames: '1-3[1]' });
    await upload('another scene');
    const first = await clone(original);
    await farm.calls.changeFrames(farm.accountId, first, '7-8[1]');
    for (let sent = 0; sent < 2; sent++) await submit(first);
    const second = await clone(first);
    await submit(second);
    await farm.calls.stopTasks(farm.accountId, [original, second]);
    expect(await inputsOf(first)).toEqual([[SCENE, blobIdOf('scene')]]);
    const [one, two] = await farm.reads.taskInfos(farm.accountId, [first, second]);
    expect(one).toMatchObject({ clonedFrom: original, cloneOriginalId: original, framesRange: '7-8[1]' });
    expect(two).toMatchObject({ clonedFrom: first, cloneOriginalId: original, framesRange: '7-8[1]' });
    expect(one).toMatchObject({ outputName: `${first}_scene`, frames: { total: 2 } });
  });

  it('with an upload.json of its own renders what is uploaded now', async () => {
    const original = await farm.submit();
    const newer = await upload('another scene');
    const made = await clone(original);
    const uploaded = { asset: [{ local: SCENE, server: SCENE }], scene: [] };
    await farm.calls.putTaskFile(farm.accountId, made, 'upload.json', JSON.stringify(uploaded));
    await submit(made);
    await farm.calls.stopTasks(farm.accountId, [original]);
    expect(await inputsOf(made)).toEqual([[SCENE, newer]]);
  });

  it('may be said in task.json alone, and of whole families', async () => {
    const original = await farm.submit({ children: [{ layerName: 'a', frames: '1-2[1]' }] });
    const made = await farm.draft({ taskInfo: { clone_original_id: String(original) } });
    await submit(made);
    expect(await farm.task(made)).toMatchObject({ clonedFrom: original });
    const family = await clone(original);
    await submit(family);
    expect((await farm.task(family)).childIds).toHaveLength(1);
    const [child] = (await farm.task(original)).childIds;
    await expect(clone(child!)).rejects.toMatchObject({ apiCode: 600 });
  });

  it('of nothing, of a draft, of what is deleted or with wrong frames is refused', async () => {
    const draft = await farm.draft();
    const gone = await farm.submit();
    await farm.calls.deleteTasks(farm.accountId, [gone]);
    await expect(clone(5)).rejects.toMatchObject({ apiCode: 404 });
    for (const id of [draft, gone]) await expect(clone(id)).rejects.toMatchObject({ apiCode: 600 });
    const made = await clone(await farm.submit());
    for (const frames of ['', 'x', '3-'])
      await expect(farm.calls.changeFrames(farm.accountId, made, frames)).rejects.toMatchObject({
        apiCode: 600,
      });
    await farm.calls.putTaskFile(farm.accountId, made, 'task.json', '{"task_info": [');
    await expect(farm.calls.changeFrames(farm.accountId, made, '1')).rejects.toMatchObject({ apiCode: 600 });
    const lost = await farm.draft({ taskInfo: { clone_original_id: '5' } });
    await expect(submit(lost)).rejects.toMatchObject({ apiCode: 404 });
  });
});

describe('isolated assets', () => {
  it.each([
    ['12345', '/000/012/345'],
    ['11223344556677', '/11223344/556/677'],
    ['1', '/000/000/001'],
    ['123456789', '/123/456/789'],
  ])('of %s lie at %s', (id, path) => {
    expect(isolationPath(id)).toBe(path);
  });

  it('of an out user need its id', () => {
    expect(isolationOwner({ model: 'TASK_ID_MODEL', outUserId: '7' }, 12345)).toBe('12345');
    for (const outUserId of ['', 'a/b', '1'.repeat(21)])
      expect(() => isolationOwner({ model: 'OUT_USER_MODEL', outUserId }, 1)).toThrow('out user id');
    expect(() => isolationOwner({ model: 'OUT_USER_MODEL' }, 1)).toThrow('out user id');
  });

  describe('when their keep time is over', () => {
    const tree = () => ({ accountId: farm.accountId, root: 'input' as const });
    const place = (id: string) => `${isolationPath(id)}${SCENE}`;
    const scene = blobIdOf('scene');
    const settled = async (ms: number) => {
      farm.clock.leap(ms);
      await farm.calls.settle();
    };
    /** All sweeps that come in the time given. */
    async function sweep(): Promise<void> {
      let next: Awaited<ReturnType<typeof farm.calls.pruneTrees>>['next'] = null;
      do next = (await farm.calls.pruneTrees(next)).next;
      while (next !== null);
      const { ids } = await farm.calls.unusedBlobs('');
      await farm.calls.forgetBlobs(ids);
    }
    const isStored = async () => (await farm.calls.unknownBlobs([scene])).length === 0;

    it.each([
      ['TASK_ID_MODEL', 15],
      ['OUT_USER_MODEL', 20],
    ] as const)(
      '%s: after %i days the files of a task that is over go, and it cannot begin anew',
      async (model, days) => {
        const node = await farm.addNode();
        const task = await farm.draft({ frames: '1' });
        await submit(task, { isolation: { model, outUserId: '12345' } });
        await farm.turn(100);
        const owner = model === 'TASK_ID_MODEL' ? String(task) : '12345';
        await node.renderAll();
        expect(await farm.task(task)).toMatchObject({ status: 25 });
        await upload('another scene');
        await settled(days * DAY - HOUR);
        await sweep();
        expect(await farm.reads.treeEntry(tree(), place(owner))).toMatchObject({ id: scene });
        // Within its time it renders again.
        await farm.calls.restartFrames(farm.accountId, task);
        await farm.turn(100);
        await node.renderAll();
        await settled(DAY);
        expect(await farm.reads.treeEntry(tree(), place(owner))).toBeNull();
        await sweep();
        expect(await isStored()).toBe(true);
        await settled(8 * DAY);
        await sweep();
        expect(await isStored()).toBe(false);
        const gone = { code: 'FARM_INPUTS_GONE' };
        await expect(farm.calls.restartFrames(farm.accountId, task)).rejects.toMatchObject(gone);
        await expect(farm.calls.startTasks(farm.accountId, [task])).rejects.toMatchObject(gone);
        const copy = await clone(task);
        await expect(submit(copy)).rejects.toMatchObject(gone);
        // Its results are nobody's to take.
        const { items } = await farm.reads.results(farm.accountId, task, 1, 10);
        expect(items.length).toBeGreaterThan(0);
        expect(await farm.calls.unknownBlobs(items.map(({ id }) => id as BlobId))).toEqual([]);
      },
    );

    it.each(['waits', 'was stopped'])('nothing goes from under a task that %s', async (what) => {
      const task = await farm.draft({ frames: '1' });
      await submit(task, { isolation: { model: 'TASK_ID_MODEL' } });
      await upload('another scene');
      if (what === 'was stopped') await farm.calls.stopTasks(farm.accountId, [task]);
      await settled(40 * DAY);
      await sweep();
      await settled(8 * DAY);
      await sweep();
      expect(await farm.reads.treeEntry(tree(), place(String(task)))).toBeNull();
      expect(await isStored()).toBe(true);
      if (what === 'was stopped') await farm.calls.startTasks(farm.accountId, [task]);
      await farm.turn(100);
      expect(await inputsOf(task)).toEqual([[SCENE, scene]]);
    });

    it('a new task of the same out user keeps the folder on', async () => {
      const isolation = { model: 'OUT_USER_MODEL', outUserId: '12345' } as const;
      await submit(await farm.draft({ frames: '1' }), { isolation });
      await settled(15 * DAY);
      await submit(await farm.draft({ frames: '1' }), { isolation });
      await settled(20 * DAY - 1);
      expect(await farm.reads.treeEntry(tree(), place('12345'))).not.toBeNull();
      await settled(DAY);
      expect(await farm.reads.treeEntry(tree(), place('12345'))).toBeNull();
    });

    it('paths of digits that are a user’s own stay with the tasks that name them', async () => {
      const path = '/123/456/789/own.png';
      const own = (await upload('my own picture', path)) as BlobId;
      const task = await farm.draft({ frames: '1' });
      const asset = [SCENE, path].map((local) => ({ local, server: local }));
      await farm.calls.putTaskFile(farm.accountId, task, 'upload.json', JSON.stringify({ asset }));
      await submit(task);
      const node = await farm.addNode();
      await node.renderAll();
      await farm.calls.removePaths(tree(), ['/123']);
      await settled(40 * DAY);
      await sweep();
      expect(await farm.calls.unknownBlobs([own])).toEqual([]);
      await farm.calls.deleteTasks(farm.accountId, [task]);
      await farm.turn(100);
      await settled(8 * DAY);
      await sweep();
      expect(await farm.calls.unknownBlobs([own])).toEqual([own]);
    });
  });

  it('stay as they are while others upload to the same paths, and are noted with their time', async () => {
    const mine = await farm.draft();
    await submit(mine, { isolation: { model: 'OUT_USER_MODEL', outUserId: '12345' } });
    await upload('of another user');
    const single = await farm.draft();
    await submit(single, { isolation: { model: 'TASK_ID_MODEL' } });
    await farm.calls.stopTasks(farm.accountId, [single]);
    expect(await inputsOf(mine)).toEqual([[SCENE, blobIdOf('scene')]]);
    const tree = { accountId: farm.accountId, root: 'input' } as const;
    expect(await farm.reads.treeEntry(tree, `/000/012/345${SCENE}`)).toMatchObject({ id: blobIdOf('scene') });
    const later = farm.clock.now();
    farm.clock.leap(DAY);
    await submit(await farm.draft(), { isolation: { model: 'OUT_USER_MODEL', outUserId: '12345' } });
    const connection = openSqliteReads(farmHome(farm.home).database);
    const folders = await connection.db.selectFrom('isolated_folders').selectAll().orderBy('model').execute();
    connection.close();
    expect(folders).toMatchObject([
      { prefix: '/000/012/345', model: 'OUT_USER_MODEL', owner: '12345' },
      { prefix: isolationPath(String(single)), model: 'TASK_ID_MODEL', owner: String(single) },
    ]);
    expect(folders[0]!.remove_after).toBe(farm.clock.now() + 20 * DAY);
    expect(folders[1]!.remove_after).toBeGreaterThanOrEqual(later - DAY + 15 * DAY);
    farm.clock.leap(21 * DAY);
    await farm.calls.settle();
    expect(await farm.reads.treeEntry(tree, `/000/012/345${SCENE}`)).toBeNull();
    expect(await farm.reads.treeEntry(tree, SCENE)).not.toBeNull();
  });
});
