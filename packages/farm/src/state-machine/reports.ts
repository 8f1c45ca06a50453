/**
 * What nodes report about attempts. A report counts only if its attempt is live, runs on the node that reports, and
 * still holds the frame; anything else is stale: nothing changes, and the node is told to stop what it named. A report
 * that came before is no harm: its frame is not held any more, by this attempt's own earlier word.
 *
 * Every report is answered, never thrown back: a node repeats what was not accepted, for ever. And no time of a node is
 * believed beyond what the farm saw: nothing lasts longer than since its attempt was booked, nothing ends in the future.
 */
import type { NodeReport } from '@croft/contract';
import { chargeFrame } from '../money/charge.ts';
import type { FarmTx } from '../news.ts';
import type { TaskRow } from '../tasks/own-task.ts';
import { type AttemptRow, endAttempt, liveAttempt, tellCancel } from './attempts.ts';
import { CLOCK_SLACK_MS } from './clock-slack.ts';
import { blameNode, clearBlame, judge, leaveAlone } from './failures.ts';
import { type FrameAt, frameAt, segmentOfFrame, stepFrame } from './frames.ts';
import { publishResults } from './publish.ts';
import { settleTask } from './task-status.ts';

type Report<Kind extends NodeReport['kind']> = Extract<NodeReport, { kind: Kind }>;
type FrameReport = Report<'frame-started' | 'frame-done' | 'frame-failed'>;

export async function takeReport(tx: FarmTx, nodeId: string, report: NodeReport): Promise<void> {
  const attempt = await liveAttempt(tx.db, report.attemptId);
  if (!attempt || attempt.node_id !== nodeId) return refuseStale(tx, nodeId, report);
  const task = await taskOf(tx, attempt);
  switch (report.kind) {
    case 'attempt-started':
      return attemptStarted(tx, attempt, report.at);
    case 'attempt-ended':
      return attemptEnded(tx, task, attempt, report);
    default:
      return frameReport(tx, task, attempt, report);
  }
}

function refuseStale(tx: FarmTx, nodeId: string, report: NodeReport): void {
  tx.tell({
    kind: 'log',
    fields: { node: nodeId, attempt: report.attemptId, report: report.kind },
    message: 'stale report refused',
  });
  if (report.kind !== 'attempt-ended') tellCancel(tx, nodeId, report.attemptId, 'stale');
}

async function taskOf(tx: FarmTx, attempt: AttemptRow): Promise<TaskRow> {
  return tx.db.selectFrom('tasks').selectAll().where('id', '=', attempt.task_id).executeTakeFirstOrThrow();
}

async function attemptStarted(tx: FarmTx, attempt: AttemptRow, at: number): Promise<void> {
  if (attempt.state === 'running') return;
  await tx.db
    .updateTable('attempts')
    .set({ state: 'running', started_at: believable(tx, attempt, at) })
    .where('id', '=', attempt.id)
    .execute();
  tx.tell({ kind: 'node', nodeId: attempt.node_id });
}

async function attemptEnded(
  tx: FarmTx,
  task: TaskRow,
  attempt: AttemptRow,
  report: Report<'attempt-ended'>,
): Promise<void> {
  const returned = await endAttempt(tx, task.account_id, attempt, report.reason ?? 'ended');
  // An attempt that gives everything back without a word would be booked again at once, for ever.
  if (returned > 0 && attempt.reported === 0) await blameNode(tx, attempt.node_id, task.id);
  if (returned > 0) await settleTask(tx, task.id);
}

async function frameReport(
  tx: FarmTx,
  task: TaskRow,
  attempt: AttemptRow,
  report: FrameReport,
): Promise<void> {
  const segment = await segmentOfFrame(tx.db, report.frameId);
  const at =
    segment?.id === attempt.segment_id ? await frameAt(tx.db, segment, report.frameId - segment.base) : null;
  if (at === null || at.frame.attempt_id !== attempt.id) {
    if (at?.frame.last_attempt_id !== attempt.id) {
      tellCancel(tx, attempt.node_id, attempt.id, 'stale', [report.frameId]);
    }
    return;
  }
  if (report.kind === 'frame-started') await frameStarted(tx, task, attempt, at, report);
  else if (report.kind === 'frame-done') await frameDone(tx, task, attempt, at, report);
  else await frameFailed(tx, task, attempt, at, report);
  if (task.started_at === null) await noteBegin(tx, task, attempt, report);
  await settleTask(tx, task.id);
}

/** A task begins with the first frame that is heard of, also where it is over before its start was told. */
async function noteBegin(tx: FarmTx, task: TaskRow, attempt: AttemptRow, report: FrameReport): Promise<void> {
  const at = report.kind === 'frame-started' ? report.at : report.startedAt;
  await tx.db
    .updateTable('tasks')
    .set({ started_at: believable(tx, attempt, at) })
    .where('id', 'in', [task.id, task.parent_id])
    .where('started_at', 'is', null)
    .execute();
}

