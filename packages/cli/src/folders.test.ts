import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { foldersOf, madeFolder } from './folders.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'croft-folders-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

test('a folder for frames is tried out and not left behind', async () => {
  const wanted = join(root, 'a', 'b', 'c');
  expect(await madeFolder(wanted)).toBe(wanted);
  expect(existsSync(join(root, 'a'))).toBe(false);
  expect(existsSync(root)).toBe(true);
});

test('one that is there stays as it is', async () => {
  await writeFile(join(root, 'frame.png'), '');
  expect(await madeFolder(root)).toBe(root);
  expect(existsSync(join(root, 'frame.png'))).toBe(true);
});

test('one below a file is refused before anything else is done', async () => {
  await writeFile(join(root, 'file'), '');
  await expect(madeFolder(join(root, 'file', 'x'))).rejects.toMatchObject({ code: 'CLI_OUTPUT_FOLDER' });
});

test.skipIf(process.platform !== 'linux')(
  'nor one where the system makes none, which is told soon',
  async () => {
    await expect(madeFolder('/proc/frames/x')).rejects.toMatchObject({ code: 'CLI_OUTPUT_FOLDER' });
  },
);

test('folders to search are absolute, and there', async () => {
  expect(await foldersOf([root, '.'])).toEqual([root, process.cwd()]);
  await expect(foldersOf([join(root, 'no')])).rejects.toThrow(`there is no folder ${join(root, 'no')}`);
});
