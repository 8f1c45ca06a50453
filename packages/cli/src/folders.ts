/** Folders that a command line names: looked at before work begins that would be lost on a wrong one. */
import { existsSync } from 'node:fs';
import { rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { coerceError } from '@croft/contract';
import { makeFolder } from '@croft/transfer';
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
  const missing = missingOf(folder);
  try {
    makeFolder(folder);
    for (const made of missing) await rmdir(made);
  } catch (thrown) {
    const cause = coerceError(thrown);
    throw cliErrors.CLI_OUTPUT_FOLDER(`the folder ${folder} cannot be made: ${cause.message}`, { cause });
  }
  return folder;
}

/** The folder and those above it that are not there, innermost first. */
function missingOf(folder: string): string[] {
  const missing: string[] = [];
  for (let at = folder; !existsSync(at) && path.dirname(at) !== at; at = path.dirname(at)) missing.push(at);
  return missing;
}
