/**
 * Submit: freezes what was read into rows. A segment is one row however many frames it has, and so is the whole
 * submit of a million of them. The frame ids of a segment are `base + ordinal` from a sequence that never goes back.
 */
import { createHash } from 'node:crypto';
import { TASK_STATUS } from '@croft/contract';
import type { TaskPlan } from '@croft/dcc';
import { accountById, inputAccountOf, settingsRow } from '../accounts/accounts.ts';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import { loadBoardTask } from '../planner/load-board.ts';
import type { Db } from '../store/schema.ts';
import { takeNumbers } from '../store/sequences.ts';
import type { TreeRef } from '../trees/tree-ref.ts';
import { shownAt, treeEntry, treeOf, treeVersion } from '../trees/trees.ts';
import { chunked } from '../util/chunked.ts';
import { makeChildren } from './children.ts';
import { clonableTask, clonedInputs, cloneIds } from './clone.ts';
import { expand } from './expand.ts';
import { type Isolation, isolate } from './isolation.ts';
import { ownTask, type TaskRow } from './own-task.ts';
import type { Submission } from './read-submission.ts';
import type { SubmitWish } from './task-wishes.ts';

const ROWS_PER_STATEMENT = 500;

/** Does nothing for a task that is submitted already. FARM_TASK_STATE for a deleted or abandoned one. */
export async function submitTask(
  tx: FarmTx,
  byId: number,
  taskId: number,
  submission: Submission,
  wish: SubmitWish,
): Promise<void> {
  const task = await ownTask(tx.db, byId, taskId, 'edit');
  if (task.submitted_at !== null) return;
  refuseEnded(task);
  const { plan } = submission;
  const owner = await accountById(tx.db, task.account_id);
  const line = await lineOf(tx, byId, task, submission);
  const inputs = await inputsOf(tx, { ...task, ...line }, submission, wish.isolation);
  if (!(await treeEntry(tx.db, inputs.tree, `${inputs.prefix}${plan.scenePath}`, inputs.version))) {
    throw farmErrors.FARM_SCENE_MISSING(`the scene ${plan.scenePath} has not been uploaded`);
  }
  await keepInputPaths(tx, taskId, submission.inputPaths);
  await tx.db
    .updateTable('tasks')
    .set({
      status: TASK_STATUS.waiting,
      submitted_at: tx.now,
      ...line,
      producer: wish.producer ?? null,
      scene_name: submission.sceneName,
      output_name: submission.outputName,
      app: submission.app.id,
      cg_id: submission.app.cgId,
      app_version: plan.appVersion,
      project_name: submission.projectName,
      frames_range: plan.framesRange,
      scene_path: plan.scenePath,
      settings: JSON.stringify(plan.settings),
      needs: JSON.stringify(plan.needs),
      input_account_id: inputs.tree.accountId,
      input_version: inputs.version,
      input_prefix: inputs.prefix,
      inputs_key: await inputsKey(tx.db, inputs, submission.inputPaths),
      frame_timeout_ms: submission.frameTimeoutMs,
      over_time_stop_sec: submission.overTimeStopSec,
      reminder_sec: submission.reminderSec ?? (await settingsRow(tx.db, owner)).task_over_time_sec,
      ram_gb: submission.ramGb,
      render_camera: (plan.camera ?? '').slice(0, 255),
      task_type: plan.children?.length ? '' : 'Render',
      ...submission.place,
      submit_order: await takeNumbers(tx.db, 'submit'),
    })
    .where('id', '=', taskId)
    .execute();
  for (const id of await expandAll(tx, taskId, plan)) {
    const board = await loadBoardTask(tx.db, id);
    tx.tell({ kind: 'board', change: (memory) => memory.replaceTask(board, id) });
    tx.tell({ kind: 'task', taskId: id });
  }
  tx.tell({ kind: 'money' });
  tx.tell({
    kind: 'log',
    fields: { task: taskId, account: task.account_id, from: task.status, to: 0 },
    message: 'submitted',
  });
}

