/**
 * Submit: freezes what was read into rows. A segment is one row however many frames it has, and so is the whole
 * submit of a million of them. The frame ids of a segment are `base + ordinal` from a sequence that never goes back.
 */
import { createHash } from 'node:crypto';
import { FRAME_STATUS, TASK_STATUS } from '@croft/contract';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import { loadBoardTask } from '../planner/load-board.ts';
import type { Db } from '../store/schema.ts';
import { takeNumbers } from '../store/sequences.ts';
import { shownAt, treeEntry, treeOf, treeVersion } from '../trees/trees.ts';
import { chunked } from '../util/chunked.ts';
import { ownTask, type TaskRow } from './own-task.ts';
import { type Submission, segmentSize } from './read-submission.ts';

const ROWS_PER_STATEMENT = 500;

/** Does nothing for a task that is submitted already. FARM_TASK_STATE for a deleted or abandoned one. */
export async function submitTask(
  tx: FarmTx,
  accountId: number,
  taskId: number,
  submission: Submission,
  producer: string | undefined,
): Promise<void> {
  const task = await ownTask(tx.db, accountId, taskId);
  if (task.submitted_at !== null) return;
  refuseEnded(task);
  const { plan } = submission;
  const input = treeOf(accountId, 'input');
  const inputVersion = await treeVersion(tx.db, input);
  if (!(await treeEntry(tx.db, input, plan.scenePath))) {
    throw farmErrors.FARM_SCENE_MISSING(`the scene ${plan.scenePath} has not been uploaded`);
  }
  await keepInputPaths(tx, taskId, submission.inputPaths);
  await tx.db
    .updateTable('tasks')
    .set({
      status: TASK_STATUS.waiting,
      submitted_at: tx.now,
      producer: producer ?? null,
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
      input_account_id: accountId,
      input_version: inputVersion,
      inputs_key: await inputsKey(tx.db, accountId, inputVersion, submission.inputPaths),
      frame_timeout_ms: submission.frameTimeoutMs,
      over_time_stop_sec: submission.overTimeStopSec,
      submit_order: await takeNumbers(tx.db, 'submit'),
    })
    .where('id', '=', taskId)
    .execute();
  await expand(tx, taskId, submission);
  const board = await loadBoardTask(tx.db, taskId);
  tx.tell({ kind: 'board', change: (memory) => memory.replaceTask(board, taskId) });
  tx.tell({ kind: 'task', taskId });
  tx.tell({
    kind: 'log',
    fields: { task: taskId, account: accountId, from: task.status, to: 0 },
    message: 'submitted',
  });
}

/** A draft that was deleted or abandoned stays so. */
export function refuseEnded({ id, deleted_at, status }: TaskRow): void {
  if (deleted_at !== null) throw farmErrors.FARM_TASK_STATE(`task ${id} is deleted`);
  if (status === TASK_STATUS.abandoned) throw farmErrors.FARM_TASK_STATE(`task ${id} was abandoned`);
}

async function expand(tx: FarmTx, taskId: number, { plan }: Submission): Promise<void> {
  for (const [position, segment] of plan.segments.entries()) {
    const size = segmentSize(segment);
    await tx.db
      .insertInto('segments')
      .values({
        id: await takeNumbers(tx.db, 'segment'),
        task_id: taskId,
        position,
        stage: segment.stage,
        frame_type: segment.frameType,
        runs: JSON.stringify(segment.runs),
        frames_per_unit: segment.framesPerUnit,
        tiles: segment.tiles,
        one_attempt: segment.oneAttempt ? 1 : 0,
        pause_after: segment.pauseAfter ? 1 : 0,
        base: await takeNumbers(tx.db, 'frame', size),
        size,
        epoch: 0,
        default_status: FRAME_STATUS.waiting,
        open: position === 0 ? 1 : 0,
        waiting: 0,
        started: 0,
        aborted: 0,
        done: 0,
        error: 0,
        timed_out: 0,
        timed_frames: 0,
        timed_ms: 0,
      })
      .execute();
  }
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
  accountId: number,
  version: number,
  paths: readonly string[],
): Promise<string> {
  const hash = createHash('sha256').update(`${accountId}\n`);
  for (const some of chunked([...paths].sort(), ROWS_PER_STATEMENT)) {
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
