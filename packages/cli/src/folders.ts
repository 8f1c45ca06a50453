/** Folders that a command line names: looked at before work begins that would be lost on a wrong one. */
import { mkdir, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { coerceError } from '@croft/contract';
import { cliErrors } from './errors.ts';

/** The folders as absolute paths; CLI_USAGE where one is not there. */
export async function foldersOf(given: readonly string[]): Promise<string[]> {
  const folders = given.map((folder) => path.resolve(folder));
  for (const folder of folders) {
    const found = await stat(folder).catch(() => null);
    if (!found?.isDirectory())
      throw cliErrors.CLI_USAGE(`there is no folder ${folder}`, {
        hint: 'A folder is looked up on this machine, relative to the current one.',
      });
  }
  return folders;
}

/** The folder, once it is sure that it can be made; one that is not there yet is not left behind. */
export async function madeFolder(folder: string): Promise<string> {
  try {
    const made = await mkdir(folder, { recursive: true });
    for (let last = folder; made !== undefined && last.length >= made.length; last = path.dirname(last))
      await rmdir(last);
  } catch (thrown) {
    const cause = coerceError(thrown);
    throw cliErrors.CLI_OUTPUT_FOLDER(`the folder ${folder} cannot be made: ${cause.message}`, { cause });
  }
  return folder;
}
