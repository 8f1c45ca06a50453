/**
 * Limits of a task's time, counted from when it last was started or went on (`running_since`), 0 = none:
 *
 *   `task_stop_time` of its task.json, or what was set since: it is stopped (23)
 *   `time_out` of its task.json, else the account's reminder time: it is over time, which it only says
 *
 * A parent is held to both as a whole, and each child by itself.
 */
import { SECOND, TASK_STATUS } from '@croft/contract';
import { sql } from 'kysely';
import type { FarmTx } from '../news.ts';
import type { Db } from '../store/schema.ts';

const RUNNING = [TASK_STATUS.waiting, TASK_STATUS.rendering, TASK_STATUS.preRendering];

/** Tasks to stop. */
export async function overdueTasks(db: Db, now: number): Promise<number[]> {
  const rows = await db
    .selectFrom('tasks')
    .select('id')
    .where('status', 'in', RUNNING)
    .where('deleted_at', 'is', null)
    .where('over_time_stop_sec', '>', 0)
    .where('running_since', 'is not', null)
    .where(sql<boolean>`running_since + over_time_stop_sec * ${SECOND} <= ${now}`)
    .execute();
  return rows.map(({ id }) => id);
}

/** Tasks that came over their reminder time since they were looked at. */
export async function lateTasks(db: Db, now: number): Promise<number[]> {
  const rows = await db
    .selectFrom('tasks')
    .select('id')
    .where('status', 'in', RUNNING)
    .where('deleted_at', 'is', null)
    .where('reminder_sec', '>', 0)
    .where('over_time_at', 'is', null)
    .where('running_since', 'is not', null)
    .where(sql<boolean>`running_since + reminder_sec * ${SECOND} <= ${now}`)
    .execute();
  return rows.map(({ id }) => id);
}

export async function noteOverTime(tx: FarmTx, taskId: number): Promise<void> {
  await tx.db.updateTable('tasks').set({ over_time_at: tx.now }).where('id', '=', taskId).execute();
  tx.tell({ kind: 'task', taskId });
  tx.tell({ kind: 'log', fields: { task: taskId }, message: 'task is over its reminder time' });
}
