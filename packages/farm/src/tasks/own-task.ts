/** Tasks that an account names, if it may do with them what it asks; `team/task-rights.ts` has the rule. */
import type { Selectable } from 'kysely';
import { farmErrors } from '../errors.ts';
import type { Db, TasksTable } from '../store/schema.ts';
import { type TaskAction, taskActions } from '../team/task-rights.ts';
import { among } from '../util/among.ts';
import { chunked } from '../util/chunked.ts';

export type TaskRow = Selectable<TasksTable>;

/** What an account may always do with its own tasks: then nothing needs to be looked up. */
const NEVER_TAKEN: ReadonlySet<TaskAction> = new Set<TaskAction>(['see', 'control', 'edit']);
const REFUSED: Record<TaskAction, string> = {
  see: 'see',
  control: 'control',
  edit: 'change',
  delete: 'delete',
  download: 'download from',
};

/**
 * The task, if the account may do `action` with it; without a word, control it. FARM_NOT_FOUND (404) for an unknown id,
 * FARM_NOT_YOURS (605) for a task of strangers, FARM_NOT_ALLOWED (605) for one that it sees but may not do that with.
 * The task's owner is `account_id` of the row, which may be another account than the one that asks.
 */
export async function ownTask(
  db: Db,
  accountId: number,
  taskId: number,
  action: TaskAction = 'control',
): Promise<TaskRow> {
  const [task] = await ownTasks(db, accountId, [taskId], action);
  return task!;
}

/** All tasks in the order asked for, doubles left out; checks every id before returning any. */
export async function ownTasks(
  db: Db,
  accountId: number,
  taskIds: readonly number[],
  action: TaskAction = 'control',
): Promise<TaskRow[]> {
  const ids = [...new Set(taskIds)];
  const rows = new Map<number, TaskRow>();
  for (const some of chunked(ids, 500)) {
    const found = await db
      .selectFrom('tasks')
      .selectAll()
      .where((eb) => among(eb, 'id', some))
      .execute();
    for (const row of found) rows.set(row.id, row);
  }
  const tasks = ids.map((id) => {
    const row = rows.get(id);
    if (!row)
      throw farmErrors.FARM_NOT_FOUND(`there is no task ${id}`, {
        hint: 'List them with "croft tasks".',
      });
    return row;
  });
  await refuseForbidden(db, accountId, tasks, action);
  return tasks;
}

async function refuseForbidden(
  db: Db,
  accountId: number,
  tasks: readonly TaskRow[],
  action: TaskAction,
): Promise<void> {
  if (NEVER_TAKEN.has(action) && tasks.every(({ account_id }) => account_id === accountId)) return;
  const actions = await taskActions(
    db,
    accountId,
    tasks.map(({ account_id }) => account_id),
  );
  for (const { id, account_id } of tasks) {
    const allowed = actions.get(account_id);
    if (!allowed?.has('see')) throw farmErrors.FARM_NOT_YOURS(`task ${id} belongs to another account`);
    if (!allowed.has(action))
      throw farmErrors.FARM_NOT_ALLOWED(`this account may not ${REFUSED[action]} task ${id}`, {
        hint: 'The main account of the team gives the right: croft accounts team.',
      });
  }
}
