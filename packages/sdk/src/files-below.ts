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
  let real: string;
  let entries: Dirent[];
  try {
    real = await realpath(folder);
    if (above.includes(real)) return;
    entries = await readdir(folder, { withFileTypes: true });
  } catch (thrown) {
    // It may have gone since its name was read.
    yield { local: folder, failure: coerceError(thrown).message };
    return;
  }
  let files: string[] = [];
  for (const entry of entries) {
    const kind = entry.isFile() ? 'file' : await kindOf(folder, entry);
    if (kind === 'file') files.push(entry.name);
    else if (kind !== 'folder') yield { local: join(folder, entry.name), failure: kind.failure };
    if (files.length > 0 && (kind === 'folder' || files.length === FILES_AT_ONCE)) {
      yield { folder, below, files };
      files = [];
    }
    if (kind === 'folder')
      yield* filesBelow(join(folder, entry.name), [...below, entry.name], [...above, real]);
  }
  if (files.length > 0) yield { folder, below, files };
}

type Kind = 'file' | 'folder' | { readonly failure: string };

async function kindOf(folder: string, entry: Dirent): Promise<Kind> {
  try {
    const facts = entry.isSymbolicLink() ? await stat(join(folder, entry.name)) : entry;
    if (facts.isDirectory()) return 'folder';
    // A disk that does not tell kinds leaves it to whoever reads the file.
    const isOther = facts.isFIFO() || facts.isSocket() || facts.isBlockDevice() || facts.isCharacterDevice();
    return isOther ? { failure: 'it is neither a file nor a folder' } : 'file';
  } catch (thrown) {
    return { failure: coerceError(thrown).message };
  }
}
