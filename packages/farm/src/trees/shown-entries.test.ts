import type { BlobId, TreeEntry } from '@croft/contract';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { blobIdOf } from '../testing/memory-blobs.ts';
import { TestFarm } from '../testing/test-farm.ts';

let farm: TestFarm;
beforeEach(async () => {
  farm = await TestFarm.open();
});
afterEach(() => farm.end());

const input = () => ({ accountId: farm.accountId, root: 'input' as const });
const BYTES: BlobId = blobIdOf('x');
const OTHER: BlobId = blobIdOf('y');
const entryAt = (path: string, over: Partial<TreeEntry> = {}): TreeEntry => ({
  path,
  id: BYTES,
  size: 1,
  mtimeMs: 1.5,
  ...over,
});
async function put(entries: TreeEntry[]): Promise<void> {
  await farm.calls.blobsArrived(
    farm.accountId,
    [BYTES, OTHER].map((id) => ({ id, size: 1 })),
  );
  await farm.calls.commitTree(input(), entries);
}

test('what differs in bytes, time or by not being there any more is told, in the order asked', async () => {
  await put(['/a', '/b', '/c', '/d', '/e'].map((path) => entryAt(path)));
  await farm.calls.removePaths(input(), ['/d']);
  const asked = [
    entryAt('/e'),
    entryAt('/b', { id: OTHER }),
    entryAt('/a'),
    entryAt('/c', { mtimeMs: 1 }),
    entryAt('/d'),
    entryAt('/none'),
    entryAt('/a', { size: 2 }),
  ];
  expect(await farm.reads.differingEntries(input(), asked)).toEqual({
    version: 2,
    differing: [1, 3, 4, 5, 6],
  });
  expect(await farm.reads.differingEntries(input(), [])).toEqual({ version: 2, differing: [] });
  const others = { accountId: farm.accountId + 1, root: 'input' as const };
  expect(await farm.reads.differingEntries(others, asked.slice(0, 1))).toEqual({
    version: 0,
    differing: [0],
  });
});

test('whatever the names and whatever lies between them, the answer is that of looking at each', async () => {
  const name = fc.constantFrom('a', 'b', 'a!', 'ü', '片', '\uffee', '😀', '0');
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => `/${names.join('/')}`);
  const paths = fc.uniqueArray(path, { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(paths, paths, async (there, asked) => {
      await farm.calls.removePaths(input(), ['/a', '/b', '/a!', '/ü', '/片', '/\uffee', '/😀', '/0']);
      await put(there.map((one) => entryAt(one)));
      const { differing } = await farm.reads.differingEntries(
        input(),
        asked.map((one) => entryAt(one)),
      );
      const shown = new Set(there);
      expect(differing).toEqual(asked.flatMap((one, index) => (shown.has(one) ? [] : index)));
    }),
    { numRuns: 50 },
  );
});
