/** The files that are moved. */
import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GiB, KiB, MiB } from '@croft/contract';

export const LONG_NAME = 'long.abc';
const BLOCK_BYTES = 64 * KiB;

/** One file of 1 GiB in a folder of its own. */
export async function makeLong(folder: string): Promise<string> {
  await mkdir(folder);
  const file = await open(join(folder, LONG_NAME), 'w');
  for (let at = 0; at < GiB; at += 16 * MiB) await file.write(randomBytes(16 * MiB));
  await file.sync();
  await file.close();
  return folder;
}

/** A copy of the long file with 1 % of it changed in place, in blocks that lie evenly. */
export async function changedInPlace(long: string, folder: string): Promise<string> {
  await mkdir(folder);
  await copyFile(join(long, LONG_NAME), join(folder, LONG_NAME));
  const file = await open(join(folder, LONG_NAME), 'r+');
  for (let at = 0; at < GiB; at += 100 * BLOCK_BYTES)
    await file.write(randomBytes(BLOCK_BYTES), 0, BLOCK_BYTES, at);
  await file.sync();
  await file.close();
  return folder;
}

/** A copy of the long file behind 1 MB of other bytes. */
export async function insertedInFront(long: string, folder: string): Promise<string> {
  await mkdir(folder);
  const from = await open(join(long, LONG_NAME), 'r');
  const to = await open(join(folder, LONG_NAME), 'w');
  await to.write(randomBytes(1_000_000));
  const buffer = Buffer.allocUnsafe(16 * MiB);
  for (let at = 0; at < GiB; at += buffer.length) {
    await from.read(buffer, 0, buffer.length, at);
    await to.write(buffer);
  }
  await to.sync();
  await Promise.all([from.close(), to.close()]);
  return folder;
}

/** So many files of so many bytes, 1,000 in a folder. */
export async function makeMany(folder: string, files: number, fileBytes: number): Promise<string> {
  for (let first = 0; first < files; first += 1000) {
    const below = join(folder, `shot ${first / 1000}`);
    await mkdir(below, { recursive: true });
    for (let number = first; number < Math.min(files, first + 1000); number++)
      await writeFile(join(below, `${number}.bin`), randomBytes(fileBytes));
  }
  return folder;
}
