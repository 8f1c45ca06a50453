/**
 * Sharing out: frames booked to one node before anybody knew how long they take, or before another node came, are taken
 * back when that other node has nothing to do. Only frames the node has not started, and only half of them (rounded up)
 * at a time; the node is told to leave them out, and the fence refuses them if it had begun all the same.
 */
import { FRAME_STATUS, SECOND } from '@croft/contract';
import type { FarmTx } from '../news.ts';
import { heldFrames, liveAttempt, takeBackFrames } from '../state-machine/attempts.ts';
import { type Board, type BoardAttempt, type BoardTask, meanFrameMs } from './board.ts';
import { fitOf, versionFor } from './fit.ts';
import { roomOf } from './pass.ts';
import { mayHold } from './task-limit.ts';

/** Less work than this is not worth a second node's start. */
const WORTH_MS = 10 * SECOND;

/** Attempts that hold frames which an idle node could render now. */
export function attemptsToShare(board: Board, now: number): number[] {
  return [...board.tasks.values()].flatMap((task) => {
    const waits = task.segments.some(({ open, waiting }) => open && !waiting.isEmpty);
    if (waits || !hasIdleNode(board, task, now)) return [];
    const most = [...board.attempts.values()]
      .filter((attempt) => attempt.taskId === task.id && isWorthSharing(board, attempt, now))
      .sort((a, b) => b.framesLeft - a.framesLeft)[0];
    return most ? [most.id] : [];
  });
}

function hasIdleNode(board: Board, task: BoardTask, now: number): boolean {
  const version = versionFor(board, task);
  return [...board.nodes.values()].some(
    (node) =>
      roomOf(board, node, 0) > 0 &&
      mayHold(board, task, node.id) &&
      fitOf(board, task, node, version, now).misfit === null,
  );
}

function isWorthSharing(board: Board, attempt: BoardAttempt, now: number): boolean {
  const segment = board.segments.get(attempt.segmentId);
  if (!segment || segment.oneAttempt || attempt.framesLeft < 2) return false;
  const meanMs = meanFrameMs(segment) ?? now - attempt.bookedAt;
  return (attempt.framesLeft - 1) * meanMs >= WORTH_MS;
}

export async function shareOut(tx: FarmTx, attemptId: number): Promise<void> {
  const attempt = await liveAttempt(tx.db, attemptId);
  if (!attempt) return;
  const held = await heldFrames(tx.db, attempt);
  // The first frame held may be on its way to be started: it stays, whatever the farm has heard.
  const unstarted = held.slice(1).filter(({ frame }) => frame.status === FRAME_STATUS.waiting);
  const taken = unstarted.slice(Math.floor(unstarted.length / 2));
  if (taken.length === 0) return;
  const { account_id } = await tx.db
    .selectFrom('tasks')
    .select('account_id')
    .where('id', '=', attempt.task_id)
    .executeTakeFirstOrThrow();
  await takeBackFrames(tx, account_id, attempt, taken);
}
