/** Folders that users name. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * As `mkdirSync` with `recursive`, which never returns where a folder exists but takes no new ones and says that they do
 * not exist, as /proc does. New folders are their owner's alone unless `mode` says otherwise. Throws what mkdir throws.
 */
export function makeFolder(folder: string, mode = 0o700): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent, mode);
  try {
    mkdirSync(folder, { mode });
  } catch (thrown) {
    // Another process or thread may have been quicker.
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
  }
}
