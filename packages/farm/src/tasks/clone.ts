/**
 * Clones: a new task with the files of one that was submitted. Its four JSON files are linked when it is made and may be
 * replaced before its submit; as long as its upload.json is the original's, it renders the original's assets as they were
 * then, whatever was uploaded since.
 */
import { CroftError, parseFrames, TASK_FILE_NAMES } from '@croft/contract';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import type { SmallBlobs } from '../ports.ts';
import type { Db } from '../store/schema.ts';
import { blobsArrived } from '../trees/blobs.ts';
import type { TreeRef } from '../trees/tree-ref.ts';
import { commitTree, treeEntry, treeOf } from '../trees/trees.ts';
import { refuseLostInputs } from './isolation.ts';
import { ownTask, type TaskRow } from './own-task.ts';
import { readTaskFile, taskFilePath } from './task-files.ts';

/**
 * The task, if the account may clone it: its own, or a colleague's that it may control and whose pictures it may download,
 * because a clone's are its own. FARM_TASK_STATE for a draft, a deleted task, or a child, whose parent can be cloned.
 */
export async function clonableTask(db: Db, accountId: number, taskId: number): Promise<TaskRow> {
  const task = await ownTask(db, accountId, taskId, 'control');
  if (task.account_id !== accountId) await ownTask(db, accountId, taskId, 'download');
  if (task.parent_id !== 0)
    throw farmErrors.FARM_TASK_STATE(`task ${taskId} is a part of task ${task.parent_id}: clone that one`);
  if (task.deleted_at !== null) throw farmErrors.FARM_TASK_STATE(`task ${taskId} is deleted`);
  if (task.submitted_at === null)
    throw farmErrors.FARM_TASK_STATE(`task ${taskId} has not been submitted, so there is nothing to clone`);
  return task;
}

/** What a clone's row says about its line. */
export function cloneIds(original: TaskRow): { clone_parent_id: number; clone_original_id: number } {
  return { clone_parent_id: original.id, clone_original_id: original.clone_original_id || original.id };
}

/** Links the original's files into the config folders of the clones. */
export async function linkFiles(
  tx: FarmTx,
  original: TaskRow,
  accountId: number,
  cloneIds: readonly number[],
): Promise<void> {
  for (const name of TASK_FILE_NAMES) {
    const entry = await treeEntry(
      tx.db,
      treeOf(original.account_id, 'config'),
      taskFilePath(original.id, name),
    );
    if (!entry) continue;
    const links = cloneIds.map((id) => ({ ...entry, path: taskFilePath(id, name), mtimeMs: tx.now }));
    await blobsArrived(tx, accountId, [entry]);
    await commitTree(tx, treeOf(accountId, 'config'), links);
  }
}

/** Where the clone's inputs are those of its original; null where upload.json was replaced. FARM_INPUTS_GONE. */
export async function clonedInputs(
  db: Db,
  task: TaskRow,
): Promise<{ tree: TreeRef; version: number; prefix: string } | null> {
  if (task.clone_parent_id === 0) return null;
  const original = await db
    .selectFrom('tasks')
    .selectAll()
    .where('id', '=', task.clone_parent_id)
    .executeTakeFirstOrThrow();
  const [mine, theirs] = await Promise.all(
    [task, original].map(({ id, account_id }) =>
      treeEntry(db, treeOf(account_id, 'config'), taskFilePath(id, 'upload.json')),
    ),
  );
  if (mine?.id !== theirs?.id) return null;
  await refuseLostInputs(db, [original]);
  return {
    tree: treeOf(original.input_account_id, 'input'),
    version: original.input_version,
    prefix: original.input_prefix,
  };
}

/** task.json with other frames in every part that names some; the text to save. Throws FARM_INVALID for wrong frames. */
export async function withOtherFrames(
  db: Db,
  blobs: SmallBlobs,
  task: TaskRow,
  frames: string,
): Promise<string> {
  refuseWrongFrames(frames);
  const file = await readTaskFile(db, blobs, task.account_id, task.id, 'task.json');
  if (!file) throw farmErrors.FARM_TASK_FILE_MISSING(`task ${task.id} has no task.json`);
  const changed = {
    ...file,
    scene_info: replaceFrames(file.scene_info, frames, 0),
    scene_info_render: replaceFrames(file.scene_info_render, frames, 0),
  };
  return JSON.stringify(changed, null, 2);
}

function refuseWrongFrames(frames: string): void {
  try {
    parseFrames(frames);
  } catch (thrown) {
    if (!(thrown instanceof CroftError)) throw thrown;
    throw farmErrors.FARM_INVALID(thrown.message, { cause: thrown });
  }
}

const DEEPEST = 32;

/** All documented apps name frames with the key `frames`: of the scene, a layer, a render node or an image. */
function replaceFrames(value: unknown, frames: string, depth: number): unknown {
  if (depth > DEEPEST || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => replaceFrames(item, frames, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === 'frames' && typeof inner === 'string' ? frames : replaceFrames(inner, frames, depth + 1),
    ]),
  );
}
