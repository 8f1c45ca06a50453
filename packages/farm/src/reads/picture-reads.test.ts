/** What there is to look at of a task, over a real farm. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blobIdOf } from '../testing/memory-blobs.ts';
import { pictureOf, TestFarm } from '../testing/test-farm.ts';

let farm: TestFarm;
beforeEach(async () => {
  farm = await TestFarm.open();
});
afterEach(() => farm.end());

describe('pictures of a task', () => {
  it('are those of done frames, all of them, and nobody else’s', async () => {
    const taskId = await farm.submit({ frames: '1-2[1]' });
    const node = await farm.addNode();
    const order = node.orders[0]!;
    const [first, second] = order.frames;
    expect(await farm.reads.frameThumbnails(farm.accountId, first!.frameId)).toEqual([]);
    expect(await farm.reads.taskPicture(farm.accountId, taskId)).toBeNull();

    await node.started(order, first!);
    const main = pictureOf(order, first!, { width: 1920, height: 1080, camera: 'Cam' });
    const small = (name: string) =>
      pictureOf(order, first!, {
        path: `/.thumbnails/${name}.png`,
        id: blobIdOf(name),
        size: name.length,
        kind: 'thumbnail',
        of: main.path,
      });
    const results = [main, small('a'), small('b')];
    await farm.calls.blobsArrived(
      farm.accountId,
      results.map(({ id, size }) => ({ id, size })),
    );
    await farm.calls.nodeReport(node.id, {
      kind: 'frame-done',
      attemptId: order.attemptId,
      frameId: first!.frameId,
      startedAt: farm.clock.now() - 100,
      endedAt: farm.clock.now(),
      results,
      peakMemoryBytes: 1,
    });

    const thumbnails = await farm.reads.frameThumbnails(farm.accountId, first!.frameId);
    expect(thumbnails).toHaveLength(2);
    for (const path of thumbnails) {
      expect(path).toMatch(/^\/files\//);
      expect(await farm.reads.picture(path.slice('/files/'.length))).not.toBeNull();
    }
    expect(await farm.reads.frameThumbnails(farm.accountId, second!.frameId)).toEqual([]);
    expect(await farm.reads.taskPicture(farm.accountId, taskId)).toEqual({
      width: 1920,
      height: 1080,
      camera: 'Cam',
    });

    const since = async (ms: number) =>
      (await farm.reads.results(farm.accountId, taskId, 1, 10, { since: ms })).items.map(({ path }) => path);
    const publishedAt = farm.clock.now();
    await farm.turn(5000);
    await node.started(order, second!);
    await node.done(order, second!);
    expect(await since(publishedAt + 1)).toEqual([expect.stringMatching(/0002\.png$/)]);
    expect(await since(publishedAt)).toHaveLength(4);
    expect((await since(0)).at(-1)).toMatch(/0002\.png$/);
    expect(await since(farm.clock.now() + 1)).toEqual([]);

    await expect(farm.reads.frameThumbnails(99, first!.frameId)).rejects.toMatchObject({
      code: 'FARM_NOT_YOURS',
    });
    await expect(farm.reads.frameThumbnails(farm.accountId, 1e9)).rejects.toMatchObject({
      code: 'FARM_NOT_FOUND',
    });
    await expect(farm.reads.taskPicture(99, taskId)).rejects.toMatchObject({ code: 'FARM_NOT_YOURS' });
  });
});

describe('a folder of a tree', () => {
  const names = async (folder: string, most = 10_000) =>
    (await farm.reads.treeFolder({ accountId: farm.accountId, root: 'output' }, folder, most)).map(
      ({ name, size }) => (size === null ? `${name}/` : name),
    );
  const write = async (paths: readonly string[]) => {
    const id = blobIdOf('x');
    await farm.calls.blobsArrived(farm.accountId, [{ id, size: 1 }]);
    const tree = { accountId: farm.accountId, root: 'output' } as const;
    await farm.calls.commitTree(
      tree,
      paths.map((path) => ({ path, id, size: 1, mtimeMs: 7 })),
    );
  };

  it('shows what lies right in it, once, whatever sorts next to it', async () => {
    // The file a0 sorts right behind everything in the folder a, and a.txt before it.
    const deep = Array.from({ length: 1200 }, (_, index) => `/a/d${index % 3}/${index}.png`);
    await write(['/a.txt', ...deep, '/a0', '/a-b/x', '/z', '/ä/é.png']);
    expect(await names('/')).toEqual(['a-b/', 'a.txt', 'a/', 'a0', 'z', 'ä/'].sort(byName));
    expect(await names('/a')).toEqual(['d0/', 'd1/', 'd2/']);
    expect(await names('/a/d1')).toHaveLength(400);
    expect(await names('/a/d1', 7)).toHaveLength(7);
    expect(await names('/ä')).toEqual(['é.png']);
    expect(await names('/nowhere')).toEqual([]);
    expect(await names('/a0')).toEqual([]);
  });
});

/** By name without the mark of a folder. */
function byName(a: string, b: string): number {
  const [left, right] = [a.replace(/\/$/, ''), b.replace(/\/$/, '')];
  return left < right ? -1 : 1;
}
