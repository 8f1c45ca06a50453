/**
 * Pages of frames. Frames come in the order of segments and ordinals. Without a filter a page is arithmetic plus the
 * rows in its range; with one, blocks say how many frames of the statuses they hold, so whole blocks are skipped and
 * only those that the page touches are looked into: a page of a million frames costs as much as one of a hundred.
 */
import { FRAME_STATUS, type FrameRow, type FrameStatus, type Page } from '@croft/contract';
import { moneyOfFrames, NO_FRAME_MONEY } from '../money/shown-money.ts';
import { BLOCK_SIZE, COUNT_COLUMNS, countColumn, fullCounts } from '../state-machine/counts.ts';
import { isParent } from '../state-machine/family.ts';
import { type FrameRecord, frameFromRow, type SegmentRow } from '../state-machine/frames.ts';
import type { Db } from '../store/schema.ts';
import type { TaskRow } from '../tasks/own-task.ts';
import { type SegmentShape, shapeOf } from '../tasks/segment-shape.ts';
import { among } from '../util/among.ts';
import type { FrameFacts } from './facts.ts';
import type { FrameFilter } from './filters.ts';
import { boundedPage } from './page.ts';
import { shownSegments } from './shown-segments.ts';
import { pictureUrl } from './task-facts.ts';

type Row = FrameRow & FrameFacts;

/** Statuses of the API that the store keeps as plain waiting. */
const WAITING_FORMS: readonly number[] = [1, 6, 7, 8, 9, 10, 12];

export async function framesPage(db: Db, task: TaskRow, filter: FrameFilter): Promise<Page<Row>> {
  const { page, size } = boundedPage(filter.page, filter.size);
  const types = filter.frameTypes;
  const all = await shownSegments(db, task);
  const segments = types === undefined ? all : all.filter((one) => types.includes(one.frame_type));
  const wanted = storedStatuses(filter.statuses);
  const skip = (page - 1) * size;
  const found = filter.search?.trim()
    ? await searched(db, segments, filter.search.trim(), wanted, skip, size)
    : await ranged(db, segments, wanted, skip, size);
  return { total: found.total, page, size, items: await rowsOf(db, task, found.places) };
}

interface Place {
  readonly segment: SegmentRow;
  readonly ordinal: number;
}
interface Found {
  total: number;
  places: Place[];
}

function storedStatuses(statuses: readonly number[] | undefined): ReadonlySet<number> | null {
  if (!statuses || statuses.length === 0) return null;
  return new Set(statuses.map((status) => (WAITING_FORMS.includes(status) ? FRAME_STATUS.waiting : status)));
}

async function ranged(
  db: Db,
  segments: readonly SegmentRow[],
  wanted: ReadonlySet<number> | null,
  skip: number,
  size: number,
): Promise<Found> {
  const found: Found = { total: 0, places: [] };
  for (const segment of segments) {
    const count = wanted ? countOf(fullCounts(segment), wanted) : segment.size;
    const from = Math.max(0, skip - found.total);
    const most = size - found.places.length;
    if (most > 0 && from < count) {
      const ordinals = wanted
        ? await filteredOrdinals(db, segment, wanted, from, most)
        : Array.from({ length: Math.min(most, count - from) }, (_, index) => from + index);
      for (const ordinal of ordinals) found.places.push({ segment, ordinal });
    }
    found.total += count;
  }
  return found;
}

function countOf(counts: ReturnType<typeof fullCounts>, wanted: ReadonlySet<number>): number {
  let sum = 0;
  for (const status of wanted) if (isStored(status)) sum += counts[countColumn(status)];
  return sum;
}

function isStored(status: number): boolean {
  return [1, 2, 3, 4, 5, 11].includes(status);
}

/** Ordinals of the wanted frames number `skip` to `skip + most` of the segment. */
async function filteredOrdinals(
  db: Db,
  segment: SegmentRow,
  wanted: ReadonlySet<number>,
  skip: number,
  most: number,
): Promise<number[]> {
  const rows = await db
    .selectFrom('blocks')
    .selectAll()
    .where('segment_id', '=', segment.id)
    .where('epoch', '=', segment.epoch)
    .execute();
  const blocks = new Map(rows.map((row) => [row.block, row]));
  const ordinals: number[] = [];
  let left = skip;
  for (let block = 0; block * BLOCK_SIZE < segment.size && ordinals.length < most; block++) {
    const first = block * BLOCK_SIZE;
    const blockSize = Math.min(BLOCK_SIZE, segment.size - first);
    const touched = blocks.get(block) ?? Object.fromEntries(COUNT_COLUMNS.map((column) => [column, 0]));
    const counts = fullCounts({
      ...(touched as ReturnType<typeof fullCounts>),
      size: blockSize,
      default_status: segment.default_status,
    });
    const count = countOf(counts, wanted);
    if (left >= count) {
      left -= count;
      continue;
    }
    const matching = await ordinalsInBlock(db, segment, first, blockSize, wanted);
    ordinals.push(...matching.slice(left, left + most - ordinals.length));
    left = 0;
  }
  return ordinals;
}

async function ordinalsInBlock(
  db: Db,
  segment: SegmentRow,
  first: number,
  size: number,
  wanted: ReadonlySet<number>,
): Promise<number[]> {
  const rows = await db
    .selectFrom('frames')
    .select(['id', 'status'])
    .where('id', '>=', segment.base + first)
    .where('id', '<', segment.base + first + size)
    .where('epoch', '=', segment.epoch)
    .execute();
  const touched = new Map(rows.map(({ id, status }) => [id - segment.base, status]));
  const matching: number[] = [];
  for (let ordinal = first; ordinal < first + size; ordinal++) {
    if (wanted.has(touched.get(ordinal) ?? segment.default_status)) matching.push(ordinal);
  }
  return matching;
}

