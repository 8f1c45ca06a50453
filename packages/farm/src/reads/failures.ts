/** The failures of a task, gathered by what failed. */
import { FRAME_STATUS } from '@croft/contract';
import { segmentsOf } from '../state-machine/frames.ts';
import type { Db } from '../store/schema.ts';
import { shapeOf } from '../tasks/segment-shape.ts';

/** Different failures told; a task with more has one cause anyway. */
const MOST_FAILURES = 20;

/** For each code and reason: how many frames, and the first of them. */
export async function failuresOf(
  db: Db,
  taskId: number,
): Promise<{ frame: string; code: string; reason: string; count: number }[]> {
  const failures: { frame: string; code: string; reason: string; count: number }[] = [];
  for (const segment of await segmentsOf(db, taskId)) {
    if (segment.error + segment.timed_out === 0) continue;
    const rows = await db
      .selectFrom('frames')
      .select(['failure_code', 'failure_reason'])
      .select((eb) => [eb.fn.min('id').as('first'), eb.fn.countAll<number>().as('count')])
      .where('id', '>=', segment.base)
      .where('id', '<', segment.base + segment.size)
      .where('epoch', '=', segment.epoch)
      .where('status', 'in', [FRAME_STATUS.error, FRAME_STATUS.timedOut])
      .groupBy(['failure_code', 'failure_reason'])
      .orderBy('first')
      .limit(MOST_FAILURES)
      .execute();
    const shape = shapeOf(segment);
    for (const { failure_code, failure_reason, first, count } of rows) {
      const frame = shape.labelAt(first - segment.base);
      failures.push({ frame, code: failure_code ?? '', reason: failure_reason ?? '', count });
    }
  }
  return failures.slice(0, MOST_FAILURES);
}
