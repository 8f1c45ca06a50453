/** The json files of a task in the account's config root: `/{taskId}/cfg/{name}`. */
import {
  readTaskFile as parseTaskFile,
  TASK_FILE_MAX_BYTES,
  TASK_FILE_NAMES,
  type TaskFileName,
  type TaskFiles,
} from '@croft/contract';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import type { SmallBlobs } from '../ports.ts';
import type { Db } from '../store/schema.ts';
import { blobsArrived } from '../trees/blobs.ts';
import { commitTree, treeEntry, treeOf } from '../trees/trees.ts';

export function taskFilePath(taskId: number, name: TaskFileName): string {
  return `/${taskId}/cfg/${name}`;
}

/** Throws FARM_INVALID for a name that is none of the four or a text that is too long. */
export function checkTaskFile(name: string, text: string): TaskFileName {
  const known = TASK_FILE_NAMES.find((candidate) => candidate === name);
  if (!known)
    throw farmErrors.FARM_INVALID(`"${name.slice(0, 100)}" is none of ${TASK_FILE_NAMES.join(', ')}`);
  if (text.length > TASK_FILE_MAX_BYTES[known])
    throw farmErrors.FARM_INVALID(`${name} is longer than the farm reads`);
  return known;
}

/** Notes stored bytes as the file of the task. */
export async function linkTaskFile(
  tx: FarmTx,
  accountId: number,
  path: string,
  blob: Awaited<ReturnType<SmallBlobs['store']>>,
): Promise<void> {
  await blobsArrived(tx, accountId, [blob]);
  await commitTree(tx, treeOf(accountId, 'config'), [{ path, ...blob, mtimeMs: tx.now }]);
}

/** The file, validated; null where it was not uploaded. TASK_FILE_INVALID names the first wrong place. */
export async function readTaskFile<Name extends TaskFileName>(
  db: Db,
  blobs: SmallBlobs,
  accountId: number,
  taskId: number,
  name: Name,
): Promise<TaskFiles[Name] | null> {
  const entry = await treeEntry(db, treeOf(accountId, 'config'), taskFilePath(taskId, name));
  if (!entry) return null;
  return parseTaskFile(name, await blobs.read(entry.id, TASK_FILE_MAX_BYTES[name]));
}
