/**
 * Whether materialised inputs are still as they were made: size, inode, modification and change time of each file.
 * Change time cannot be set back by a program, so a scene that writes over its inputs is seen even when it restores
 * the modification time.
 */
import type { BigIntStats } from 'node:fs';
import { lstat, opendir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Path below the folder → what `stat` said. */
export type Fingerprint = Map<string, string>;

const AT_ONCE = 32;

export async function fingerprintOf(folder: string): Promise<Fingerprint> {
  const prints: Fingerprint = new Map();
  await eachFile(folder, '', async (path) => {
    prints.set(path, printOf(await lstat(join(folder, path), { bigint: true })));
  });
  return prints;
}

export interface Difference {
  /** A file that was changed or removed. */
  readonly changed: string | null;
  /** Files that were added. */
  readonly added: readonly string[];
}

export async function differenceTo(folder: string, before: Fingerprint): Promise<Difference> {
  const now = await fingerprintOf(folder);
  const added = [...now.keys()].filter((path) => !before.has(path));
  for (const [path, print] of before) {
    if (now.get(path) !== print) return { changed: path, added };
  }
  return { changed: null, added };
}

export async function removeAll(folder: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(join(folder, path), { force: true });
}

async function eachFile(root: string, below: string, visit: (path: string) => Promise<void>): Promise<void> {
  const files: string[] = [];
  for await (const entry of await opendir(join(root, below))) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) await eachFile(root, path, visit);
    else files.push(path);
  }
  for (let at = 0; at < files.length; at += AT_ONCE) {
    await Promise.all(files.slice(at, at + AT_ONCE).map(visit));
  }
}

function printOf(stat: BigIntStats): string {
  return `${stat.size} ${stat.ino} ${stat.mtimeNs} ${stat.ctimeNs} ${stat.mode}`;
}
