/**
 * A farm from a backup. Files are copied to a folder beside the new home and compared with the manifest's hashes while
 * they are; only when all are right does the folder become the home. So a damaged backup leaves nothing behind.
 */
import { mkdir, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import type { CommandContext } from '../context.ts';
import { cliErrors } from '../errors.ts';
import { copyHashed, isEmptyFolder, readManifest } from './backup-format.ts';

export interface RestoreSummary {
  readonly home: string;
  readonly files: number;
  readonly bytes: number;
}

export async function restoreFarm(context: CommandContext, from: string): Promise<RestoreSummary> {
  const { home } = context.config;
  const folder = path.resolve(from);
  if (!(await isEmptyFolder(home))) {
    throw cliErrors.CLI_BACKUP_REFUSED(`${home} is not empty`, {
      hint: 'Name a new home with --home; nothing is ever restored over a farm.',
    });
  }
  const files = await readManifest(folder);
  const staging = `${home}.restoring-${process.pid}`;
  try {
    await mkdir(staging, { recursive: true, mode: 0o700 });
    for (const file of files) {
      context.signal.throwIfAborted();
      const names = file.path.split('/');
      const copied = await copyHashed(path.join(folder, ...names), path.join(staging, ...names)).catch(
        missing(file.path),
      );
      if (copied.size !== file.size || copied.sha256 !== file.sha256) {
        throw cliErrors.CLI_BACKUP_DAMAGED(`${file.path} in the backup is damaged`);
      }
    }
    await rmdir(home).catch(() => {});
    await mkdir(path.dirname(home), { recursive: true });
    await rename(staging, home);
  } catch (thrown) {
    await rm(staging, { recursive: true, force: true });
    throw thrown;
  }
  return { home, files: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) };
}

function missing(name: string): (thrown: NodeJS.ErrnoException) => never {
  return (thrown) => {
    if (thrown.code !== 'ENOENT') throw thrown;
    throw cliErrors.CLI_BACKUP_DAMAGED(`${name} is missing from the backup`, { cause: thrown });
  };
}
