/**
 * The auditor: reads only the database, believes nothing, and says what is wrong. A healthy farm has no sentence here
 * at any commit, whatever crashed before. Checked:
 *
 *   - blocks and segments count exactly the touched rows of their epoch, and never more than their frames
 *   - a frame that an attempt holds waits or runs, the attempt is live, of its task, and covers it (so no frame has two)
 *   - a live attempt belongs to a live task and an open segment; no node has more of them than its slots and their reserve
 *   - a done frame has results, by the attempt it names, at paths that the output tree shows or showed
 *   - every path of a tree has one open row at most, and versions never run ahead of the tree's
 *   - a task that ended has nothing waiting or running; one that is live has something left
 *   - money adds up: see `money.ts`
 *   - a parent has no frames, children of its own account, and the status that follows from theirs
 */
import { FRAME_STATUS, type NodeFacts } from '@croft/contract';
import { BLOCK_SIZE, COUNT_COLUMNS, countColumn, fullCounts, noCounts } from '../state-machine/counts.ts';
import { childrenOf, isParent, parentStatus } from '../state-machine/family.ts';
import { type FrameRecord, type SegmentRow, segmentsOf } from '../state-machine/frames.ts';
import { PLANNED_STATUSES } from '../state-machine/planned-statuses.ts';
import { ENDED } from '../store/ended.ts';
import type { Db, TouchedCounts } from '../store/schema.ts';
import type { TaskRow } from '../tasks/own-task.ts';
import { auditMoney } from './money.ts';

/** Most live attempts per slot: the running one and one in reserve. */
const ATTEMPTS_PER_SLOT = 2;

/** Sentences, one a fault; empty for a healthy database. */
export async function audit(db: Db): Promise<string[]> {
  const faults: string[] = [];
  const tasks = await db.selectFrom('tasks').selectAll().where('deleted_at', 'is', null).execute();
  for (const task of tasks.filter(({ submitted_at }) => submitted_at !== null))
    faults.push(...(await auditTask(db, task)));
  faults.push(...(await auditAttempts(db)), ...(await auditTrees(db)), ...(await auditMoney(db)));
  return faults;
}

async function auditTask(db: Db, task: TaskRow): Promise<string[]> {
  const faults: string[] = [];
  const segments = await segmentsOf(db, task.id);
  let unfinished = 0;
  for (const segment of segments) {
    const rows = await touchedRows(db, segment);
    faults.push(...(await auditCounts(db, segment, rows)));
    for (const row of rows) faults.push(...(await auditFrame(db, task, segment, row)));
    const counts = fullCounts(segment);
    unfinished += counts.waiting + counts.started;
  }
  if (isParent(task)) return [...faults, ...(await auditParent(db, task))];
  const live = PLANNED_STATUSES.includes(task.status);
  if (live && unfinished === 0)
    faults.push(`task ${task.id} has status ${task.status}, but nothing is left to do`);
  if (!live && task.status !== 40 && unfinished > 0) {
    faults.push(`task ${task.id} has status ${task.status}, but ${unfinished} frames wait or run`);
  }
  return faults;
}

/** A parent has no frames, and says what follows from its children. */
async function auditParent(db: Db, task: TaskRow): Promise<string[]> {
  const faults: string[] = [];
  if ((await segmentsOf(db, task.id)).length > 0) faults.push(`parent ${task.id} has frames of its own`);
  const children = await childrenOf(db, task.id);
  if (children.some(({ account_id }) => account_id !== task.account_id))
    faults.push(`a child of task ${task.id} belongs to another account`);
  const due = parentStatus(task.status, children);
  if (due !== task.status)
    faults.push(`parent ${task.id} has status ${task.status}, its children say ${due}`);
  return faults;
}

async function touchedRows(db: Db, segment: SegmentRow): Promise<FrameRecord[]> {
  return db
    .selectFrom('frames')
    .selectAll()
    .where('id', '>=', segment.base)
    .where('id', '<', segment.base + segment.size)
    .where('epoch', '=', segment.epoch)
    .execute();
}

async function auditCounts(db: Db, segment: SegmentRow, rows: readonly FrameRecord[]): Promise<string[]> {
  const faults: string[] = [];
  const total = noCounts();
  const blocks = new Map<number, TouchedCounts>();
  for (const { id, status } of rows) {
    const block = Math.floor((id - segment.base) / BLOCK_SIZE);
    const counts = blocks.get(block) ?? noCounts();
    blocks.set(block, counts);
    counts[countColumn(status)] += 1;
    total[countColumn(status)] += 1;
  }
  const stored = await db
    .selectFrom('blocks')
    .selectAll()
    .where('segment_id', '=', segment.id)
    .where('epoch', '=', segment.epoch)
    .execute();
  for (const row of stored)
    compare(faults, `block ${row.block} of segment ${segment.id}`, row, blocks.get(row.block) ?? noCounts());
  for (const block of blocks.keys()) {
    if (!stored.some((row) => row.block === block))
      faults.push(`segment ${segment.id} has no block ${block}`);
  }
  compare(faults, `segment ${segment.id}`, segment, total);
  return faults;
}

