import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { noteClaimed, storeNoteOf } from './store-note.ts';

async function tempHome() {
  const path = await mkdtemp(join(tmpdir(), 'croft-home-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

const OTHER = { code: 'TRANSFER_STORE_OTHER' };

test('a home without a note keeps bytes itself, and does not move them to a bucket', async () => {
  await using home = await tempHome();
  expect(await storeNoteOf(home.path, null)).toBeNull();
  await mkdir(join(home.path, 'blobs'));
  await expect(storeNoteOf(home.path, 's3://bytes')).rejects.toMatchObject(OTHER);
  expect(await storeNoteOf(home.path, null)).toBeNull();
});

test('until the bucket was claimed a slip of the pen can be put right; then only settings change', async () => {
  await using home = await tempHome();
  const slip = await storeNoteOf(home.path, 's3://bites/a');
  const right = await storeNoteOf(home.path, 's3://bytes/a');
  expect(right).toEqual({ address: 's3://bytes/a', store: slip?.store, isClaimed: false });
  await noteClaimed(home.path, right!);
  expect(await storeNoteOf(home.path, null)).toEqual({ ...right, isClaimed: true });
  await expect(storeNoteOf(home.path, 's3://bites/a')).rejects.toMatchObject(OTHER);
  await expect(storeNoteOf(home.path, 's3://bytes/b')).rejects.toMatchObject(OTHER);
  const moved = 's3://bytes/a?endpoint=https://s3.example.com';
  expect(await storeNoteOf(home.path, moved)).toEqual({ ...right, address: moved, isClaimed: true });
  expect(await storeNoteOf(home.path, null)).toEqual({ ...right, address: moved, isClaimed: true });
});

test('a damaged note is told, not taken for none', async () => {
  await using home = await tempHome();
  await storeNoteOf(home.path, 's3://bytes');
  const file = join(home.path, 'blobs.json');
  await writeFile(file, (await readFile(file, 'utf8')).slice(0, 20));
  await expect(storeNoteOf(home.path, null)).rejects.toMatchObject({ code: 'CLI_HOME_UNUSABLE' });
});
