/** Tasks that have been rendering, since they last were started or went on, for longer than `task_stop_time` of their task.json (0 = no limit). */
import { SECOND, TASK_STATUS } from '@croft/contract';
import { sql } from 'kysely';
import type { Db } from '../store/schema.ts';

export async function overdueTasks(db: Db, now: number): Promise<number[]> {
  const rows = await db
    .selectFrom('tasks')
    .select('id')
    .where('status', 'in', [TASK_STATUS.waiting, TASK_STATUS.rendering])
    .where('deleted_at', 'is', null)
    .where('over_time_stop_sec', '>', 0)
    .where('running_since', 'is not', null)
    .where(sql<boolean>`running_since + over_time_stop_sec * ${SECOND} <= ${now}`)
    .execute();
  return rows.map(({ id }) => id);
}
