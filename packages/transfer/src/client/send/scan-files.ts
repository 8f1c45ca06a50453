/** What an upload begins with: names, sizes, and which files the farm shows already. */
import { confinedPath, type TreeEntry, type TreeRoot } from '@croft/contract';
import { transferErrors } from '../../errors.ts';
import type { HashPool } from '../../files/hash-pool.ts';
import type { FileLook } from '../../files/read-files.ts';
import { slicesOf } from '../lanes.ts';
import type { RateLimit } from '../pace/rate-limit.ts';
import type { DoorClient } from '../wire/door-client.ts';
import { throwIfInterrupted } from '../wire/retry.ts';
import type { RememberedFile, UploadFile } from './upload-file.ts';
import { type OutgoingFile, onlyRemembered } from './upload-jobs.ts';

/** Files looked at by one order to a thread. */
const LOOKS_AT_ONCE = 1000;

/** Paths and sizes first: a refused path or a lost file is told before anything is sent. */
export async function scanFiles(
  files: Iterable<UploadFile> | AsyncIterable<UploadFile>,
  pool: HashPool,
  signal: AbortSignal | undefined,
): Promise<OutgoingFile[]> {
  const found: OutgoingFile[] = [];
  for await (const some of slicesOf(files, LOOKS_AT_ONCE)) {
    throwIfInterrupted(signal);
    const unseen = some.filter(({ remembered }) => remembered?.isLookedAt !== true);
    const looks = (await pool.look(unseen.map(({ localPath }) => localPath)))[Symbol.iterator]();
    for (const file of some) found.push(scanned(file, looks));
  }
  return found;
}

/** Takes what was seen of the file from `looks`, where it was looked at. */
function scanned(
  { localPath, treePath: raw, remembered }: UploadFile,
  looks: Iterator<FileLook>,
): OutgoingFile {
  const treePath = confinedPath(raw);
  if (remembered?.isLookedAt === true) {
    const { size, mtimeMs } = remembered;
    return { localPath, treePath, size, mtimeMs, hashed: onlyRemembered(remembered) };
  }
  const look: FileLook = looks.next().value;
  if ('failure' in look) throw transferErrors.TRANSFER_FILE_UNREADABLE(look.failure);
  const isSame = remembered?.size === look.size && remembered.mtimeMs === look.mtimeMs;
  const { size, mtimeMs } = look;
  return { localPath, treePath, size, mtimeMs, hashed: isSame ? onlyRemembered(remembered) : null };
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
  files: readonly OutgoingFile[],
): Promise<{ shown: (TreeEntry | undefined)[]; version: number | null }> {
  const known = [...files.keys()].filter((index) => files[index]!.hashed !== null);
  // Of several files for one path the last counts, whichever of them is there now.
  const isEachOnce = new Set(files.map(({ treePath }) => treePath)).size === files.length;
  if (shownIn === undefined || known.length === 0 || !isEachOnce) return { shown: [], version: null };
  const entries = known.map((index) => entryOf(files[index]!.treePath, files[index]!.hashed!));
  const { differing, version } = await door.differing(shownIn, entries, { signal, limit });
  const shown: (TreeEntry | undefined)[] = new Array(files.length).fill(undefined);
  for (const [place, index] of known.entries()) if (!differing.has(place)) shown[index] = entries[place];
  return { shown, version };
}

export function entryOf(path: string, { id, size, mtimeMs }: RememberedFile): TreeEntry {
  return { path, id, size, mtimeMs };
}
