/** All files below a folder. */
import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { coerceError } from '@croft/contract';

/** Some files of one folder, or something that cannot be read, and why. */
type Found =
  | {
      readonly folder: string;
      /** Names that lead from the walked folder to this one. */
      readonly below: readonly string[];
      readonly files: readonly string[];
    }
  | { readonly local: string; readonly failure: string };

/** Files told at once: a word for each of 100,000 files costs more than finding them. */
const FILES_AT_ONCE = 1000;

/**
 * Walks a folder, each in the order in which its disk tells its names; linked folders are walked too, unless they lead
 * back to one that is being walked.
 */
export async function* filesBelow(
  folder: string,
  below: readonly string[] = [],
  above: readonly string[] = [],
): AsyncGenerator<Found> {
  const real = await realpath(folder);
  if (above.includes(real)) return;
  const entries = await readdir(folder, { withFileTypes: true }).catch((thrown: unknown) =>
    coerceError(thrown),
  );
  if (entries instanceof Error) {
    yield { local: folder, failure: entries.message };
    return;
  }
  let files: string[] = [];
  for (const entry of entries) {
    const isInside = entry.isFile() ? false : await isFolder(folder, entry);
    if (!isInside) files.push(entry.name);
    if (files.length > 0 && (isInside || files.length === FILES_AT_ONCE)) {
      yield { folder, below, files };
      files = [];
    }
    if (isInside) yield* filesBelow(join(folder, entry.name), [...below, entry.name], [...above, real]);
  }
  if (files.length > 0) yield { folder, below, files };
}

async function isFolder(folder: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return stat(join(folder, entry.name)).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
}
