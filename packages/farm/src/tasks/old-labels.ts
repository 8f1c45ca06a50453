/** Labels of tasks made before labels had rows: a JSON list in the task itself. They are taken over a few tasks at a time. */
import { sql } from 'kysely';
import type { FarmTx } from '../news.ts';
import { labelTask } from './labels.ts';

const TASKS_PER_STEP = 200;

/** Takes some over; answers how many tasks that were. */
export async function adoptOldLabels(tx: FarmTx): Promise<number> {
  const tasks = await tx.db
    .selectFrom('tasks')
    .select(['id', 'account_id', 'labels'])
    // As in the index of these tasks, which are none in most farms.
    .where(sql<boolean>`labels <> '[]'`)
    .orderBy('id')
    .limit(TASKS_PER_STEP)
    .execute();
  for (const { id, account_id, labels } of tasks) {
    await tx.db.updateTable('tasks').set({ labels: '[]' }).where('id', '=', id).execute();
    const names = (JSON.parse(labels) as string[]).filter((name) => name.trim() !== '');
    await labelTask(tx, { id, account_id }, names);
  }
  return tasks.length;
}
