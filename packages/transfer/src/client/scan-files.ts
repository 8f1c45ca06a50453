/** What an upload begins with: names, sizes, and which files the farm shows already. */
import { confinedPath, type TreeEntry, type TreeRoot } from '@croft/contract';
import { type HashedFile, statFile } from '../blob-hash.ts';
import type { DoorClient } from './door-client.ts';
import type { RateLimit } from './rate-limit.ts';
import { throwIfInterrupted } from './retry.ts';

/** A file to send and the tree path it gets. */
export interface UploadFile {
  localPath: string;
  treePath: string;
  /**
   * What the caller knows of the file from an earlier upload. Where size and time still fit, the file is not read as long
   * as the farm has these bytes; where the farm has not, it is read and sent as ever.
   */
  remembered?: RememberedFile | undefined;
}

export interface RememberedFile extends Pick<HashedFile, 'id' | 'size' | 'mtimeMs'> {
  /** The caller looked at the file just now and found it so: it is not looked at again. */
  isLookedAt?: boolean;
}

export type ScannedFile = UploadFile & { size: number };

/** Paths and sizes first: a refused path or a lost file is told before anything is sent. */
export async function scanFiles(
  files: Iterable<UploadFile> | AsyncIterable<UploadFile>,
  signal: AbortSignal | undefined,
): Promise<ScannedFile[]> {
  const found: ScannedFile[] = [];
  for await (const { localPath, treePath: raw, remembered } of files) {
    throwIfInterrupted(signal);
    const treePath = confinedPath(raw);
    if (remembered?.isLookedAt === true) {
      found.push({ localPath, treePath, size: remembered.size, remembered });
      continue;
    }
    const { size, mtimeMs } = await statFile(localPath);
    const isSame = remembered?.size === size && remembered.mtimeMs === mtimeMs;
    found.push({ localPath, treePath, size, remembered: isSame ? remembered : undefined });
  }
  return found;
}

export interface ShownParts {
  door: DoorClient;
  signal: AbortSignal | undefined;
  limit: RateLimit | undefined;
  /** The tree that may show remembered files already; absent where there is none. */
  shownIn?: TreeRoot | undefined;
}

/**
 * Entries of those files that nothing has to be done for: remembered ones that the tree shows just so. One question for
 * all, with which an upload that changes nothing ends.
 */
export async function shownAlready(
  { door, signal, limit, shownIn }: ShownParts,
  files: readonly ScannedFile[],
): Promise<{ shown: (TreeEntry | undefined)[]; version: number | null }> {
  const entries = files.map(({ treePath, remembered }) => remembered && entryOf(treePath, remembered));
  const asked = entries.filter((entry) => entry !== undefined);
  // Of several files for one path the last counts, whichever of them is there now.
  const isEachOnce = new Set(files.map(({ treePath }) => treePath)).size === files.length;
  if (shownIn === undefined || asked.length === 0 || !isEachOnce) return { shown: [], version: null };
  const { shown, version } = await door.shown(shownIn, asked, { signal, limit });
  return { shown: entries.map((entry) => (entry && shown.has(entry) ? entry : undefined)), version };
}

export function entryOf(path: string, { id, size, mtimeMs }: RememberedFile): TreeEntry {
  return { path, id, size, mtimeMs };
}
