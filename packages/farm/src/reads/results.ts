/**
 * Pages of results, in the order of frames and paths; those since a moment in the order in which they were published.
 * SQLite would count a million rows in one go, and whoever reads on the HTTP thread would hold up everybody: so they are
 * counted, and skipped, some thousand frames at a time.
 */
import type { Page, ResultRow } from '@croft/contract';
import type { Selectable } from 'kysely';
import { tasksWithFrames } from '../state-machine/family.ts';
import { type SegmentRow, segmentsOf } from '../state-machine/frames.ts';
import type { Db, ResultsTable } from '../store/schema.ts';
import type { TaskRow } from '../tasks/own-task.ts';
import { breathe } from '../util/breathe.ts';
import type { ResultChoice } from './filters.ts';
import { boundedPage } from './page.ts';

const FRAMES_PER_STEP = 32_768;

export async function resultsPage(
  db: Db,
  task: TaskRow,
  wantedPage: number,
  wantedSize: number,
  choice: ResultChoice,
): Promise<Page<ResultRow>> {
  const { page, size } = boundedPage(wantedPage, wantedSize);
  const skip = (page - 1) * size;
  const items: ResultRow[] = [];
  let total = 0;
  for (const step of await stepsOf(db, task, choice)) {
    const chosen = resultsBetween(db, step, choice);
    const { count } = await chosen
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    if (count === 0) continue;
    if (items.length < size && skip < total + count) {
      const ordered = choice.since === undefined ? chosen : chosen.orderBy('published_at');
      const rows = await ordered
        .selectAll()
        .orderBy('frame_id')
        .orderBy('path')
        .limit(size - items.length)
        .offset(Math.max(0, skip - total))
        .execute();
      items.push(...rows.map((row) => shown(row, step.prefix)));
    }
    total += count;
    await breathe();
  }
  return { total, page, size, items };
}

/** Frame ids from one to before another, of one task; without them all of its frames. */
interface Step {
  readonly taskId: number;
  readonly from?: number;
  readonly end?: number;
  /** What makes a path of a child one of its parent: the child's folder. */
  readonly prefix: string;
}

/** Ranges of frame ids that together hold what is chosen. A parent shows what its children made, each in its folder. */
async function stepsOf(db: Db, task: TaskRow, { frameId, since }: ResultChoice): Promise<Step[]> {
  const steps: Step[] = [];
  for (const { id, output_name } of await tasksWithFrames(db, [task])) {
    const of = { taskId: id, prefix: id === task.id ? '' : `/${output_name}` };
    if (frameId !== undefined) steps.push({ ...of, from: frameId, end: frameId + 1 });
    // The index over times finds the few new ones in one go.
    else if (since !== undefined) steps.push(of);
    else for (const segment of await segmentsOf(db, id)) steps.push(...stepsOfSegment(segment, of));
  }
  return steps;
}

function stepsOfSegment({ base, size }: SegmentRow, of: Pick<Step, 'taskId' | 'prefix'>): Step[] {
  const steps: Step[] = [];
  for (let from = base; from < base + size; from += FRAMES_PER_STEP) {
    steps.push({ ...of, from, end: Math.min(from + FRAMES_PER_STEP, base + size) });
  }
  return steps;
}

function resultsBetween(db: Db, { taskId, from, end }: Step, choice: ResultChoice) {
  let chosen = db.selectFrom('results').where('task_id', '=', taskId);
  if (from !== undefined) chosen = chosen.where('frame_id', '>=', from);
  if (end !== undefined) chosen = chosen.where('frame_id', '<', end);
  if (choice.since !== undefined) chosen = chosen.where('published_at', '>=', choice.since);
  return choice.thumbnails === false ? chosen.where('kind', '!=', 'thumbnail') : chosen;
}

function shown(row: Selectable<ResultsTable>, prefix: string): ResultRow {
  return {
    frameId: row.frame_id,
    frame: row.frame,
    path: `${prefix}${row.path}`,
    id: row.blob_id,
    size: row.size,
    format: row.format,
    kind: row.kind,
    layer: row.layer,
    camera: row.camera,
    width: row.width,
    height: row.height,
    publishedAt: row.published_at,
  };
}
