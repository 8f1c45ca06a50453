/**
 * Parents and children. A task whose plan has children (render layers, a photon pass before the pictures) has no frames of
 * its own: each child is a task with its own id, frames and output folder. What a user does to the parent is done to all
 * children; what happens to a child is told by the parent:
 *
 *   some child renders                    5, or 8 while only preparations (photons, simulations) render
 *   some child waits                      5 if the parent was 5 or 8, else 0
 *   some child waits for its user         40
 *   all have ended                        20 or 23 if one was stopped so; else as a task's status follows from its
 *                                         frames: 45 or 30 with failures, 10 or 70 with stopped ones, 25
 *   all were abandoned                    35
 *
 * A child that was abandoned or deleted says nothing about the rest; a parent that was abandoned stays so. One whose
 * children were all deleted is deleted too.
 */
import { ENDED_TASK_STATUSES, TASK_STATUS, type TaskStatus } from '@croft/contract';
import { sql } from 'kysely';
import type { FarmTx } from '../news.ts';
import type { Db } from '../store/schema.ts';
import type { TaskRow } from '../tasks/own-task.ts';

const { preRendering, rendering, waiting, testDone, abandoned } = TASK_STATUS;
const { arrearsStopped, timedOut, doneWithFailed, doneWithStopped, failed, stopped, done } = TASK_STATUS;
/** Stops that a limit brought about: they are told before anything else that ended. */
const LIMITS: readonly TaskStatus[] = [arrearsStopped, timedOut];
const ACTIVE: readonly number[] = [rendering, preRendering];

export function isParent(task: Pick<TaskRow, 'child_count'>): boolean {
  return task.child_count > 0;
}

/** Children of a task that were not deleted, in rendering order. */
export async function childrenOf(db: Db, parentId: number): Promise<TaskRow[]> {
  return db
    .selectFrom('tasks')
    .selectAll()
    .where('parent_id', '=', parentId)
    .where(sql<boolean>`parent_id <> 0`)
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .execute();
}

/** The tasks that have the frames: those named, with the children of parents in place of these. Each once. */
export async function tasksWithFrames(db: Db, named: readonly TaskRow[]): Promise<TaskRow[]> {
  const found = new Map<number, TaskRow>();
  for (const task of named) {
    for (const one of isParent(task) ? await childrenOf(db, task.id) : [task]) found.set(one.id, one);
  }
  return [...found.values()];
}

/** The tasks named and the children of those that are parents. Each once. */
export async function wholeFamilies(db: Db, named: readonly TaskRow[]): Promise<TaskRow[]> {
  const all = [...named, ...(await tasksWithFrames(db, named))];
  return [...new Map(all.map((task) => [task.id, task])).values()];
}

type ChildState = Pick<TaskRow, 'status' | 'task_type'>;

/** What a parent shows; `children` are those that were not deleted. */
export function parentStatus(parent: number, children: readonly ChildState[]): TaskStatus {
  if (parent === abandoned) return abandoned;
  const running = children.filter(({ status }) => status === rendering);
  if (running.length > 0)
    return running.some(({ task_type }) => task_type === 'Render') ? rendering : preRendering;
  const has = (...statuses: readonly TaskStatus[]) =>
    children.some(({ status }) => statuses.some((one) => one === status));
  if (has(waiting)) return ACTIVE.includes(parent) ? rendering : waiting;
  if (has(testDone)) return testDone;
  const limit = LIMITS.find((status) => has(status));
  if (limit !== undefined) return limit;
  const somethingDone = has(done, doneWithFailed, doneWithStopped);
  if (has(failed, doneWithFailed)) return somethingDone ? doneWithFailed : failed;
  if (has(stopped, doneWithStopped)) return somethingDone ? doneWithStopped : stopped;
  return somethingDone ? done : abandoned;
}

/** Brings a parent in line with its children, and tells it: its counts are theirs. */
export async function settleParent(tx: FarmTx, parentId: number): Promise<void> {
  const parent = await tx.db
    .selectFrom('tasks')
    .selectAll()
    .where('id', '=', parentId)
    .executeTakeFirstOrThrow();
  if (parent.deleted_at !== null) return;
  const children = await childrenOf(tx.db, parentId);
  tx.tell({ kind: 'task', taskId: parentId });
  if (children.length === 0) return deleteEmptyParent(tx, parent);
  await setParentStatus(tx, parent, parentStatus(parent.status, children));
}

/** The parent's status is said by whoever calls; see `settleParent` for what follows from its children. */
export async function setParentStatus(tx: FarmTx, parent: TaskRow, status: TaskStatus): Promise<void> {
  if (status === parent.status) return;
  const active = ACTIVE.includes(status);
  await tx.db
    .updateTable('tasks')
    .set({
      status,
      ended_at: ENDED_TASK_STATUSES.includes(status) ? tx.now : null,
      ...(active ? { started_at: parent.started_at ?? tx.now } : {}),
      running_since: active ? (parent.running_since ?? tx.now) : null,
    })
    .where('id', '=', parent.id)
    .execute();
  tx.tell({ kind: 'task', taskId: parent.id });
  tx.tell({
    kind: 'log',
    fields: { task: parent.id, account: parent.account_id, from: parent.status, to: status },
    message: 'task status',
  });
}

async function deleteEmptyParent(tx: FarmTx, parent: TaskRow): Promise<void> {
  await tx.db
    .updateTable('tasks')
    .set({ deleted_at: tx.now, ended_at: parent.ended_at ?? tx.now })
    .where('id', '=', parent.id)
    .execute();
  tx.tell({ kind: 'task-deleted', taskId: parent.id, accountId: parent.account_id });
}
