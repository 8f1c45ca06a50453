/**
 * A task's status follows from its frames, except where a user or a limit decided it:
 *
 *   deleted, abandoned (35), stopped (10), stopped by time-out (23), waiting for the user after test frames (40)
 *                                         stay until a user starts or restarts something
 *   stopped for arrears (20)              stays until then, or until somebody can pay: see `arrears.ts`
 *   nothing waits or runs any more:       all done 25; some failed 30, or 45 if none is done; some stopped 70 (told as
 *                                         30), all stopped 10
 *   something runs:                       5
 *   something waits:                      5 if it was 5 (between two attempts), else 0
 *
 * Segments open in order: the next one when nothing waits or runs in those before it; restarting everything closes all
 * but the first. One with `pause_after` makes the
 * task wait for its user (40) before the next opens.
 *
 * The first segment of a child that comes after a sibling (pictures after their photons) opens when that one is done (25).
 * Where it ends in any other way, what waits for it is stopped (10): else nothing would ever end it. Parents follow their
 * children: see `family.ts`.
 */
import { ENDED_TASK_STATUSES, FRAME_STATUS, TASK_STATUS, type TaskStatus } from '@croft/contract';
import { sql } from 'kysely';
import type { FarmTx } from '../news.ts';
import { loadBoardTask } from '../planner/load-board.ts';
import type { Db, TouchedCounts } from '../store/schema.ts';
import type { TaskRow } from '../tasks/own-task.ts';
import { stepSegment } from './bulk.ts';
import { COUNT_COLUMNS, fullCounts, noCounts } from './counts.ts';
import { isParent, settleParent } from './family.ts';
import { type SegmentRow, segmentsOf } from './frames.ts';
import { PLANNED_STATUSES } from './planned-statuses.ts';

/** Statuses that frames do not change by themselves. */
const HELD: readonly number[] = [
  TASK_STATUS.stopped,
  TASK_STATUS.arrearsStopped,
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
  if (isParent(task)) return settleParent(tx, taskId);
  let segments = await segmentsOf(tx.db, taskId);
  const held = HELD.includes(task.status) && !settling.revive;
  const sibling = segments[0]?.open === 0 ? await siblingBefore(tx.db, task) : 'none';
  if (sibling === 'ended' && !held) {
    for (const segment of segments) await stepSegment(tx, segment, 'stop', [FRAME_STATUS.waiting]);
    segments = await segmentsOf(tx.db, taskId);
  }
  const opening = held ? 'none' : nextOpening(segments, settling, sibling === 'done');
  if (opening !== 'none' && opening !== 'pause') await openSegment(tx, opening);
  const status = held ? (task.status as TaskStatus) : statusOf(task, segments, opening === 'pause', settling);
  await setStatus(tx, task, status, opening !== 'none');
}

/** How the sibling stands whose end the task waits for; `none`: it waits for no sibling. */
export async function siblingBefore(
  db: Db,
  { after_id }: Pick<TaskRow, 'after_id'>,
): Promise<'none' | 'done' | 'running' | 'ended'> {
  if (after_id === 0) return 'none';
  const sibling = await db
    .selectFrom('tasks')
    .select(['status', 'deleted_at'])
    .where('id', '=', after_id)
    .executeTakeFirstOrThrow();
  if (sibling.status === TASK_STATUS.done) return 'done';
  if (sibling.deleted_at !== null) return 'ended';
  // Arrears end nothing: the sibling goes on when somebody can pay.
  if (sibling.status === TASK_STATUS.arrearsStopped) return 'running';
  return ENDED_TASK_STATUSES.some((ended) => ended === sibling.status) ? 'ended' : 'running';
}

/** Tasks that wait for the end of this one look at it again. */
export async function settleSiblingsAfter(tx: FarmTx, taskId: number): Promise<void> {
  const waiting = await tx.db
    .selectFrom('tasks')
    .select('id')
    .where('after_id', '=', taskId)
    .where(sql<boolean>`after_id <> 0`)
    .where('deleted_at', 'is', null)
    .execute();
  for (const { id } of waiting) await settleTask(tx, id);
}

/** Which segment may open now: one, none, or none before the user says so. */
function nextOpening(
  segments: readonly SegmentRow[],
  { goOn }: Settling,
  siblingDone: boolean,
): SegmentRow | 'none' | 'pause' {
  const closed = segments.findIndex(({ open }) => open === 0);
  if (closed === 0 && siblingDone) return segments[0]!;
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
    if (ENDED_TASK_STATUSES.includes(status)) await settleSiblingsAfter(tx, task.id);
  }
  if (task.parent_id !== 0) await settleParent(tx, task.parent_id);
  const planned = PLANNED_STATUSES.includes(status);
  const wasPlanned = PLANNED_STATUSES.includes(task.status);
  // It lives again: is there somebody who pays for it?
  if (planned && !wasPlanned) tx.tell({ kind: 'money' });
  if (!reload && planned === wasPlanned) return;
  const board = planned ? await loadBoardTask(tx.db, task.id) : null;
  tx.tell({ kind: 'board', change: (memory) => memory.replaceTask(board, task.id) });
}
