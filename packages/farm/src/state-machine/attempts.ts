/** Attempts: one execution of a run of frames on one node. Its id fences its reports; ending it frees its frames. */

import type { ToNode } from '@croft/contract';
import type { Selectable } from 'kysely';
import type { FarmTx } from '../news.ts';
import { ENDED } from '../store/ended.ts';
import type { AttemptsTable, Db } from '../store/schema.ts';
import { type FrameAt, frameFromRow, segmentById, stepFrame } from './frames.ts';

export type AttemptRow = Selectable<AttemptsTable>;
export type CancelReason = Extract<ToNode, { type: 'cancel' }>['reason'];

/** The attempt while it is live; null once it ended or where there never was one. */
export async function liveAttempt(db: Db, attemptId: number): Promise<AttemptRow | null> {
  const row = await db
    .selectFrom('attempts')
    .selectAll()
    .where('id', '=', attemptId)
    .where('state', '<>', ENDED)
    .executeTakeFirst();
  return row ?? null;
}

export async function liveAttemptsOfNode(db: Db, nodeId: string): Promise<AttemptRow[]> {
  return db
    .selectFrom('attempts')
    .selectAll()
    .where('node_id', '=', nodeId)
    .where('state', '<>', ENDED)
    .orderBy('id')
    .execute();
}

export async function liveAttemptsOfTask(db: Db, taskId: number): Promise<AttemptRow[]> {
  return db
    .selectFrom('attempts')
    .selectAll()
    .where('task_id', '=', taskId)
    .where('state', '<>', ENDED)
    .orderBy('id')
    .execute();
}

/** The frames the attempt still holds. */
export async function heldFrames(db: Db, attempt: AttemptRow): Promise<FrameAt[]> {
  const rows = await db
    .selectFrom('frames')
    .selectAll()
    .where('attempt_id', '=', attempt.id)
    .orderBy('id')
    .execute();
  if (rows.length === 0) return [];
  const segment = await segmentById(db, attempt.segment_id);
  return rows.map((row) => frameFromRow(segment, row.id - segment.base, row));
}

/** Ends the attempt; what it still holds waits again, at no cost. Returns how many frames that were. */
export async function endAttempt(
  tx: FarmTx,
  accountId: number,
  attempt: AttemptRow,
  reason: string,
): Promise<number> {
  const held = await heldFrames(tx.db, attempt);
  for (const at of held) await releaseFrame(tx, accountId, at);
  await closeAttempt(tx, attempt, reason);
  return held.length;
}

/** Marks the attempt as ended; whoever calls has taken care of the frames it held. */
export async function closeAttempt(tx: FarmTx, attempt: AttemptRow, reason: string): Promise<void> {
  await tx.db
    .updateTable('attempts')
    .set({ state: 'ended', ended_at: tx.now, end_reason: reason })
    .where('id', '=', attempt.id)
    .execute();
  tx.tell({ kind: 'board', change: (board) => board.attemptEnded(attempt.id) });
  tx.tell({ kind: 'node', nodeId: attempt.node_id });
  tx.tell({
    kind: 'log',
    fields: { task: attempt.task_id, attempt: attempt.id, node: attempt.node_id, reason },
    message: 'attempt ended',
  });
}

/** The frame waits again, at no cost. */
export async function releaseFrame(tx: FarmTx, accountId: number, at: FrameAt): Promise<void> {
  await stepFrame(tx, accountId, at, 'release', {
    attempt_id: null,
    node_id: null,
    percent: 0,
    started_at: null,
  });
  const { segment, ordinal } = at;
  tx.tell({ kind: 'board', change: (board) => board.returnWaiting(segment.id, segment.epoch, ordinal) });
}

/** Takes frames that the attempt has not started away from it again: the node leaves them out, and they wait. */
export async function takeBackFrames(
  tx: FarmTx,
  accountId: number,
  attempt: AttemptRow,
  taken: readonly FrameAt[],
): Promise<void> {
  const frameIds = taken.map(({ frame }) => frame.id);
  tellCancel(tx, attempt.node_id, attempt.id, 'stale', frameIds);
  for (const at of taken) await releaseFrame(tx, accountId, at);
  tx.tell({ kind: 'board', change: (board) => board.framesTaken(attempt.id, taken.length) });
}

/** Tells the node to stop the attempt, or to leave out some of its frames. */
export function tellCancel(
  tx: FarmTx,
  nodeId: string,
  attemptId: number,
  reason: CancelReason,
  frameIds?: number[],
): void {
  const message: ToNode = { type: 'cancel', attemptId, reason, ...(frameIds ? { frameIds } : {}) };
  tx.tell({ kind: 'to-node', nodeId, message });
}
