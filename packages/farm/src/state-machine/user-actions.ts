/**
 * What users do with tasks. Each call checks all it names before it changes anything; deleted tasks stay as they are. What
 * is done to a parent is done to its children.
 */
import { FRAME_STATUS, TASK_STATUS, type TaskStatus } from '@croft/contract';
import type { FarmTx } from '../news.ts';
import { ownTask, ownTasks, type TaskRow } from '../tasks/own-task.ts';
import { checkedLevel } from '../tasks/user-level.ts';
import { cancelAttempts, isNotAbandoned, isSubmitted, refuseUnrevivable, settleRevived } from './acting.ts';
import { forgetArrearsStops } from './arrears.ts';
import type { CancelReason } from './attempts.ts';
import { stepSegment } from './bulk.ts';
import { isParent, setParentStatus, settleParent, tasksWithFrames, wholeFamilies } from './family.ts';
import { segmentsOf } from './frames.ts';
import { setStatus, settleSiblingsAfter } from './task-status.ts';

const { waiting, started, aborted } = FRAME_STATUS;
const STOPPABLE: readonly number[] = [
  TASK_STATUS.waiting,
  TASK_STATUS.rendering,
  TASK_STATUS.testDone,
  TASK_STATUS.arrearsStopped,
];

/** Stops what waits or runs. Tasks that ended or were never submitted stay as they are. */
export async function stopTasks(tx: FarmTx, accountId: number, taskIds: readonly number[]): Promise<void> {
  for (const task of await tasksWithFrames(tx.db, await ownTasks(tx.db, accountId, taskIds))) {
    if (STOPPABLE.includes(task.status) && isSubmitted(task))
      await halt(tx, task, TASK_STATUS.stopped, 'stopped');
  }
}

/** Stops a task that took longer than its limit. */
export async function timeOutTask(tx: FarmTx, taskId: number): Promise<void> {
  const named = await tx.db
    .selectFrom('tasks')
    .selectAll()
    .where('id', '=', taskId)
    .executeTakeFirstOrThrow();
  for (const task of await tasksWithFrames(tx.db, [named])) {
    if (STOPPABLE.includes(task.status) && isSubmitted(task))
      await halt(tx, task, TASK_STATUS.timedOut, 'stopped');
  }
}

/** Goes on with stopped frames, and with a task that waits for its user after test frames. */
export async function startTasks(tx: FarmTx, accountId: number, taskIds: readonly number[]): Promise<void> {
  const named = await ownTasks(tx.db, accountId, taskIds);
  await refuseUnrevivable(tx, named);
  for (const task of (await tasksWithFrames(tx.db, named)).filter(isSubmitted).filter(isNotAbandoned)) {
    for (const segment of await segmentsOf(tx.db, task.id))
      await stepSegment(tx, segment, 'resume', [aborted]);
    await settleRevived(tx, task.id, true);
  }
}

/** Full speed: tasks that wait for their user after test frames (40) go on with the rest; all others stay as they are. */
export async function fullSpeed(tx: FarmTx, accountId: number, taskIds: readonly number[]): Promise<void> {
  const named = await ownTasks(tx.db, accountId, taskIds);
  for (const task of (await tasksWithFrames(tx.db, named)).filter(isSubmitted)) {
    if (task.status === TASK_STATUS.testDone) await settleRevived(tx, task.id, true);
  }
}

/** Stops for good: an abandoned task cannot be started or restarted. One that is done has nothing left to give up. */
export async function abandonTasks(tx: FarmTx, accountId: number, taskIds: readonly number[]): Promise<void> {
  const named = await ownTasks(tx.db, accountId, taskIds);
  for (const task of await tasksWithFrames(tx.db, named)) {
    if (task.status === TASK_STATUS.abandoned || task.status === TASK_STATUS.done) continue;
    if (task.deleted_at === null) await halt(tx, task, TASK_STATUS.abandoned, 'abandoned');
  }
  for (const parent of named.filter(isParent)) {
    if (parent.status !== TASK_STATUS.done && parent.deleted_at === null)
      await setParentStatus(tx, parent, TASK_STATUS.abandoned);
  }
}

/** Takes tasks off the lists; their frames are dropped in the background, their results stay in the output tree. */
export async function deleteTasks(tx: FarmTx, accountId: number, taskIds: readonly number[]): Promise<void> {
  const named = await ownTasks(tx.db, accountId, taskIds, 'delete');
  for (const task of await wholeFamilies(tx.db, named)) {
    if (task.deleted_at !== null) continue;
    await cancelAttempts(tx, task, 'deleted');
    await tx.db
      .updateTable('tasks')
      .set({ deleted_at: tx.now, ended_at: task.ended_at ?? tx.now, waiting_for: '[]' })
      .where('id', '=', task.id)
      .execute();
    tx.tell({ kind: 'board', change: (board) => board.replaceTask(null, task.id) });
    tx.tell({ kind: 'task-deleted', taskId: task.id, accountId: task.account_id });
    tx.tell({ kind: 'log', fields: { task: task.id, account: accountId }, message: 'task deleted' });
    await settleSiblingsAfter(tx, task.id);
    if (task.parent_id !== 0) await settleParent(tx, task.parent_id);
  }
}

async function halt(tx: FarmTx, task: TaskRow, status: TaskStatus, reason: CancelReason): Promise<void> {
  await forgetArrearsStops(tx, task.id);
  await cancelAttempts(tx, task, reason);
  for (const segment of await segmentsOf(tx.db, task.id))
    await stepSegment(tx, segment, 'stop', [waiting, started]);
  await setStatus(tx, task, status, true);
}

/** A new priority, from the next pass of the planner on. */
export async function setUserLevel(
  tx: FarmTx,
  accountId: number,
  taskId: number,
  level: number,
): Promise<void> {
  const userLevel = checkedLevel(level);
  const named = await ownTask(tx.db, accountId, taskId);
  for (const { id } of await wholeFamilies(tx.db, [named])) {
    await tx.db.updateTable('tasks').set({ user_level: userLevel }).where('id', '=', id).execute();
    tx.tell({ kind: 'task', taskId: id });
    tx.tell({
      kind: 'board',
      change: (board) => {
        const task = board.tasks.get(id);
        if (task) task.userLevel = userLevel;
      },
    });
  }
}