/** A draft that was deleted or abandoned stays so. */
export function refuseEnded({ id, deleted_at, status }: TaskRow): void {
  if (deleted_at !== null) throw farmErrors.FARM_TASK_STATE(`task ${id} is deleted`);
  if (status === TASK_STATUS.abandoned) throw farmErrors.FARM_TASK_STATE(`task ${id} was abandoned`);
}

/** Frames for the task, or for its children. Returns the tasks that have some. */
async function expandAll(tx: FarmTx, taskId: number, plan: TaskPlan): Promise<number[]> {
  if (!plan.children?.length) {
    await expand(tx, taskId, plan.segments, true);
    return [taskId];
  }
  const parent = await tx.db
    .selectFrom('tasks')
    .selectAll()
    .where('id', '=', taskId)
    .executeTakeFirstOrThrow();
  const children = await makeChildren(tx, parent, plan.children);
  for (const child of children)
    await expand(tx, child.taskId, child.plan.segments, child.plan.after === null);
  await tx.db.updateTable('tasks').set({ child_count: children.length }).where('id', '=', taskId).execute();
  tx.tell({ kind: 'task', taskId });
  return children.map((child) => child.taskId);
}

/** What the task is a clone of: as it was made, else as its task.json says. */
async function lineOf(
  tx: FarmTx,
  byId: number,
  task: TaskRow,
  { cloneOriginalId }: Submission,
): Promise<{ clone_parent_id: number; clone_original_id: number }> {
  const { clone_parent_id, clone_original_id } = task;
  if (clone_parent_id !== 0 || cloneOriginalId === null || cloneOriginalId === task.id)
    return { clone_parent_id, clone_original_id };
  return cloneIds(await clonableTask(tx.db, byId, cloneOriginalId));
}

interface Inputs {
  readonly tree: TreeRef;
  readonly version: number;
  readonly prefix: string;
}

/** Where the task's files are: those of its original, an isolated folder, or the account's files as they are now. */
async function inputsOf(
  tx: FarmTx,
  task: TaskRow,
  { inputPaths }: Submission,
  isolation: Isolation | undefined,
): Promise<Inputs> {
  const cloned = await clonedInputs(tx.db, task);
  if (cloned) return cloned;
  // Where the owner's assets lie: with itself, or with the main account whose assets it shares.
  const tree = treeOf(inputAccountOf(await accountById(tx.db, task.account_id)), 'input');
  const prefix = isolation ? await isolate(tx, tree, task.id, isolation, inputPaths) : '';
  return { tree, version: await treeVersion(tx.db, tree), prefix };
}

async function keepInputPaths(tx: FarmTx, taskId: number, paths: readonly string[]): Promise<void> {
  for (const some of chunked(paths, ROWS_PER_STATEMENT)) {
    await tx.db
      .insertInto('task_inputs')
      .values(some.map((path) => ({ task_id: taskId, path })))
      .execute();
  }
}

/** Names the inputs by their content: tasks with the same files at the same paths share a node's work folder. */
async function inputsKey(
  db: Db,
  { tree: { accountId }, version, prefix }: Inputs,
  paths: readonly string[],
): Promise<string> {
  const hash = createHash('sha256').update(`${accountId}\n`);
  const places = paths.map((path) => `${prefix}${path}`).sort();
  for (const some of chunked(places, ROWS_PER_STATEMENT)) {
    const rows = await db
      .selectFrom('tree_entries')
      .select(['path', 'blob_id'])
      .where('account_id', '=', accountId)
      .where('root', '=', 'input')
      .where('path', 'in', some)
      .where((eb) => shownAt(eb, version))
      .orderBy('path')
      .execute();
    for (const { path, blob_id } of rows) hash.update(`${path}\0${blob_id}\n`);
  }
  return hash.digest('hex').slice(0, 32);
}