function compare(faults: string[], what: string, stored: TouchedCounts, counted: TouchedCounts): void {
  for (const column of COUNT_COLUMNS) {
    if (stored[column] !== counted[column]) {
      faults.push(`${what} says ${stored[column]} ${column}, its rows are ${counted[column]}`);
    }
  }
}

async function auditFrame(db: Db, task: TaskRow, segment: SegmentRow, row: FrameRecord): Promise<string[]> {
  const faults: string[] = [];
  if (row.task_id !== task.id || row.segment_id !== segment.id)
    faults.push(`frame ${row.id} names another task`);
  if (row.attempt_id !== null) faults.push(...(await auditHold(db, segment, row, row.attempt_id)));
  else if (row.status === FRAME_STATUS.started) faults.push(`frame ${row.id} runs, but no attempt holds it`);
  if (row.status === FRAME_STATUS.done) faults.push(...(await auditResults(db, task, row)));
  return faults;
}

async function auditHold(
  db: Db,
  segment: SegmentRow,
  row: FrameRecord,
  attemptId: number,
): Promise<string[]> {
  const attempt = await db.selectFrom('attempts').selectAll().where('id', '=', attemptId).executeTakeFirst();
  const ordinal = row.id - segment.base;
  const right =
    attempt &&
    attempt.state !== 'ended' &&
    attempt.segment_id === segment.id &&
    attempt.first_ordinal <= ordinal &&
    ordinal <= attempt.last_ordinal;
  const open = row.status === FRAME_STATUS.waiting || row.status === FRAME_STATUS.started;
  return right && open ? [] : [`frame ${row.id} with status ${row.status} is held by attempt ${attemptId}`];
}

async function auditResults(db: Db, task: TaskRow, row: FrameRecord): Promise<string[]> {
  const results = await db
    .selectFrom('results')
    .selectAll()
    .where('task_id', '=', task.id)
    .where('frame_id', '=', row.id)
    .execute();
  if (results.length === 0) return [`frame ${row.id} is done without results`];
  const faults: string[] = [];
  for (const result of results) {
    if (result.attempt_id !== row.result_attempt_id)
      faults.push(`frame ${row.id} shows results of another attempt`);
    if (result.kind === 'thumbnail') continue;
    const shown = await db
      .selectFrom('tree_entries')
      .select('path')
      .where('account_id', '=', task.account_id)
      .where('root', '=', 'output')
      .where('path', '=', `/${task.output_name}${result.path}`)
      .where('blob_id', '=', result.blob_id)
      .executeTakeFirst();
    if (!shown) faults.push(`the result ${result.path} of frame ${row.id} is not in the output tree`);
  }
  return faults;
}

async function auditAttempts(db: Db): Promise<string[]> {
  const faults: string[] = [];
  const live = await db
    .selectFrom('attempts')
    .innerJoin('tasks', 'tasks.id', 'attempts.task_id')
    .innerJoin('nodes', 'nodes.id', 'attempts.node_id')
    .innerJoin('segments', 'segments.id', 'attempts.segment_id')
    .select([
      'attempts.id',
      'attempts.node_id',
      'attempts.task_id',
      'nodes.facts',
      'tasks.status',
      'tasks.deleted_at',
      'segments.open',
    ])
    .where('attempts.state', '<>', ENDED)
    .execute();
  const load = new Map<string, number>();
  for (const attempt of live) {
    if (attempt.deleted_at !== null)
      faults.push(`attempt ${attempt.id} is live in the deleted task ${attempt.task_id}`);
    if (attempt.open === 0) faults.push(`attempt ${attempt.id} is live in a segment that is not open yet`);
    const count = (load.get(attempt.node_id) ?? 0) + 1;
    load.set(attempt.node_id, count);
    const { slots } = JSON.parse(attempt.facts ?? '{"slots":0}') as NodeFacts;
    if (count > slots * ATTEMPTS_PER_SLOT)
      faults.push(`node ${attempt.node_id} has ${count} attempts for ${slots} slots`);
  }
  return faults;
}

async function auditTrees(db: Db): Promise<string[]> {
  const doubled = await db
    .selectFrom('tree_entries')
    .select(['account_id', 'root', 'path'])
    .where('version_to', 'is', null)
    .groupBy(['account_id', 'root', 'path'])
    .having((eb) => eb.fn.countAll(), '>', 1)
    .execute();
  const ahead = await db
    .selectFrom('tree_entries')
    .innerJoin('trees', (join) =>
      join
        .onRef('trees.account_id', '=', 'tree_entries.account_id')
        .onRef('trees.root', '=', 'tree_entries.root'),
    )
    .select('tree_entries.path')
    .whereRef('tree_entries.version_from', '>', 'trees.version')
    .execute();
  return [
    ...doubled.map(({ path }) => `the path ${path} has two open rows`),
    ...ahead.map(({ path }) => `the path ${path} is of a version that does not exist yet`),
  ];
}
