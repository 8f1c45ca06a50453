/**
 * Pages of results, in the order of frames and paths. SQLite would count a million rows in one go, and whoever reads on
 * the HTTP thread would hold up everybody: so they are counted, and skipped, some thousand frames at a time.
 */
import type { Page, ResultRow } from '@croft/contract';
import type { Selectable } from 'kysely';
import type { ResultChoice } from '../farm-api.ts';
import { segmentsOf } from '../state-machine/frames.ts';
import type { Db, ResultsTable } from '../store/schema.ts';
import { breathe } from '../util/breathe.ts';
import { boundedPage } from './page.ts';

const FRAMES_PER_STEP = 32_768;

export async function resultsPage(
  db: Db,
  taskId: number,
  wantedPage: number,
  wantedSize: number,
  choice: ResultChoice,
): Promise<Page<ResultRow>> {
  const { page, size } = boundedPage(wantedPage, wantedSize);
  const skip = (page - 1) * size;
  const items: ResultRow[] = [];
  let total = 0;
  for (const [from, end] of await stepsOf(db, taskId, choice)) {
    const chosen = resultsBetween(db, taskId, from, end, choice);
    const { count } = await chosen
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    if (count === 0) continue;
    if (items.length < size && skip < total + count) {
      const rows = await chosen
        .selectAll()
        .orderBy('frame_id')
        .orderBy('path')
        .limit(size - items.length)
        .offset(Math.max(0, skip - total))
        .execute();
      items.push(...rows.map(shown));
    }
    total += count;
    await breathe();
  }
  return { total, page, size, items };
}

/** Ranges of frame ids, each from its first to before its end, that together hold what is chosen. */
async function stepsOf(db: Db, taskId: number, { frameId }: ResultChoice): Promise<[number, number][]> {
  if (frameId !== undefined) return [[frameId, frameId + 1]];
  const steps: [number, number][] = [];
  for (const { base, size } of await segmentsOf(db, taskId)) {
    for (let from = base; from < base + size; from += FRAMES_PER_STEP) {
      steps.push([from, Math.min(from + FRAMES_PER_STEP, base + size)]);
    }
  }
  return steps;
}

function resultsBetween(db: Db, taskId: number, from: number, end: number, choice: ResultChoice) {
  const chosen = db
    .selectFrom('results')
    .where('task_id', '=', taskId)
    .where('frame_id', '>=', from)
    .where('frame_id', '<', end);
  return choice.thumbnails === false ? chosen.where('kind', '!=', 'thumbnail') : chosen;
}

function shown(row: Selectable<ResultsTable>): ResultRow {
  return {
    frameId: row.frame_id,
    frame: row.frame,
    path: row.path,
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
