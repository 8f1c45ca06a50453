/** The segments that a task shows: its own, or those of its children, who have the frames of a parent. */
import { sql } from 'kysely';
import { childrenOf, isParent } from '../state-machine/family.ts';
import { type SegmentRow, segmentsOf } from '../state-machine/frames.ts';
import type { Db } from '../store/schema.ts';
import type { TaskRow } from '../tasks/own-task.ts';
import { among } from '../util/among.ts';
import { breathe } from '../util/breathe.ts';
import { chunked } from '../util/chunked.ts';

const IDS_PER_STATEMENT = 500;

export async function shownSegments(db: Db, task: TaskRow): Promise<SegmentRow[]> {
  if (!isParent(task)) return segmentsOf(db, task.id);
  const children = await childrenOf(db, task.id);
  return (await Promise.all(children.map(({ id }) => segmentsOf(db, id)))).flat();
}

/** The same for many tasks, by task. */
export async function segmentsByTask(db: Db, tasks: readonly TaskRow[]): Promise<Map<number, SegmentRow[]>> {
  const byTask = new Map<number, SegmentRow[]>();
  for (const some of chunked(tasks, IDS_PER_STATEMENT)) {
    await breathe();
    const parentOf = await parentsByChild(db, some);
    const ids = [...some.map(({ id }) => id), ...parentOf.keys()];
    for (const few of chunked(ids, IDS_PER_STATEMENT)) {
      const rows = await db
        .selectFrom('segments')
        .selectAll()
        .where((eb) => among(eb, 'task_id', few))
        .orderBy('position')
        .execute();
      for (const row of rows) {
        for (const owner of [row.task_id, parentOf.get(row.task_id)]) {
          if (owner !== undefined) byTask.set(owner, [...(byTask.get(owner) ?? []), row]);
        }
      }
    }
  }
  return byTask;
}

async function parentsByChild(db: Db, tasks: readonly TaskRow[]): Promise<Map<number, number>> {
  const parents = tasks.filter(isParent).map(({ id }) => id);
  if (parents.length === 0) return new Map();
  const rows = await db
    .selectFrom('tasks')
    .select(['id', 'parent_id'])
    .where('parent_id', 'in', parents)
    .where(sql<boolean>`parent_id <> 0`)
    .where('deleted_at', 'is', null)
    .execute();
  return new Map(rows.map(({ id, parent_id }) => [id, parent_id]));
}
