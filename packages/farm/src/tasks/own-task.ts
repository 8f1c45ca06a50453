import type { Selectable } from 'kysely';
import { farmErrors } from '../errors.ts';
import type { Db, TasksTable } from '../store/schema.ts';
import { chunked } from '../util/chunked.ts';

export type TaskRow = Selectable<TasksTable>;

/** The task, if it is the account's. FARM_NOT_FOUND (404) for an unknown id, FARM_NOT_YOURS (605) for a foreign one. */
export async function ownTask(db: Db, accountId: number, taskId: number): Promise<TaskRow> {
  const [task] = await ownTasks(db, accountId, [taskId]);
  return task!;
}

/** All tasks in the order asked for, doubles left out; checks every id before returning any. */
export async function ownTasks(db: Db, accountId: number, taskIds: readonly number[]): Promise<TaskRow[]> {
  const ids = [...new Set(taskIds)];
  const rows = new Map<number, TaskRow>();
  for (const some of chunked(ids, 500)) {
    const found = await db.selectFrom('tasks').selectAll().where('id', 'in', some).execute();
    for (const row of found) rows.set(row.id, row);
  }
  return ids.map((id) => {
    const row = rows.get(id);
    if (!row) throw farmErrors.FARM_NOT_FOUND(`there is no task ${id}`);
    if (row.account_id !== accountId)
      throw farmErrors.FARM_NOT_YOURS(`task ${id} belongs to another account`);
    return row;
  });
}
