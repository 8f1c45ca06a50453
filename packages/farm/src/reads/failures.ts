/** The failures of a task, gathered by what failed. */
import { FRAME_STATUS } from '@croft/contract';
import { BLOCK_SIZE } from '../state-machine/counts.ts';
import type { SegmentRow } from '../state-machine/frames.ts';
import type { Db } from '../store/schema.ts';
import type { TaskRow } from '../tasks/own-task.ts';
import { shapeOf } from '../tasks/segment-shape.ts';
import { breathe } from '../util/breathe.ts';
import { shownSegments } from './shown-segments.ts';

/** Different failures told; a task with more has one cause anyway. */
const MOST_FAILURES = 20;
/** Blocks with failures that are looked into, so that a million failed frames cost no more than 65,000. */
const MOST_BLOCKS = 16;

interface Failure {
  frame: string;
  code: string;
  reason: string;
  count: number;
}

/** For each code and reason: how many frames (at least: see `MOST_BLOCKS`), and the first of them. */
export async function failuresOf(db: Db, task: TaskRow): Promise<Failure[]> {
  const failures = new Map<string, Failure>();
  let left = MOST_BLOCKS;
  for (const segment of await shownSegments(db, task)) {
    if (segment.error + segment.timed_out === 0) continue;
    for (const block of await failedBlocks(db, segment, left)) {
      left -= 1;
      await addFailures(db, segment, block, failures);
      await breathe();
    }
  }
  return [...failures.values()];
}

async function failedBlocks(db: Db, segment: SegmentRow, most: number): Promise<number[]> {
  const rows = await db
    .selectFrom('blocks')
    .select('block')
    .where('segment_id', '=', segment.id)
    .where('epoch', '=', segment.epoch)
    .where((eb) => eb.or([eb('error', '>', 0), eb('timed_out', '>', 0)]))
    .orderBy('block')
    .limit(most)
    .execute();
  return rows.map(({ block }) => block);
}

async function addFailures(
  db: Db,
  segment: SegmentRow,
  block: number,
  failures: Map<string, Failure>,
): Promise<void> {
  const first = segment.base + block * BLOCK_SIZE;
  const rows = await db
    .selectFrom('frames')
    .select(['failure_code', 'failure_reason'])
    .select((eb) => [eb.fn.min('id').as('first'), eb.fn.countAll<number>().as('count')])
    .where('id', '>=', first)
    .where('id', '<', Math.min(first + BLOCK_SIZE, segment.base + segment.size))
    .where('epoch', '=', segment.epoch)
    .where('status', 'in', [FRAME_STATUS.error, FRAME_STATUS.timedOut])
    .groupBy(['failure_code', 'failure_reason'])
    .orderBy('first')
    .limit(MOST_FAILURES)
    .execute();
  const shape = shapeOf(segment);
  for (const { failure_code, failure_reason, first, count } of rows) {
    const [code, reason] = [failure_code ?? '', failure_reason ?? ''];
    const known = failures.get(`${code} ${reason}`);
    if (known) known.count += count;
    else if (failures.size < MOST_FAILURES) {
      failures.set(`${code} ${reason}`, { frame: shape.labelAt(first - segment.base), code, reason, count });
    }
  }
}
