/**
 * Drafts that nobody came back to. `createTask` cannot tell a first call from one that is repeated because its answer was
 * lost, so ids are made that no client knows of. One that got no task.json within a week is dropped.
 */
import { DAY, TASK_STATUS } from '@croft/contract';
import type { FarmTx } from '../news.ts';
import { treeEntry, treeOf } from '../trees/trees.ts';
import { taskFilePath } from './task-files.ts';

export const DRAFT_KEEP_MS = 7 * DAY;
/** Looked at in one transaction. */
const DRAFTS_PER_STEP = 500;

/** Looks at drafts with ids above `after`, oldest first; returns where to go on, null when all have been seen. */
export async function dropOldDrafts(tx: FarmTx, after: number): Promise<number | null> {
  const drafts = await tx.db
    .selectFrom('tasks')
    .select(['id', 'account_id'])
    .where('status', '=', TASK_STATUS.submitting)
    .where('id', '>', after)
    .where('submitted_at', 'is', null)
    .where('created_at', '<=', tx.now - DRAFT_KEEP_MS)
    .orderBy('id')
    .limit(DRAFTS_PER_STEP)
    .execute();
  for (const { id, account_id } of drafts) {
    if (await treeEntry(tx.db, treeOf(account_id, 'config'), taskFilePath(id, 'task.json'))) continue;
    await tx.db.deleteFrom('task_labels').where('task_id', '=', id).execute();
    await tx.db.deleteFrom('tasks').where('id', '=', id).execute();
    tx.tell({
      kind: 'log',
      fields: { task: id, account: account_id },
      message: 'draft dropped: no task.json',
    });
  }
  return drafts.length < DRAFTS_PER_STEP ? null : drafts.at(-1)!.id;
}
