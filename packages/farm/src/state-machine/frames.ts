/** One frame: finding it, reading its state, and taking a step with it. */
import type { Selectable } from 'kysely';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import type { Db, FramesTable, SegmentsTable } from '../store/schema.ts';
import { shapeOf } from '../tasks/segment-shape.ts';
import { changeCounts } from './counts.ts';
import { type Cause, mayStep, STEPS } from './transitions.ts';

export type SegmentRow = Selectable<SegmentsTable>;
export type FrameRecord = Selectable<FramesTable>;

/** A frame as it is now: its row, or what an untouched frame would have in one. */
export interface FrameAt {
  readonly segment: SegmentRow;
  readonly ordinal: number;
  readonly frame: FrameRecord;
  /** Whether `frame` is a row of the segment's epoch, that counts in the blocks. */
  readonly touched: boolean;
  /** Whether there is a row at all, maybe of an older epoch. */
  readonly stored: boolean;
}

export function blankFrame(segment: SegmentRow, ordinal: number): FrameRecord {
  return {
    id: segment.base + ordinal,
    task_id: segment.task_id,
    segment_id: segment.id,
    epoch: segment.epoch,
    status: segment.default_status,
    version: 0,
    percent: 0,
    attempt_id: null,
    last_attempt_id: null,
    result_attempt_id: null,
    node_id: null,
    started_at: null,
    ended_at: null,
    attempts: 0,
    scene_faults: 0,
    other_faults: 0,
    restarts: 0,
    peak_memory_bytes: null,
    failure_class: null,
    failure_code: null,
    failure_reason: null,
  };
}

export async function segmentById(db: Db, id: number): Promise<SegmentRow> {
  return db.selectFrom('segments').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

export async function segmentsOf(db: Db, taskId: number): Promise<SegmentRow[]> {
  return db.selectFrom('segments').selectAll().where('task_id', '=', taskId).orderBy('position').execute();
}

/** The segment a frame id belongs to, whatever its task; null for an id never given out. */
export async function segmentOfFrame(db: Db, frameId: number): Promise<SegmentRow | null> {
  const segment = await db
    .selectFrom('segments')
    .selectAll()
    .where('base', '<=', frameId)
    .orderBy('base', 'desc')
    .limit(1)
    .executeTakeFirst();
  return segment && frameId < segment.base + segment.size ? segment : null;
}

export async function frameAt(db: Db, segment: SegmentRow, ordinal: number): Promise<FrameAt> {
  const row = await db
    .selectFrom('frames')
    .selectAll()
    .where('id', '=', segment.base + ordinal)
    .executeTakeFirst();
  return frameFromRow(segment, ordinal, row);
}

export function frameFromRow(segment: SegmentRow, ordinal: number, row: FrameRecord | undefined): FrameAt {
  if (row && row.epoch === segment.epoch)
    return { segment, ordinal, frame: row, touched: true, stored: true };
  const blank = blankFrame(segment, ordinal);
  if (!row) return { segment, ordinal, frame: blank, touched: false, stored: false };
  const frame = { ...blank, version: row.version, restarts: row.restarts };
  return { segment, ordinal, frame, touched: false, stored: true };
}

/** The frame of the task; FARM_NOT_FOUND for an id that is not one of its frames. */
export async function frameOfTask(db: Db, taskId: number, frameId: number): Promise<FrameAt> {
  const segment = await segmentOfFrame(db, frameId);
  if (!segment || segment.task_id !== taskId) {
    throw farmErrors.FARM_NOT_FOUND(`task ${taskId} has no frame with id ${frameId}`);
  }
  return frameAt(db, segment, frameId - segment.base);
}

export type FramePatch = Partial<Omit<FrameRecord, 'id' | 'status' | 'epoch' | 'version'>>;

/** Takes the step: checks it against the table, writes the row and the counts, and tells. A wrong step is a bug. */
export async function stepFrame(
  tx: FarmTx,
  accountId: number,
  at: FrameAt,
  cause: Cause,
  patch: FramePatch,
): Promise<void> {
  const { segment, ordinal, frame } = at;
  if (!mayStep(frame.status, cause)) {
    throw new Error(`frame ${frame.id} with status ${frame.status} cannot take the step ${cause}`);
  }
  const status = STEPS[cause].to;
  await writeFrame(tx.db, at, { ...patch, status });
  await changeCounts(tx.db, segment, [{ ordinal, from: at.touched ? frame.status : null, to: status }]);
  tx.tell({
    kind: 'frame',
    accountId,
    taskId: segment.task_id,
    frameId: frame.id,
    frame: shapeOf(segment).labelAt(ordinal),
    status,
    percent: patch.percent ?? frame.percent,
  });
  tx.tell({
    kind: 'log',
    fields: {
      task: segment.task_id,
      frame: frame.id,
      attempt: frame.attempt_id,
      from: frame.status,
      to: status,
    },
    message: `frame ${cause}`,
  });
}

async function writeFrame(db: Db, at: FrameAt, patch: FramePatch & { status: number }): Promise<void> {
  const row = { ...at.frame, ...patch, version: at.frame.version + 1 };
  if (!at.stored) {
    await db.insertInto('frames').values(row).execute();
    return;
  }
  const { id, ...rest } = row;
  await db.updateTable('frames').set(rest).where('id', '=', id).execute();
}
