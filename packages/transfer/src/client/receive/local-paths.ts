/** Where bytes of a download and of a node's cache lie on this disk. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BlobId } from '@croft/contract';
import { hexOf } from '../../blob-hash.ts';
import { asDiskError } from '../../files/durable-files.ts';

/** A blob in a node's cache. */
export function cachedPath(cacheFolder: string, id: BlobId): string {
  return join(cacheFolder, hexOf(id).slice(0, 2), id);
}

/** `/a/b/c.png` below `/a` is `/b/c.png`; the prefix itself is a file: its name. */
export function belowPrefix(path: string, prefix: string | undefined): string {
  const folder = `/${(prefix ?? '').replace(/^\/+|\/+$/g, '')}`;
  if (folder === '/') return path;
  if (path === folder) return path.slice(path.lastIndexOf('/'));
  return path.startsWith(`${folder}/`) ? path.slice(folder.length) : path;
}

/** Copies by reflink where the disk can; a half copy is never seen under the final name. */
export async function copyAside(from: string, to: string): Promise<void> {
  // A name of its own: the target's name with something added may be longer than a disk allows.
  const short = createHash('sha256').update(to).digest('hex').slice(0, 24);
  const partial = join(dirname(to), `.croft-${short}.copy`);
  try {
    await copyFile(from, partial, constants.COPYFILE_FICLONE);
    await rename(partial, to);
  } catch (thrown) {
    await rm(partial, { force: true });
    throw asDiskError(thrown, dirname(to));
  }
}
