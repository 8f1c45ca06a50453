/** Segments of a task's plan as rows. A segment is one row however many frames it has. */
import { FRAME_STATUS } from '@croft/contract';
import type { SegmentPlan } from '@croft/dcc';
import type { FarmTx } from '../news.ts';
import { takeNumbers } from '../store/sequences.ts';
import { segmentSize } from './read-submission.ts';

/** The frame ids of a segment are `base + ordinal`. `opens`: whether frames of the first may be booked at once. */
export async function expand(
  tx: FarmTx,
  taskId: number,
  segments: readonly SegmentPlan[],
  opens: boolean,
): Promise<void> {
  for (const [position, segment] of segments.entries()) {
    const size = segmentSize(segment);
    await tx.db
      .insertInto('segments')
      .values({
        id: await takeNumbers(tx.db, 'segment'),
        task_id: taskId,
        position,
        stage: segment.stage,
        frame_type: segment.frameType,
        runs: JSON.stringify(segment.runs),
        frames_per_unit: segment.framesPerUnit,
        tiles: segment.tiles,
        one_attempt: segment.oneAttempt ? 1 : 0,
        pause_after: segment.pauseAfter ? 1 : 0,
        base: await takeNumbers(tx.db, 'frame', size),
        size,
        epoch: 0,
        default_status: FRAME_STATUS.waiting,
        open: opens && position === 0 ? 1 : 0,
        waiting: 0,
        started: 0,
        aborted: 0,
        done: 0,
        error: 0,
        timed_out: 0,
        timed_frames: 0,
        timed_ms: 0,
      })
      .execute();
  }
}
