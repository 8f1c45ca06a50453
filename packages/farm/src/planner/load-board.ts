/** Rebuilds the planner's memory, or a task's part of it, from the store. */
import { FRAME_STATUS, type NodeFacts } from '@croft/contract';
import { declaredCatalogue } from '../catalogue/declared.ts';
import { placementOf } from '../catalogue/placement.ts';
import { type SegmentRow, segmentsOf } from '../state-machine/frames.ts';
import { PLANNED_STATUSES } from '../state-machine/planned-statuses.ts';
import { ENDED } from '../store/ended.ts';
import type { Db } from '../store/schema.ts';
import { shapeOf } from '../tasks/segment-shape.ts';
import { Board, type BoardNode, type BoardSegment, type BoardTask } from './board.ts';
import { IntervalSet } from './interval-set.ts';

const ROWS_PER_PAGE = 20_000;

/** The task as the planner sees it; null when there is nothing to plan in it. */
export async function loadBoardTask(db: Db, taskId: number): Promise<BoardTask | null> {
  const task = await db.selectFrom('tasks').selectAll().where('id', '=', taskId).executeTakeFirst();
  if (!task || task.deleted_at !== null || !PLANNED_STATUSES.includes(task.status)) return null;
  if (task.child_count > 0) return null;
  const segments: BoardSegment[] = [];
  for (const row of await segmentsOf(db, taskId)) segments.push(await loadSegment(db, row));
  return {
    id: task.id,
    accountId: task.account_id,
    parentId: task.parent_id,
    nodeLimit: task.node_limit,
    parentLimit: task.parent_id === 0 ? null : await limitOf(db, task.parent_id),
    userLevel: task.user_level,
    submitOrder: task.submit_order,
    app: task.app ?? '',
    appVersion: task.app_version ?? '',
    renderVersion: task.render_version,
    needs: JSON.parse(task.needs) as string[],
    platform: task.platform,
    placement: placementOf(task.placement),
    placementText: task.placement,
    segments,
    lastNodeId: null,
    waitingFor: task.waiting_for,
  };
}

async function limitOf(db: Db, taskId: number): Promise<number | null> {
  const { node_limit } = await db
    .selectFrom('tasks')
    .select('node_limit')
    .where('id', '=', taskId)
    .executeTakeFirstOrThrow();
  return node_limit;
}

async function loadSegment(db: Db, row: SegmentRow): Promise<BoardSegment> {
  return {
    id: row.id,
    taskId: row.task_id,
    epoch: row.epoch,
    open: row.open === 1,
    oneAttempt: row.one_attempt === 1,
    shape: shapeOf(row),
    waiting: row.open === 1 ? await waitingOrdinals(db, row) : new IntervalSet(),
    timedFrames: row.timed_frames,
    timedMs: row.timed_ms,
  };
}

/** What waits unheld: everything if that is the default, corrected by the touched rows. */
async function waitingOrdinals(db: Db, segment: SegmentRow): Promise<IntervalSet> {
  const untouchedWait = segment.default_status === FRAME_STATUS.waiting;
  const free: [number, number][] = [];
  const taken: [number, number][] = [];
  let after = segment.base - 1;
  for (;;) {
    const rows = await db
      .selectFrom('frames')
      .select(['id', 'status', 'attempt_id'])
      .where('id', '>', after)
      .where('id', '<', segment.base + segment.size)
      .where('epoch', '=', segment.epoch)
      .orderBy('id')
      .limit(ROWS_PER_PAGE)
      .execute();
    for (const row of rows) {
      const waits = row.status === FRAME_STATUS.waiting && row.attempt_id === null;
      extend(waits ? free : taken, row.id - segment.base);
    }
    if (rows.length < ROWS_PER_PAGE) break;
    after = rows.at(-1)!.id;
  }
  const waiting = new IntervalSet(untouchedWait ? [{ first: 0, last: segment.size - 1 }] : []);
  for (const [first, last] of untouchedWait ? taken : []) waiting.remove(first, last);
  for (const [first, last] of untouchedWait ? [] : free) waiting.add(first, last);
  return waiting;
}

/** Appends to the last interval or begins a new one, so that long equal runs cost one change of the set. */
function extend(intervals: [number, number][], ordinal: number): void {
  const newest = intervals.at(-1);
  if (newest && newest[1] === ordinal - 1) newest[1] = ordinal;
  else intervals.push([ordinal, ordinal]);
}

/** The node for the planner; null while it is offline, removed or unknown. */
export async function loadBoardNode(db: Db, nodeId: string): Promise<BoardNode | null> {
  const row = await db.selectFrom('nodes').selectAll().where('id', '=', nodeId).executeTakeFirst();
  if (!row || row.online === 0 || row.removed_at !== null || row.facts === null) return null;
  return {
    id: row.id,
    facts: JSON.parse(row.facts) as NodeFacts,
    draining: row.draining === 1,
    restingUntil: row.resting_until,
  };
}

/** Everything the planner knows, freshly read. */
export async function loadBoard(db: Db, now: number): Promise<Board> {
  const board = new Board();
  board.declare(await declaredCatalogue(db));
  const tasks = await db
    .selectFrom('tasks')
    .select('id')
    .where('status', 'in', PLANNED_STATUSES)
    .where('deleted_at', 'is', null)
    .execute();
  for (const { id } of tasks) board.replaceTask(await loadBoardTask(db, id), id);
  for (const { id } of await db.selectFrom('nodes').select('id').where('online', '=', 1).execute()) {
    const node = await loadBoardNode(db, id);
    if (node) board.nodeOnline(node);
  }
  for (const fault of await db
    .selectFrom('node_faults')
    .selectAll()
    .where('avoid_until', '>', now)
    .execute()) {
    board.avoid(fault.node_id, fault.task_id, fault.avoid_until);
  }
  const attempts = await db.selectFrom('attempts').selectAll().where('state', '<>', ENDED).execute();
  for (const attempt of attempts) {
    board.attemptBooked({
      id: attempt.id,
      taskId: attempt.task_id,
      segmentId: attempt.segment_id,
      nodeId: attempt.node_id,
      bookedAt: attempt.booked_at,
      framesLeft: attempt.last_ordinal - attempt.first_ordinal + 1 - attempt.reported,
    });
  }
  return board;
}
