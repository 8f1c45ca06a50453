/** Limits that users set on tasks that may be rendering already: of nodes, and of time. */
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import { wholeFamilies } from '../state-machine/family.ts';
import { ownTask, ownTasks } from './own-task.ts';

const MOST_NODES = 100_000;
/** A century: beyond it a number of seconds is a number of something else. */
export const LONGEST_TIME_SEC = 3_200_000_000;

/**
 * How many nodes the task may hold at a time, its children together; 0 or null: any. What renders goes on: a lower limit
 * holds from the next booking on.
 */
export async function setNodeLimit(
  tx: FarmTx,
  accountId: number,
  taskId: number,
  limit: number | null,
): Promise<void> {
  if (limit !== null && (!Number.isSafeInteger(limit) || limit < 0 || limit > MOST_NODES))
    throw farmErrors.FARM_INVALID(`the node limit of a task is 0 (none) to ${MOST_NODES}`);
  const task = await ownTask(tx.db, accountId, taskId);
  const nodeLimit = limit === 0 ? null : limit;
  await tx.db.updateTable('tasks').set({ node_limit: nodeLimit }).where('id', '=', taskId).execute();
  tx.tell({ kind: 'task', taskId });
  tx.tell({
    kind: 'board',
    change(board) {
      const planned = board.tasks.get(taskId);
      if (planned) planned.nodeLimit = nodeLimit;
      if (task.child_count === 0) return;
      for (const child of board.tasks.values()) if (child.parentId === taskId) child.parentLimit = nodeLimit;
    },
  });
}

/** After how many seconds of rendering the tasks are stopped (23), in place of `task_stop_time`; 0: never. */
export async function setOverTimeStop(
  tx: FarmTx,
  accountId: number,
  taskIds: readonly number[],
  seconds: number,
): Promise<void> {
  if (!Number.isFinite(seconds) || seconds < 0 || seconds > LONGEST_TIME_SEC)
    throw farmErrors.FARM_INVALID(`an over-time stop is 0 (never) to ${LONGEST_TIME_SEC} seconds`);
  // Part of a second is a limit too: rounding it to 0 would mean never.
  const overTimeStopSec = Math.ceil(seconds);
  for (const { id } of await wholeFamilies(tx.db, await ownTasks(tx.db, accountId, taskIds))) {
    await tx.db
      .updateTable('tasks')
      .set({ over_time_stop_sec: overTimeStopSec })
      .where('id', '=', id)
      .execute();
    tx.tell({ kind: 'task', taskId: id });
  }
}
