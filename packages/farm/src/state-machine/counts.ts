/**
 * Counts of touched frames, per block of 4,096 ordinals and per segment, changed in the transaction that changes the
 * frames. Rows of an older epoch than the segment's count nothing and are taken over by the first change after it.
 */
import { FRAME_STATUS } from '@croft/contract';
import { type RawBuilder, sql } from 'kysely';
import type { Db, TouchedCounts } from '../store/schema.ts';

export const BLOCK_SIZE = 4096;

export type CountColumn = keyof TouchedCounts;
export const COUNT_COLUMNS: readonly CountColumn[] = [
  'waiting',
  'started',
  'aborted',
  'done',
  'error',
  'timed_out',
];

const COLUMN_OF: Readonly<Record<number, CountColumn>> = {
  [FRAME_STATUS.waiting]: 'waiting',
  [FRAME_STATUS.started]: 'started',
  [FRAME_STATUS.aborted]: 'aborted',
  [FRAME_STATUS.done]: 'done',
  [FRAME_STATUS.error]: 'error',
  [FRAME_STATUS.timedOut]: 'timed_out',
};

/** The column that counts frames of `status`. */
export function countColumn(status: number): CountColumn {
  const column = COLUMN_OF[status];
  if (!column) throw new Error(`frames are never stored with status ${status}`);
  return column;
}

/** One frame's change; `from` null: it was untouched. */
export interface CountChange {
  readonly ordinal: number;
  readonly from: number | null;
  readonly to: number;
}

export function noCounts(): TouchedCounts {
  return { waiting: 0, started: 0, aborted: 0, done: 0, error: 0, timed_out: 0 };
}

/** How many frames have each status: the touched ones, and the untouched ones under the default. */
export function fullCounts(segment: TouchedCounts & { size: number; default_status: number }): TouchedCounts {
  const counts = { ...noCounts() };
  let touched = 0;
  for (const column of COUNT_COLUMNS) {
    counts[column] = segment[column];
    touched += segment[column];
  }
  counts[countColumn(segment.default_status)] += segment.size - touched;
  return counts;
}

export async function changeCounts(
  db: Db,
  segment: { id: number; epoch: number },
  changes: readonly CountChange[],
): Promise<void> {
  const total = noCounts();
  const blocks = new Map<number, TouchedCounts>();
  for (const { ordinal, from, to } of changes) {
    if (from === to) continue;
    const block = Math.floor(ordinal / BLOCK_SIZE);
    const counts = blocks.get(block) ?? noCounts();
    blocks.set(block, counts);
    for (const target of [counts, total]) {
      if (from !== null) target[countColumn(from)] -= 1;
      target[countColumn(to)] += 1;
    }
  }
  for (const [block, counts] of blocks) await addToBlock(db, segment, block, counts);
  if (blocks.size > 0) await addToSegment(db, segment.id, total);
}

async function addToBlock(
  db: Db,
  segment: { id: number; epoch: number },
  block: number,
  counts: TouchedCounts,
): Promise<void> {
  const sums = Object.fromEntries(
    COUNT_COLUMNS.map((column) => {
      const old = sql.ref(`blocks.${column}`);
      const added = sql.ref(`excluded.${column}`);
      return [
        column,
        sql<number>`case when blocks.epoch = excluded.epoch then ${old} + ${added} else ${added} end`,
      ];
    }),
  ) as Record<CountColumn, RawBuilder<number>>;
  await db
    .insertInto('blocks')
    .values({ segment_id: segment.id, block, epoch: segment.epoch, ...counts })
    .onConflict((conflict) =>
      conflict.columns(['segment_id', 'block']).doUpdateSet({ ...sums, epoch: segment.epoch }),
    )
    .execute();
}

async function addToSegment(db: Db, segmentId: number, counts: TouchedCounts): Promise<void> {
  const changed = COUNT_COLUMNS.filter((column) => counts[column] !== 0);
  if (changed.length === 0) return;
  await db
    .updateTable('segments')
    .set((eb) => Object.fromEntries(changed.map((column) => [column, eb(column, '+', counts[column])])))
    .where('id', '=', segmentId)
    .execute();
}
