/** Tasks that have rendered for longer than `task_stop_time` of their task.json (0 = no limit). */
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
    .where('started_at', 'is not', null)
    .where(sql<boolean>`started_at + over_time_stop_sec * ${SECOND} <= ${now}`)
    .execute();
  return rows.map(({ id }) => id);
}
