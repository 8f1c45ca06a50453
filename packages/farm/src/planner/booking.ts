/**
 * A booking: a run of ordinals of one segment goes to one node as one attempt. What the planner decided from memory is
 * checked again here, in the transaction: the task is live, the segment is open and of the same epoch, every frame of
 * the run waits and is held by nobody, and the node has room. If anything moved meanwhile, `BookingRefused` is thrown,
 * nothing is booked, and the planner loads the task anew.
 */

import { type AttemptOrder, FRAME_STATUS } from '@croft/contract';
import { isPaidFor } from '../money/standing.ts';
import type { FarmTx } from '../news.ts';
import { hashSecret, randomSecret } from '../secrets.ts';
import { changeCounts } from '../state-machine/counts.ts';
import { blankFrame, type FrameRecord, type SegmentRow, segmentById } from '../state-machine/frames.ts';
import { PLANNED_STATUSES } from '../state-machine/planned-statuses.ts';
import { ENDED } from '../store/ended.ts';
import { takeNumbers } from '../store/sequences.ts';
import type { TaskRow } from '../tasks/own-task.ts';
import { shapeOf } from '../tasks/segment-shape.ts';
import { chunked } from '../util/chunked.ts';
import { wouldExceed } from './task-limit.ts';
import { series } from './versions.ts';

const ROWS_PER_STATEMENT = 100;

export interface Booking {
  readonly taskId: number;
  readonly segmentId: number;
  readonly epoch: number;
  readonly nodeId: string;
  readonly first: number;
  readonly last: number;
  /** Version of the app that the node shall use; all frames of the task get it. */
  readonly appVersion: string;
  /** The task's placement as the decision knew it. */
  readonly placementText: string;
  /** Most live attempts the node may have, this one included. */
  readonly capacity: number;
}

export class BookingRefused extends Error {}

/** Books, and tells the node its order after the commit. */
export async function book(tx: FarmTx, booking: Booking): Promise<void> {
  const task = await liveTask(tx, booking);
  const segment = await openSegment(tx, booking);
  await refuseFullNode(tx, booking);
  if (await wouldExceed(tx, task, booking.nodeId))
    throw new BookingRefused('the task holds as many nodes as it may');
  const attemptId = await takeNumbers(tx.db, 'attempt');
  const token = randomSecret();
  await tx.db
    .insertInto('attempts')
    .values({
      id: attemptId,
      task_id: task.id,
      segment_id: segment.id,
      node_id: booking.nodeId,
      token_hash: hashSecret(token),
      state: 'ordered',
      first_ordinal: booking.first,
      last_ordinal: booking.last,
      reported: 0,
      booked_at: tx.now,
      started_at: null,
      ended_at: null,
      end_reason: null,
    })
    .execute();
  await holdFrames(tx, segment, booking, attemptId);
  if (task.render_version === null || task.waiting_for !== '[]') {
    await tx.db
      .updateTable('tasks')
      .set({ render_version: task.render_version ?? booking.appVersion, waiting_for: '[]' })
      .where('id', '=', task.id)
      .execute();
  }
  tellBooked(tx, booking, orderOf(task, segment, booking, attemptId, token));
}

async function liveTask(tx: FarmTx, { taskId, appVersion, placementText }: Booking): Promise<TaskRow> {
  const task = await tx.db.selectFrom('tasks').selectAll().where('id', '=', taskId).executeTakeFirst();
  if (!task || task.deleted_at !== null || !PLANNED_STATUSES.includes(task.status)) {
    throw new BookingRefused('the task is not live');
  }
  if (!(await isPaidFor(tx.db, task, tx.now))) throw new BookingRefused('nobody pays for the task');
  if (task.render_version !== null && series(task.render_version) !== series(appVersion)) {
    throw new BookingRefused('the task renders with another version');
  }
  if (task.placement !== placementText) throw new BookingRefused('the task asks for other hardware');
  return task;
}

async function openSegment(tx: FarmTx, { segmentId, epoch }: Booking): Promise<SegmentRow> {
  const segment = await segmentById(tx.db, segmentId);
  if (segment.open === 0 || segment.epoch !== epoch) throw new BookingRefused('the segment changed');
  return segment;
}

async function refuseFullNode(tx: FarmTx, { nodeId, capacity }: Booking): Promise<void> {
  const { online, live } = await tx.db
    .selectFrom('nodes')
    .select('online')
    .select((eb) =>
      eb
        .selectFrom('attempts')
        .select((inner) => inner.fn.countAll<number>().as('live'))
        .whereRef('attempts.node_id', '=', 'nodes.id')
        .where('attempts.state', '<>', ENDED)
        .as('live'),
    )
    .where('id', '=', nodeId)
    .executeTakeFirstOrThrow();
  if (online === 0) throw new BookingRefused('the node went away');
  if ((live ?? 0) >= capacity) throw new BookingRefused('the node has no room');
}

