/**
 * Presence of nodes. A node is online between the hello of a proven link and the end of that link. When it ends, its
 * attempts stay live for a grace time: the node keeps rendering and comes back with them. A hello that does not name
 * an attempt frees it at once; one that is not live any more is cancelled on the node. After the grace time, and for
 * nodes that were away when the farm started, what they held waits again, at no cost.
 */
import { FRAME_STATUS, type FromNode, type NodeFacts, SECOND } from '@croft/contract';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import { loadBoardNode } from '../planner/load-board.ts';
import { endAttempt, liveAttemptsOfNode, tellCancel } from '../state-machine/attempts.ts';
import { leaveAlone } from '../state-machine/failures.ts';
import { frameOfTask } from '../state-machine/frames.ts';
import { settleTask } from '../state-machine/task-status.ts';
import { shapeOf } from '../tasks/segment-shape.ts';

/** How long nodes that are away keep their frames, where nothing else is said. */
export const LOST_GRACE_MS = 30 * SECOND;
/** A pulse is written as news about the node only this often. */
const SEEN_STEP_MS = 5 * SECOND;
const PERCENT_STEP = 5;

type Pulse = Extract<FromNode, { type: 'pulse' }>;

export async function nodeConnected(
  tx: FarmTx,
  nodeId: string,
  facts: NodeFacts,
  liveAttempts: readonly number[],
  draining: boolean,
): Promise<void> {
  const updated = await tx.db
    .updateTable('nodes')
    .set({
      name: facts.name,
      facts: JSON.stringify(facts),
      online: 1,
      draining: draining ? 1 : 0,
      seen_at: tx.now,
      lost_at: null,
      disk_free_bytes: facts.diskFreeBytes,
    })
    .where('id', '=', nodeId)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  if (updated.numUpdatedRows === 0n) throw farmErrors.FARM_NOT_FOUND(`there is no node ${nodeId}`);
  const kept = new Set<number>();
  for (const attempt of await liveAttemptsOfNode(tx.db, nodeId)) {
    if (liveAttempts.includes(attempt.id)) kept.add(attempt.id);
    else await giveBack(tx, attempt, 'the node does not hold it any more');
  }
  for (const id of liveAttempts) if (!kept.has(id)) tellCancel(tx, nodeId, id, 'stale');
  await tellNode(tx, nodeId);
  tx.tell({ kind: 'log', fields: { node: nodeId, attempts: kept.size }, message: 'node connected' });
}

export async function nodeDisconnected(tx: FarmTx, nodeId: string): Promise<void> {
  await tx.db
    .updateTable('nodes')
    .set({ online: 0, lost_at: tx.now })
    .where('id', '=', nodeId)
    .where('online', '=', 1)
    .execute();
  await tellNode(tx, nodeId);
  tx.tell({ kind: 'log', fields: { node: nodeId }, message: 'node disconnected' });
}

/** No link survives a farm: all nodes are away until they say hello, and their grace time starts now. */
export async function nodesAwayAtStart(tx: FarmTx): Promise<void> {
  await tx.db.updateTable('nodes').set({ online: 0, lost_at: tx.now }).where('online', '=', 1).execute();
  await tx.db.updateTable('nodes').set({ lost_at: tx.now }).where('online', '=', 0).execute();
}

/** Gives back what nodes held that have been away for `graceMs`. */
export async function giveUpLostNodes(tx: FarmTx, graceMs: number): Promise<void> {
  const lost = await tx.db
    .selectFrom('nodes')
    .select('id')
    .where('online', '=', 0)
    .where('lost_at', '<=', tx.now - graceMs)
    .execute();
  for (const { id } of lost) {
    for (const attempt of await liveAttemptsOfNode(tx.db, id))
      await giveBack(tx, attempt, 'the node was lost');
  }
}

type LiveAttempt = Awaited<ReturnType<typeof liveAttemptsOfNode>>[number];

async function giveBack(tx: FarmTx, attempt: LiveAttempt, reason: string): Promise<void> {
  const { account_id } = await tx.db
    .selectFrom('tasks')
    .select('account_id')
    .where('id', '=', attempt.task_id)
    .executeTakeFirstOrThrow();
  await endAttempt(tx, account_id, attempt, reason);
  await settleTask(tx, attempt.task_id, { fellBack: true });
}

/** The node cannot take the order now: its frames wait again, and the pair is left alone for a moment. */
export async function nodeRefused(
  tx: FarmTx,
  nodeId: string,
  attemptId: number,
  code: string,
  reason: string,
): Promise<void> {
  const attempt = (await liveAttemptsOfNode(tx.db, nodeId)).find(({ id }) => id === attemptId);
  if (!attempt) return;
  await giveBack(tx, attempt, `refused: ${code} ${reason}`.slice(0, 4000));
  leaveAlone(tx, nodeId, attempt.task_id);
}

export async function nodeDraining(tx: FarmTx, nodeId: string): Promise<void> {
  await tx.db.updateTable('nodes').set({ draining: 1 }).where('id', '=', nodeId).execute();
  await tellNode(tx, nodeId);
}

/** Progress of running frames, in steps worth telling. */
export async function nodePulse(tx: FarmTx, nodeId: string, pulse: Pulse): Promise<void> {
  await tx.db
    .updateTable('nodes')
    .set({ seen_at: tx.now, disk_free_bytes: pulse.diskFreeBytes })
    .where('id', '=', nodeId)
    .where('seen_at', '<', tx.now - SEEN_STEP_MS)
    .execute();
  for (const { attemptId, frameId, percent } of pulse.running) {
    const moved = await tx.db
      .updateTable('frames')
      .set({ percent })
      .where('id', '=', frameId)
      .where('attempt_id', '=', attemptId)
      .where('node_id', '=', nodeId)
      .where('status', '=', FRAME_STATUS.started)
      .where('percent', '<', percent - PERCENT_STEP)
      .returning('task_id')
      .executeTakeFirst();
    if (moved) await tellProgress(tx, moved.task_id, frameId, percent);
  }
}

async function tellProgress(tx: FarmTx, taskId: number, frameId: number, percent: number): Promise<void> {
  const at = await frameOfTask(tx.db, taskId, frameId);
  const task = await tx.db
    .selectFrom('tasks')
    .select('account_id')
    .where('id', '=', taskId)
    .executeTakeFirstOrThrow();
  tx.tell({
    kind: 'frame',
    accountId: task.account_id,
    taskId,
    frameId,
    frame: shapeOf(at.segment).labelAt(at.ordinal),
    status: at.frame.status,
    percent,
  });
}

async function tellNode(tx: FarmTx, nodeId: string): Promise<void> {
  const board = await loadBoardNode(tx.db, nodeId);
  tx.tell({
    kind: 'board',
    change: (memory) => (board ? memory.nodeOnline(board) : memory.nodeOffline(nodeId)),
  });
  tx.tell({ kind: 'node', nodeId });
}
