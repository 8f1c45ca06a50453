import type { BlobId, FileRow } from '@croft/contract';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { blobIdOf } from '../testing/memory-blobs.ts';
import { TestFarm } from '../testing/test-farm.ts';
import type { FolderPage } from './list-folder.ts';

let farm: TestFarm;
beforeEach(async () => {
  farm = await TestFarm.open();
});
afterEach(() => farm.end());

const input = () => ({ accountId: farm.accountId, root: 'input' as const });
const BYTES: BlobId = blobIdOf('x');

async function put(paths: readonly string[]): Promise<void> {
  await farm.calls.blobsArrived(farm.accountId, [{ id: BYTES, size: 1 }]);
  const entries = paths.map((path, index) => ({ path, id: BYTES, size: 1, mtimeMs: index + 1 }));
  await farm.calls.commitTree(input(), entries);
}

async function list(folder: string, limit: number): Promise<FileRow[]> {
  const rows: FileRow[] = [];
  let after = '';
  for (;;) {
    const page: FolderPage = await farm.reads.folderPage(input(), folder, { after, limit });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    rows.push(...page.items);
    if (page.next === null) return rows;
    after = page.next;
  }
}

test('a folder shows its files and the sums of its folders, also beside names that sort around the slash', async () => {
  await put(['/a/1', '/a/b/2', '/a/b/3', '/a.txt', '/a0', '/a!/x', '/z', '/影/片 1.png']);
  await farm.calls.removePaths(input(), ['/z']);
  expect(await list('/', 2)).toEqual([
    { name: 'a!', isFolder: true, files: 1, bytes: 1, mtimeMs: 6 },
    { name: 'a.txt', isFolder: false, files: 1, bytes: 1, mtimeMs: 4 },
    { name: 'a', isFolder: true, files: 3, bytes: 3, mtimeMs: 3 },
    { name: 'a0', isFolder: false, files: 1, bytes: 1, mtimeMs: 5 },
    { name: '影', isFolder: true, files: 1, bytes: 1, mtimeMs: 8 },
  ]);
  expect((await list('/a', 10)).map(({ name }) => name)).toEqual(['1', 'b']);
  expect(await farm.reads.sumsAt(input(), '/')).toEqual({ files: 7, bytes: 7, mtimeMs: 8 });
  expect(await farm.reads.sumsAt(input(), '/a.txt')).toMatchObject({ files: 1 });
  expect(await farm.reads.sumsAt(input(), '/nothing')).toMatchObject({ files: 0 });
});

test('whatever the paths and the pages, every file is counted in exactly one row', async () => {
  const name = fc.constantFrom('a', 'b', 'a0', 'a.x', 'a!', 'ü', '0');
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => `/${names.join('/')}`);
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(path, { maxLength: 40 }),
      fc.integer({ min: 1, max: 7 }),
      async (paths, limit) => {
        await farm.calls.removePaths(input(), ['/a', '/b', '/a0', '/a.x', '/a!', '/ü', '/0']);
        await put(paths);
        const expected = new Map<string, number>();
        for (const path of paths) {
          const [first, ...rest] = path.slice(1).split('/');
          const row = rest.length === 0 ? first! : `${first}/`;
          expected.set(row, (expected.get(row) ?? 0) + 1);
        }
        const rows = await list('/', limit);
        const found = rows.map(({ name, isFolder, files }) => [isFolder ? `${name}/` : name, files] as const);
        expect(new Map(found)).toEqual(expected);
        expect(found).toHaveLength(expected.size);
      },
    ),
    { numRuns: 60 },
  );
});

test('a folder of more rows than one look or one sum takes', async () => {
  await put(Array.from({ length: 5600 }, (_, index) => `/big/${String(index % 7)}/${index}.exr`));
  await put(Array.from({ length: 250 }, (_, index) => `/flat/${index}.exr`));
  expect(await list('/', 50)).toMatchObject([
    { name: 'big', files: 5600, bytes: 5600 },
    { name: 'flat', files: 250, bytes: 250 },
  ]);
  expect(await list('/flat', 60)).toHaveLength(250);
  expect((await list('/big', 3)).map(({ files }) => files)).toEqual([800, 800, 800, 800, 800, 800, 800]);
});

test('bytes are told with every path and task that needs them, old versions of submitted tasks included', async () => {
  const scene = blobIdOf('scene');
  const node = await farm.addNode();
  const taskId = await farm.submit({ frames: '1' });
  await node.renderAll();
  const { items } = await farm.reads.results(farm.accountId, taskId, 1, 10);
  const picture = items.find(({ kind }) => kind !== 'thumbnail')!;
  const detail = await farm.reads.task(farm.accountId, taskId);
  expect((await farm.reads.blobUses(picture.id as BlobId)).uses).toContainEqual({
    accountId: farm.accountId,
    accountName: 'admin',
    root: 'output',
    path: `/${detail.outputName}${picture.path}`,
    taskId,
  });
  const use = { accountId: farm.accountId, accountName: 'admin', root: 'input', path: '/home/u/scene.blend' };
  expect(await farm.reads.blobUses(scene)).toEqual({ uses: [{ ...use, taskId }], hasMore: false });
  // Another scene at the path: the task still renders the old one.
  await farm.calls.blobsArrived(farm.accountId, [{ id: BYTES, size: 1 }]);
  await farm.calls.commitTree(input(), [{ path: use.path, id: BYTES, size: 1, mtimeMs: 9 }]);
  expect((await farm.reads.blobUses(scene)).uses).toEqual([{ ...use, taskId }]);
  expect((await farm.reads.blobUses(BYTES)).uses).toEqual([{ ...use, taskId: null }]);
  expect((await farm.reads.blobUses(blobIdOf('nobody'))).uses).toEqual([]);
});