async function holdFrames(
  tx: FarmTx,
  segment: SegmentRow,
  { first, last }: Booking,
  attemptId: number,
): Promise<void> {
  const rows = await tx.db
    .selectFrom('frames')
    .selectAll()
    .where('id', '>=', segment.base + first)
    .where('id', '<=', segment.base + last)
    .execute();
  const stored = new Map(rows.map((row) => [row.id - segment.base, row]));
  const fresh: { ordinal: number; frame: FrameRecord }[] = [];
  let known = 0;
  for (let ordinal = first; ordinal <= last; ordinal++) {
    const row = stored.get(ordinal);
    if (row?.epoch === segment.epoch) {
      if (row.status !== FRAME_STATUS.waiting || row.attempt_id !== null)
        throw new BookingRefused('a frame was taken');
      known += 1;
      continue;
    }
    if (segment.default_status !== FRAME_STATUS.waiting) throw new BookingRefused('the frames do not wait');
    const { version = 0, restarts = 0 } = row ?? {};
    fresh.push({
      ordinal,
      frame: { ...blankFrame(segment, ordinal), attempt_id: attemptId, version: version + 1, restarts },
    });
  }
  if (known > 0) await holdKnown(tx, segment, first, last, attemptId, known);
  await holdFresh(tx, fresh, rows.length > known);
  await changeCounts(
    tx.db,
    segment,
    fresh.map(({ ordinal }) => ({ ordinal, from: null, to: FRAME_STATUS.waiting })),
  );
}

async function holdKnown(
  tx: FarmTx,
  segment: SegmentRow,
  first: number,
  last: number,
  attemptId: number,
  expected: number,
): Promise<void> {
  const updated = await tx.db
    .updateTable('frames')
    .set((eb) => ({ attempt_id: attemptId, version: eb('version', '+', 1) }))
    .where('id', '>=', segment.base + first)
    .where('id', '<=', segment.base + last)
    .where('epoch', '=', segment.epoch)
    .where('status', '=', FRAME_STATUS.waiting)
    .where('attempt_id', 'is', null)
    .executeTakeFirst();
  if (updated.numUpdatedRows !== BigInt(expected)) throw new BookingRefused('a frame was taken');
}

async function holdFresh(
  tx: FarmTx,
  fresh: readonly { ordinal: number; frame: FrameRecord }[],
  someStored: boolean,
): Promise<void> {
  if (someStored) {
    for (const some of chunked(fresh, 500)) {
      await tx.db
        .deleteFrom('frames')
        .where(
          'id',
          'in',
          some.map(({ frame }) => frame.id),
        )
        .execute();
    }
  }
  for (const some of chunked(fresh, ROWS_PER_STATEMENT)) {
    await tx.db
      .insertInto('frames')
      .values(some.map(({ frame }) => frame))
      .execute();
  }
}

function orderOf(
  task: TaskRow,
  segment: SegmentRow,
  booking: Booking,
  attemptId: number,
  token: string,
): AttemptOrder {
  const shape = shapeOf(segment);
  const count = booking.last - booking.first + 1;
  return {
    attemptId,
    taskId: task.id,
    app: task.app ?? '',
    appVersion: booking.appVersion,
    scenePath: task.scene_path,
    inputsKey: task.inputs_key,
    settings: JSON.parse(task.settings) as Record<string, unknown>,
    stage: segment.stage,
    frameType: segment.frame_type,
    frames: Array.from({ length: count }, (_, index) => shape.frameAt(booking.first + index)),
    token,
    frameTimeoutMs: task.frame_timeout_ms,
  };
}

function tellBooked(tx: FarmTx, booking: Booking, order: AttemptOrder): void {
  const { taskId, segmentId, epoch, nodeId, first, last, appVersion } = booking;
  const { now } = tx;
  tx.tell({
    kind: 'board',
    change: (board) => {
      board.notWaiting(segmentId, epoch, first, last);
      const task = board.tasks.get(taskId);
      if (task) {
        task.renderVersion ??= appVersion;
        task.waitingFor = '[]';
      }
      board.attemptBooked({
        id: order.attemptId,
        taskId,
        segmentId,
        nodeId,
        bookedAt: now,
        framesLeft: last - first + 1,
      });
    },
  });
  tx.tell({ kind: 'to-node', nodeId, message: { type: 'run', order } });
  tx.tell({ kind: 'node', nodeId });
  tx.tell({
    kind: 'log',
    fields: { task: taskId, attempt: order.attemptId, node: nodeId, frames: last - first + 1 },
    message: 'booked',
  });
}
