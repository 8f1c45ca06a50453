/**
 * Steps of a whole segment at once, by the same table as single ones. Touched rows change in one statement, blocks and
 * segment counts with them, and the untouched frames by the segment's default status or epoch: a million of them cost
 * nothing.
 */
import { FRAME_STATUS, type FrameStatus } from '@croft/contract';
import { sql } from 'kysely';
import type { FarmTx } from '../news.ts';
import type { Db } from '../store/schema.ts';
import { COUNT_COLUMNS, type CountColumn, countColumn, noCounts } from './counts.ts';
import type { FramePatch, SegmentRow } from './frames.ts';
import { type Cause, STEPS } from './transitions.ts';

/** Takes the step with every frame of the segment whose status is among `statuses` and allows it. */
export async function stepSegment(
  tx: FarmTx,
  segment: SegmentRow,
  cause: Extract<Cause, 'stop' | 'resume' | 'restart'>,
  statuses: readonly number[],
): Promise<void> {
  const { to } = STEPS[cause];
  const from = STEPS[cause].from.filter((status) => statuses.includes(status) && status !== to);
  if (from.length === 0) return;
  await stepTouched(tx, segment, from, to, patchOf(cause, tx.now));
  await moveCounts(tx.db, segment, from, to);
  if (from.some((status) => status === segment.default_status)) {
    await tx.db.updateTable('segments').set({ default_status: to }).where('id', '=', segment.id).execute();
  }
}

/**
 * All frames wait again, whatever they were, and behind what comes before them as after a submit: older rows lose their
 * meaning, and nothing of a million is written. `open`: its frames may be booked at once.
 */
export async function restartSegment(tx: FarmTx, segment: SegmentRow, open: boolean): Promise<void> {
  await tx.db
    .updateTable('segments')
    .set({
      ...noCounts(),
      epoch: segment.epoch + 1,
      default_status: FRAME_STATUS.waiting,
      open: open ? 1 : 0,
      timed_frames: 0,
      timed_ms: 0,
    })
    .where('id', '=', segment.id)
    .execute();
}

function patchOf(cause: 'stop' | 'resume' | 'restart', now: number): FramePatch {
  if (cause === 'stop') return { attempt_id: null, ended_at: now };
  const waitingAgain = { attempt_id: null, node_id: null, started_at: null, ended_at: null, percent: 0 };
  return cause === 'resume' ? waitingAgain : { ...waitingAgain, ...forgiven() };
}

/** A frame that a user restarts has all its retries again. */
export function forgiven(): FramePatch {
  return { scene_faults: 0, other_faults: 0, failure_class: null, failure_code: null, failure_reason: null };
}

async function stepTouched(
  tx: FarmTx,
  segment: SegmentRow,
  from: readonly FrameStatus[],
  to: FrameStatus,
  patch: FramePatch,
): Promise<void> {
  const restarted =
    to === FRAME_STATUS.waiting && from.some((status) => status !== FRAME_STATUS.aborted) ? 1 : 0;
  await tx.db
    .updateTable('frames')
    .set((eb) => ({
      ...patch,
      status: to,
      version: eb('version', '+', 1),
      restarts: eb('restarts', '+', restarted),
    }))
    .where('id', '>=', segment.base)
    .where('id', '<', segment.base + segment.size)
    .where('epoch', '=', segment.epoch)
    .where('status', 'in', from)
    .execute();
}

async function moveCounts(
  db: Db,
  segment: SegmentRow,
  from: readonly FrameStatus[],
  to: FrameStatus,
): Promise<void> {
  const target = countColumn(to);
  const emptied = from.map(countColumn);
  const moved = sql.join(
    [target, ...emptied].map((column) => sql.ref(column)),
    sql` + `,
  );
  const sums = Object.fromEntries(
    COUNT_COLUMNS.filter((column) => column === target || emptied.includes(column)).map((column) => [
      column,
      column === target ? sql<number>`${moved}` : sql<number>`0`,
    ]),
  ) as Record<CountColumn, ReturnType<typeof sql<number>>>;
  await db
    .updateTable('blocks')
    .set(sums)
    .where('segment_id', '=', segment.id)
    .where('epoch', '=', segment.epoch)
    .execute();
  await db.updateTable('segments').set(sums).where('id', '=', segment.id).execute();
}
