/** What all user actions on tasks and frames share. */
import { TASK_STATUS } from '@croft/contract';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import { loadBoardTask } from '../planner/load-board.ts';
import { refuseLostInputs } from '../tasks/isolation.ts';
import type { TaskRow } from '../tasks/own-task.ts';
import { type CancelReason, endAttempt, liveAttemptsOfTask, tellCancel } from './attempts.ts';
import { settleTask } from './task-status.ts';

/** Ends what the task has under way, and tells its nodes to stop. */
export async function cancelAttempts(tx: FarmTx, task: TaskRow, reason: CancelReason): Promise<void> {
  for (const attempt of await liveAttemptsOfTask(tx.db, task.id)) {
    tellCancel(tx, attempt.node_id, attempt.id, reason);
    await endAttempt(tx, task.account_id, attempt, reason);
  }
}

/** Submitted and not deleted: it has frames to act on. */
export function isSubmitted(task: TaskRow): boolean {
  return task.submitted_at !== null && task.deleted_at === null;
}

/** Abandoned children of a parent stay as they are when it is started again. */
export function isNotAbandoned(task: TaskRow): boolean {
  return task.status !== TASK_STATUS.abandoned;
}

/** FARM_TASK_STATE where one of the tasks was abandoned, FARM_INPUTS_GONE where its files were kept for their time. */
export async function refuseUnrevivable(tx: FarmTx, tasks: readonly TaskRow[]): Promise<void> {
  refuseAbandoned(tasks);
  await refuseLostInputs(tx.db, tasks);
}

function refuseAbandoned(tasks: readonly TaskRow[]): void {
  const abandoned = tasks.find(({ status }) => status === TASK_STATUS.abandoned);
  if (abandoned)
    throw farmErrors.FARM_TASK_STATE(`task ${abandoned.id} was abandoned and cannot be started again`);
}

/** After frames were started or restarted: the task lives again. */
export async function settleRevived(tx: FarmTx, taskId: number, goOn = false): Promise<void> {
  await settleTask(tx, taskId, { revive: true, goOn });
  await reloadBoard(tx, taskId);
}

/** After frames were stopped. */
export async function settleChanged(tx: FarmTx, taskId: number): Promise<void> {
  await settleTask(tx, taskId);
  await reloadBoard(tx, taskId);
}

async function reloadBoard(tx: FarmTx, taskId: number): Promise<void> {
  const board = await loadBoardTask(tx.db, taskId);
  tx.tell({ kind: 'board', change: (memory) => memory.replaceTask(board, taskId) });
}
