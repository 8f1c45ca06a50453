import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MiB } from '@croft/contract';
import { HashPool, hashFile } from '@croft/transfer';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../tests/support/cleanup.ts';
import type { RenderEvent } from './events.ts';
import { verifyFiles } from './verify-files.ts';

it('tells how far it is within a long file', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'long.exr');
  writeFileSync(file, 'a frame');
  truncateSync(file, 40 * MiB);
  const pool = new HashPool();
  const { id, size, mtimeMs } = await hashFile(file, pool);
  await pool.close();
  const done: number[] = [];
  const never = async () => {
    throw new Error('nothing is fetched');
  };
  const found = await verifyFiles(
    { mover: { upload: never, download: never, list: never } },
    { files: [{ path: '/1/long.exr', id, size, mtimeMs, place: '/long.exr' }], ownerId: null, frames: 1 },
    folder,
    { onEvent: (event: RenderEvent) => 'bytesDone' in event && done.push(event.bytesDone) },
  );
  expect(found).toMatchObject({ files: 1, right: 1, extraCount: 0 });
  // Three parts, in any order, and the file itself.
  expect(done).toHaveLength(4);
  expect(done[0]).toBeLessThan(40 * MiB);
  expect(done).toEqual([...done].sort((a, b) => a - b));
  expect(done.at(-1)).toBe(40 * MiB);
});
