/**
 * Stopping a task for want of money, and going on with it. Its status becomes 20 (stopped for arrears), and what waits
 * or runs is stopped (3), as when a user stops it; nothing that is stopped so costs anything. Going on undoes just that:
 * frames that the user had stopped before stay stopped. So each stop remembers for every segment the time it wrote into
 * its frames, later than that of any frame stopped before, and whether it also stopped the frames without a row.
 *
 * A user who stops or abandons such a task has decided otherwise: it does not go on by itself then.
 */
import { FRAME_STATUS, TASK_STATUS } from '@croft/contract';
import type { FarmTx } from '../news.ts';
import type { TaskRow } from '../tasks/own-task.ts';
import { cancelAttempts, isSubmitted } from './acting.ts';
import { stepSegment } from './bulk.ts';
import { changeCounts } from './counts.ts';
import { isParent } from './family.ts';
import { type SegmentRow, segmentById, segmentsOf } from './frames.ts';
import { PLANNED_STATUSES } from './planned-statuses.ts';
import { setStatus, settleTask } from './task-status.ts';

const { waiting, started, aborted } = FRAME_STATUS;
const ROWS_PER_STEP = 1000;

/** Stops the task if it waits or renders. A parent follows its children, each of which is stopped by itself. */
export async function stopForArrears(tx: FarmTx, task: TaskRow): Promise<void> {
  if (!isSubmitted(task) || isParent(task) || !PLANNED_STATUSES.includes(task.status)) return;
  await cancelAttempts(tx, task, 'stopped');
  for (const segment of await segmentsOf(tx.db, task.id)) await stopSegment(tx, segment);
  await setStatus(tx, task, TASK_STATUS.arrearsStopped, true);
}

async function stopSegment(tx: FarmTx, segment: SegmentRow): Promise<void> {
  const { newest } = await tx.db
    .selectFrom('frames')
    .select((eb) => eb.fn.max('ended_at').as('newest'))
    .where('id', '>=', segment.base)
    .where('id', '<', segment.base + segment.size)
    .where('status', '=', aborted)
    .executeTakeFirstOrThrow();
  const at = Math.max(tx.now, (newest ?? 0) + 1);
  await tx.db
    .insertInto('arrears_stops')
    .values({
      task_id: segment.task_id,
      segment_id: segment.id,
      stopped_at: at,
      untouched: segment.default_status === waiting ? 1 : 0,
    })
    .execute();
  await stepSegment({ ...tx, now: at }, segment, 'stop', [waiting, started]);
}

/** Goes on with what `stopForArrears` stopped. */
export async function resumeAfterArrears(tx: FarmTx, task: TaskRow): Promise<void> {
  if (!isSubmitted(task) || task.status !== TASK_STATUS.arrearsStopped) return;
  const stops = await tx.db.selectFrom('arrears_stops').selectAll().where('task_id', '=', task.id).execute();
  for (const stop of stops) await resumeSegment(tx, await segmentById(tx.db, stop.segment_id), stop);
  await forgetArrearsStops(tx, task.id);
  await settleTask(tx, task.id, { revive: true });
}

async function resumeSegment(
  tx: FarmTx,
  segment: SegmentRow,
  { stopped_at, untouched }: { stopped_at: number; untouched: number },
): Promise<void> {
  if (untouched === 1 && segment.default_status === aborted) {
    await tx.db
      .updateTable('segments')
      .set({ default_status: waiting })
      .where('id', '=', segment.id)
      .execute();
  }
  for (;;) {
    const rows = await tx.db
      .selectFrom('frames')
      .select('id')
      .where('id', '>=', segment.base)
      .where('id', '<', segment.base + segment.size)
      .where('epoch', '=', segment.epoch)
      .where('status', '=', aborted)
      .where('ended_at', '=', stopped_at)
      .orderBy('id')
      .limit(ROWS_PER_STEP)
      .execute();
    if (rows.length === 0) return;
    const ids = rows.map(({ id }) => id);
    await tx.db
      .updateTable('frames')
      .set((eb) => ({
        status: waiting,
        version: eb('version', '+', 1),
        attempt_id: null,
        node_id: null,
        started_at: null,
        ended_at: null,
        percent: 0,
      }))
      .where('id', 'in', ids)
      .execute();
    const changes = ids.map((id) => ({ ordinal: id - segment.base, from: aborted, to: waiting }));
    await changeCounts(tx.db, segment, changes);
  }
}

/** The user has decided what becomes of the task's stopped frames. */
export async function forgetArrearsStops(tx: FarmTx, taskId: number): Promise<void> {
  await tx.db.deleteFrom('arrears_stops').where('task_id', '=', taskId).execute();
}