/** A search names one frame number: the frames that show it. */
async function searched(
  db: Db,
  segments: readonly SegmentRow[],
  search: string,
  wanted: ReadonlySet<number> | null,
  skip: number,
  size: number,
): Promise<Found> {
  if (!/^-?\d{1,9}$/.test(search)) return { total: 0, places: [] };
  let places = segments.flatMap((segment) =>
    shapeOf(segment)
      .ordinalsShowing(Number(search))
      .map((ordinal) => ({ segment, ordinal })),
  );
  if (wanted) {
    const records = await recordsOf(db, places);
    places = places.filter((_, index) => wanted.has(records[index]!.status));
  }
  return { total: places.length, places: places.slice(skip, skip + size) };
}

async function recordsOf(db: Db, places: readonly Place[]): Promise<FrameRecord[]> {
  if (places.length === 0) return [];
  const ids = places.map(({ segment, ordinal }) => segment.base + ordinal);
  const rows = await db
    .selectFrom('frames')
    .selectAll()
    .where((eb) => among(eb, 'id', ids))
    .execute();
  const byId = new Map(rows.map((row) => [row.id, row]));
  return places.map(
    ({ segment, ordinal }) => frameFromRow(segment, ordinal, byId.get(segment.base + ordinal)).frame,
  );
}

async function rowsOf(db: Db, task: TaskRow, places: readonly Place[]): Promise<Row[]> {
  const records = await recordsOf(db, places);
  const names = await nodeNames(db, records);
  const thumbnails = await thumbnailsOf(db, records);
  const money = await moneyOfFrames(
    db,
    records.map(({ id }) => id),
  );
  const closed = await closedStatuses(db, task, places);
  const shapes = new Map<number, SegmentShape>();
  return places.map(({ segment, ordinal }, index) => {
    const shape = shapes.get(segment.id) ?? shapeOf(segment);
    shapes.set(segment.id, shape);
    const record = records[index]!;
    return {
      ...rowOf(segment, shape, ordinal, record, closed.get(segment.id)),
      node: names.get(record.node_id ?? '') ?? null,
      money: money.get(record.id) ?? NO_FRAME_MONEY,
      thumbnail: record.status === FRAME_STATUS.done ? (thumbnails.get(record.id) ?? null) : null,
    };
  });
}

/** What frames of closed segments wait for: the photons or simulation of a sibling, or the segment before (8). */
async function closedStatuses(
  db: Db,
  task: TaskRow,
  places: readonly Place[],
): Promise<Map<number, FrameStatus>> {
  const closed = new Map<number, FrameStatus>();
  if (task.parent_id === 0 && !isParent(task)) return closed;
  const waiting = new Map(
    places
      .filter(({ segment }) => segment.open === 0 && segment.position === 0)
      .map(({ segment }) => [segment.id, segment.task_id]),
  );
  if (waiting.size === 0) return closed;
  const rows = await db
    .selectFrom('tasks as mine')
    .innerJoin('tasks as before', 'before.id', 'mine.after_id')
    .select(['mine.id', 'before.task_type'])
    .where('mine.id', 'in', [...new Set(waiting.values())])
    .execute();
  const types = new Map(rows.map(({ id, task_type }) => [id, task_type]));
  for (const [segmentId, taskId] of waiting) {
    const simulation = types.get(taskId) === 'GopRender';
    closed.set(segmentId, simulation ? FRAME_STATUS.gopJobWaiting : FRAME_STATUS.preDoneJobWaiting);
  }
  return closed;
}

function rowOf(
  segment: SegmentRow,
  shape: SegmentShape,
  ordinal: number,
  record: FrameRecord,
  closedStatus: FrameStatus = FRAME_STATUS.priorityWaiting,
): Row {
  const label = shape.labelAt(ordinal);
  const isClosed = record.status === FRAME_STATUS.waiting && segment.open === 0;
  return {
    id: record.id,
    frame: label,
    status: isClosed ? closedStatus : record.status,
    percent: record.percent,
    node: null,
    startedAt: record.started_at,
    endedAt: record.ended_at,
    attempts: record.attempts,
    failure:
      record.failure_code === null
        ? null
        : {
            code: record.failure_code,
            class: record.failure_class ?? '',
            reason: record.failure_reason ?? '',
          },
    thumbnail: null,
    frameType: segment.frame_type,
    frameIndex: label,
    taskId: segment.task_id,
    tile: ordinal % segment.tiles,
    tiles: segment.tiles,
    restarts: segment.epoch + record.restarts,
    peakMemoryBytes: record.peak_memory_bytes,
    money: NO_FRAME_MONEY,
  };
}

async function nodeNames(db: Db, records: readonly FrameRecord[]): Promise<Map<string, string>> {
  const ids = [...new Set(records.map(({ node_id }) => node_id).filter((id) => id !== null))];
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom('nodes').select(['id', 'name']).where('id', 'in', ids).execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}

async function thumbnailsOf(db: Db, records: readonly FrameRecord[]): Promise<Map<number, string>> {
  const done = records.filter(({ status }) => status === FRAME_STATUS.done);
  if (done.length === 0) return new Map();
  const ids = done.map(({ id }) => id);
  const rows = await db
    .selectFrom('results')
    .select(['frame_id', 'capability'])
    .where('task_id', 'in', [...new Set(done.map(({ task_id }) => task_id))])
    .where((eb) => among(eb, 'frame_id', ids))
    .where('capability', 'is not', null)
    .orderBy('frame_id')
    .orderBy('path')
    .execute();
  const first = new Map<number, string>();
  for (const { frame_id, capability } of rows) {
    if (!first.has(frame_id)) first.set(frame_id, pictureUrl(capability!));
  }
  return first;
}
