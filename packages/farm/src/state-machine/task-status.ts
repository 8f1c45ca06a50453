/**
 * A task's status follows from its frames, except where a user or a limit decided it:
 *
 *   deleted, abandoned (35), stopped (10), stopped by time-out (23), waiting for the user after test frames (40)
 *                                         stay until a user starts or restarts something
 *   nothing waits or runs any more:       all done 25; some failed 30, or 45 if none is done; some stopped 70 (told as
 *                                         30), all stopped 10
 *   something runs:                       5
 *   something waits:                      5 if it was 5 (between two attempts), else 0
 *
 * Segments open in order: the next one when nothing waits or runs in those before it; restarting everything closes all
 * but the first. One with `pause_after` makes the
 * task wait for its user (40) before the next opens.
 */
import { TASK_STATUS, type TaskStatus } from '@croft/contract';
import type { FarmTx } from '../news.ts';
import { loadBoardTask } from '../planner/load-board.ts';
import type { TouchedCounts } from '../store/schema.ts';
import type { TaskRow } from '../tasks/own-task.ts';
import { COUNT_COLUMNS, fullCounts, noCounts } from './counts.ts';
import { type SegmentRow, segmentsOf } from './frames.ts';
import { PLANNED_STATUSES } from './planned-statuses.ts';

/** Statuses that frames do not change by themselves. */
const HELD: readonly number[] = [
  TASK_STATUS.stopped,
  TASK_STATUS.timedOut,
  TASK_STATUS.abandoned,
  TASK_STATUS.testDone,
];

export interface Settling {
  /** The user starts or restarts something: statuses that were held or ended are left. */
  readonly revive?: boolean;
  /** The user says go on: a pause after test frames is over. */
  readonly goOn?: boolean;
  /** Its frames went back to waiting for want of a node: it is waiting (0) again, not rendering. */
  readonly fellBack?: boolean;
}

/** Brings the task's status in line with its frames, opens the next segment where it is time, and tells both. */
export async function settleTask(tx: FarmTx, taskId: number, settling: Settling = {}): Promise<void> {
  const task = await tx.db.selectFrom('tasks').selectAll().where('id', '=', taskId).executeTakeFirstOrThrow();
  if (task.submitted_at === null || task.deleted_at !== null) return;
  const segments = await segmentsOf(tx.db, taskId);
  const held = HELD.includes(task.status) && !settling.revive;
  const opening = held ? 'none' : nextOpening(segments, settling);
  if (opening !== 'none' && opening !== 'pause') await openSegment(tx, opening);
  const status = held ? (task.status as TaskStatus) : statusOf(task, segments, opening === 'pause', settling);
  await setStatus(tx, task, status, opening !== 'none');
}

/** Which segment may open now: one, none, or none before the user says so. */
function nextOpening(segments: readonly SegmentRow[], { goOn }: Settling): SegmentRow | 'none' | 'pause' {
  const closed = segments.findIndex(({ open }) => open === 0);
  if (closed <= 0) return 'none';
  if (segments.slice(0, closed).some((segment) => unfinished(fullCounts(segment)))) return 'none';
  return segments[closed - 1]!.pause_after === 1 && !goOn ? 'pause' : segments[closed]!;
}

async function openSegment(tx: FarmTx, segment: SegmentRow): Promise<void> {
  await tx.db.updateTable('segments').set({ open: 1 }).where('id', '=', segment.id).execute();
}

export function statusOf(
  task: Pick<TaskRow, 'status'>,
  segments: readonly SegmentRow[],
  pause: boolean,
  { fellBack, revive }: Settling,
): TaskStatus {
  const counts = totalCounts(segments);
  if (counts.started > 0) return TASK_STATUS.rendering;
  if (pause) return TASK_STATUS.testDone;
  if (counts.waiting > 0) {
    return task.status === TASK_STATUS.rendering && !fellBack && !revive
      ? TASK_STATUS.rendering
      : TASK_STATUS.waiting;
  }
  const failed = counts.error + counts.timed_out;
  if (failed > 0) return counts.done > 0 ? TASK_STATUS.doneWithFailed : TASK_STATUS.failed;
  if (counts.aborted > 0) return counts.done > 0 ? TASK_STATUS.doneWithStopped : TASK_STATUS.stopped;
  return TASK_STATUS.done;
}

export function totalCounts(segments: readonly SegmentRow[]): TouchedCounts {
  const total = noCounts();
  for (const segment of segments) {
    const counts = fullCounts(segment);
    for (const column of COUNT_COLUMNS) total[column] += counts[column];
  }
  return total;
}

function unfinished(counts: TouchedCounts): boolean {
  return counts.waiting + counts.started > 0;
}

export async function setStatus(
  tx: FarmTx,
  task: TaskRow,
  status: TaskStatus,
  reload: boolean,
): Promise<void> {
  tx.tell({ kind: 'task', taskId: task.id });
  if (status !== task.status) {
    const live = PLANNED_STATUSES.includes(status);
    const rendering = status === TASK_STATUS.rendering;
    await tx.db
      .updateTable('tasks')
      .set({
        status,
        ended_at: live || status === TASK_STATUS.testDone ? null : tx.now,
        ...(rendering ? { started_at: task.started_at ?? tx.now } : {}),
        ...(rendering ? { running_since: task.running_since ?? tx.now } : {}),
        ...(live ? {} : { waiting_for: '[]', running_since: null }),
      })
      .where('id', '=', task.id)
      .execute();
    tx.tell({
      kind: 'log',
      fields: { task: task.id, account: task.account_id, from: task.status, to: status },
      message: 'task status',
    });
  }
  const planned = PLANNED_STATUSES.includes(status);
  if (!reload && planned === PLANNED_STATUSES.includes(task.status)) return;
  const board = planned ? await loadBoardTask(tx.db, task.id) : null;
  tx.tell({ kind: 'board', change: (memory) => memory.replaceTask(board, task.id) });
}
