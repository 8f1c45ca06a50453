/**
 * How many nodes a task may hold at a time. A node counts while an attempt of the task is live on it, or while one is
 * decided on; a node that counts already may get more. A limit of a parent is for all its children together.
 */
import { sql } from 'kysely';
import type { FarmTx } from '../news.ts';
import { ENDED } from '../store/ended.ts';
import type { Db } from '../store/schema.ts';
import type { TaskRow } from '../tasks/own-task.ts';
import type { Board, BoardTask } from './board.ts';

/** Whether it has a limit, or its family has one. */
export function isLimited({ nodeLimit, parentLimit }: BoardTask): boolean {
  return nodeLimit !== null || parentLimit !== null;
}

/** Whether the limits let the task have work on the node now. */
export function mayHold(board: Board, task: BoardTask, nodeId: string): boolean {
  return heldBackBy(board, task, nodeId) === null;
}

/** The limit that keeps the node from the task, with the nodes held; null: none does. */
export function heldBackBy(
  board: Board,
  task: BoardTask,
  nodeId: string,
): { limit: number; held: number; of: 'task' | 'parent' } | null {
  if (task.nodeLimit !== null) {
    const held = nodesHeld(board, ({ taskId }) => taskId === task.id);
    if (held.size >= task.nodeLimit && !held.has(nodeId))
      return { limit: task.nodeLimit, held: held.size, of: 'task' };
  }
  if (task.parentLimit !== null) {
    const held = nodesHeld(board, ({ taskId }) => board.tasks.get(taskId)?.parentId === task.parentId);
    if (held.size >= task.parentLimit && !held.has(nodeId))
      return { limit: task.parentLimit, held: held.size, of: 'parent' };
  }
  return null;
}

function nodesHeld(board: Board, isOfTask: (work: { taskId: number }) => boolean): Set<string> {
  const held = new Set<string>();
  for (const attempt of board.attempts.values()) if (isOfTask(attempt)) held.add(attempt.nodeId);
  for (const booking of board.decided) if (isOfTask(booking)) held.add(booking.nodeId);
  return held;
}

/** The same from the store, for the transaction that books: whether the node would be one too many. */
export async function wouldExceed(tx: FarmTx, task: TaskRow, nodeId: string): Promise<boolean> {
  if (task.node_limit !== null && exceeds(await nodesHolding(tx.db, [task.id]), task.node_limit, nodeId))
    return true;
  if (task.parent_id === 0) return false;
  const { node_limit: limit } = await tx.db
    .selectFrom('tasks')
    .select('node_limit')
    .where('id', '=', task.parent_id)
    .executeTakeFirstOrThrow();
  return limit !== null && exceeds(await nodesHolding(tx.db, await siblings(tx.db, task)), limit, nodeId);
}

/** Nodes with live attempts of the tasks. */
export async function nodesHolding(db: Db, taskIds: readonly number[]): Promise<Set<string>> {
  const rows = await db
    .selectFrom('attempts')
    .select('node_id')
    .where('task_id', 'in', taskIds)
    .where('state', '<>', ENDED)
    .distinct()
    .execute();
  return new Set(rows.map(({ node_id }) => node_id));
}

function exceeds(held: ReadonlySet<string>, limit: number, nodeId: string): boolean {
  return held.size >= limit && !held.has(nodeId);
}

async function siblings(db: Db, task: TaskRow): Promise<number[]> {
  const rows = await db
    .selectFrom('tasks')
    .select('id')
    .where('parent_id', '=', task.parent_id)
    .where(sql<boolean>`parent_id <> 0`)
    .execute();
  return rows.map(({ id }) => id);
}