async function frameStarted(
  tx: FarmTx,
  task: TaskRow,
  attempt: AttemptRow,
  at: FrameAt,
  report: Report<'frame-started'>,
): Promise<void> {
  if (at.frame.last_attempt_id === attempt.id) return;
  await stepFrame(tx, task.account_id, at, 'start', {
    last_attempt_id: attempt.id,
    node_id: attempt.node_id,
    started_at: believable(tx, attempt, report.at),
    ended_at: null,
    percent: 0,
    attempts: at.frame.attempts + 1,
  });
}

async function frameDone(
  tx: FarmTx,
  task: TaskRow,
  attempt: AttemptRow,
  at: FrameAt,
  report: Report<'frame-done'>,
): Promise<void> {
  const refusal = await publishResults(tx, task, at, attempt.id, report.results);
  if (refusal) return frameFailed(tx, task, attempt, at, { ...report, kind: 'frame-failed', ...refusal });
  const renderMs = durationOf(tx, attempt, report);
  await stepFrame(tx, task.account_id, at, 'done', {
    ...overPatch(tx, attempt, at, report),
    percent: 100,
    result_attempt_id: attempt.id,
    peak_memory_bytes: report.peakMemoryBytes,
    failure_class: null,
    failure_code: null,
    failure_reason: null,
  });
  await chargeFrame(tx, task, attempt, at.frame.id, renderMs, believable(tx, attempt, report.endedAt));
  await noteOver(tx, attempt, renderMs, true);
  await clearBlame(tx, attempt.node_id, task.id);
}

async function frameFailed(
  tx: FarmTx,
  task: TaskRow,
  attempt: AttemptRow,
  at: FrameAt,
  report: Omit<Report<'frame-failed'>, 'results'>,
): Promise<void> {
  const verdict = judge(at.frame, report.failure);
  await stepFrame(tx, task.account_id, at, verdict.cause, {
    ...overPatch(tx, attempt, at, report),
    percent: 0,
    ...(verdict.cause === 'retry' ? { node_id: null, started_at: null, ended_at: null } : {}),
    scene_faults: verdict.sceneFaults,
    other_faults: verdict.otherFaults,
    failure_class: report.failure,
    failure_code: report.code.slice(0, 100),
    failure_reason: report.reason,
  });
  if (verdict.cause === 'retry') {
    const { segment, ordinal } = at;
    tx.tell({ kind: 'board', change: (board) => board.returnWaiting(segment.id, segment.epoch, ordinal) });
  }
  await noteOver(tx, attempt, durationOf(tx, attempt, report), false);
  if (verdict.blamesNode) await blameNode(tx, attempt.node_id, task.id);
  if (report.failure === 'cancelled') leaveAlone(tx, attempt.node_id, task.id);
}

/** Fields of a frame that its attempt reported over. */
function overPatch(tx: FarmTx, attempt: AttemptRow, at: FrameAt, report: Times) {
  const endedAt = believable(tx, attempt, report.endedAt);
  const counted = at.frame.last_attempt_id === attempt.id;
  return {
    attempt_id: null,
    last_attempt_id: attempt.id,
    node_id: attempt.node_id,
    started_at: endedAt - durationOf(tx, attempt, report),
    ended_at: endedAt,
    attempts: at.frame.attempts + (counted ? 0 : 1),
  };
}

interface Times {
  readonly startedAt: number;
  readonly endedAt: number;
}

/** Milliseconds from start to end, by the node's own clock. */
function durationOf(tx: FarmTx, attempt: AttemptRow, { startedAt, endedAt }: Times): number {
  const longest = Math.max(0, tx.now - attempt.booked_at) + CLOCK_SLACK_MS;
  return Math.min(Math.max(0, endedAt - startedAt), longest);
}

/** The time, if it lies within the attempt's life; else now: the node's clock is wrong. */
function believable(tx: FarmTx, attempt: AttemptRow, at: number): number {
  return at >= attempt.booked_at && at <= tx.now ? at : tx.now;
}

/** Times count for the task's total; those of finished frames also for the mean that sizes chunks. */
async function noteOver(tx: FarmTx, attempt: AttemptRow, renderMs: number, finished: boolean): Promise<void> {
  await tx.db
    .updateTable('attempts')
    .set((eb) => ({ reported: eb('reported', '+', 1) }))
    .where('id', '=', attempt.id)
    .execute();
  await tx.db
    .updateTable('tasks')
    .set((eb) => ({ render_ms: eb('render_ms', '+', renderMs) }))
    .where('id', '=', attempt.task_id)
    .execute();
  if (finished) {
    await tx.db
      .updateTable('segments')
      .set((eb) => ({ timed_frames: eb('timed_frames', '+', 1), timed_ms: eb('timed_ms', '+', renderMs) }))
      .where('id', '=', attempt.segment_id)
      .execute();
  }
  tx.tell({ kind: 'board', change: (board) => board.frameOver(attempt.id, finished ? renderMs : null) });
}
