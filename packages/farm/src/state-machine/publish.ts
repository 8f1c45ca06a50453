/**
 * Publishing: result rows and the paths of the output tree switch in the transaction that makes the frame done. A
 * thumbnail is a result too, but never a path of the tree: users download what their scene made.
 *
 * One path, two frames: a picture belongs to the frame that published it first, as long as that frame is done; another
 * frame of the task that brings the same path fails with FARM_RESULT_PATH_TAKEN, whichever attempt made them, so that
 * how frames were booked never decides what a user gets. For `data` (logs, caches) the last one wins. A frame that is
 * rendered again replaces all its own results.
 */
import { CroftError, confinedPath, FRAME_STATUS, type ResultFacts, type TreeEntry } from '@croft/contract';
import type { FarmTx } from '../news.ts';
import { randomSecret } from '../secrets.ts';
import type { Db } from '../store/schema.ts';
import type { TaskRow } from '../tasks/own-task.ts';
import { blobsNotReferred } from '../trees/blobs.ts';
import { switchPaths, treeOf } from '../trees/trees.ts';
import { chunked } from '../util/chunked.ts';
import { type FrameAt, segmentById } from './frames.ts';

const ROWS_PER_STATEMENT = 200;

/** Why results cannot be published; the completion is then a failure. */
export interface Refusal {
  readonly failure: 'node' | 'scene';
  readonly code: string;
  readonly reason: string;
}

export async function publishResults(
  tx: FarmTx,
  task: TaskRow,
  at: FrameAt,
  attemptId: number,
  results: readonly ResultFacts[],
): Promise<Refusal | null> {
  const byPath = new Map<string, ResultFacts>();
  for (const facts of results) {
    const path = treePathOf(task, facts.path);
    if (path instanceof CroftError) return { failure: 'node', code: path.code, reason: path.message };
    byPath.set(path, { ...facts, path });
  }
  const refusal =
    (await missingBytes(tx.db, task.account_id, byPath)) ??
    (await takenPath(tx.db, task.id, at.frame.id, byPath));
  if (refusal) return refusal;
  await tx.db
    .deleteFrom('results')
    .where('task_id', '=', task.id)
    .where('frame_id', '=', at.frame.id)
    .execute();
  for (const some of chunked([...byPath.values()], ROWS_PER_STATEMENT)) {
    await tx.db
      .insertInto('results')
      .values(some.map((facts) => resultRow(facts, task.id, at.frame.id, attemptId, tx.now)))
      .execute();
  }
  const entries = new Map<string, TreeEntry>();
  for (const { path, kind, id, size, mtimeMs } of byPath.values()) {
    if (kind === 'thumbnail') continue;
    const full = `/${task.output_name}${path}`;
    entries.set(full, { path: full, id, size, mtimeMs });
  }
  await switchPaths(tx, treeOf(task.account_id, 'output'), entries);
  return null;
}

/** The path as a tree path that also fits below the task's folder, or why it is none. */
function treePathOf(task: TaskRow, raw: string): string | CroftError {
  try {
    const path = confinedPath(raw);
    confinedPath(`/${task.output_name}${path}`);
    return path;
  } catch (thrown) {
    if (thrown instanceof CroftError) return thrown;
    throw thrown;
  }
}

async function missingBytes(
  db: Db,
  accountId: number,
  results: ReadonlyMap<string, ResultFacts>,
): Promise<Refusal | null> {
  const sizes = new Map([...results.values()].map(({ id, size }) => [id, size]));
  const missing = await blobsNotReferred(db, accountId, sizes);
  const first = [...results.values()].find(({ id }) => missing.has(id));
  if (!first) return null;
  const reason = `the node reported ${first.path} as done, but its bytes never arrived`;
  return { failure: 'node', code: 'FARM_BLOB_MISSING', reason };
}

async function takenPath(
  db: Db,
  taskId: number,
  frameId: number,
  results: ReadonlyMap<string, ResultFacts>,
): Promise<Refusal | null> {
  const pictures = [...results.values()].filter(({ kind }) => kind === 'main' || kind === 'element');
  for (const some of chunked(pictures, ROWS_PER_STATEMENT)) {
    const owners = await db
      .selectFrom('results')
      .innerJoin('frames', 'frames.id', 'results.frame_id')
      .select(['results.path', 'results.frame_id', 'frames.status', 'frames.epoch', 'frames.segment_id'])
      .where('results.task_id', '=', taskId)
      .where(
        'results.path',
        'in',
        some.map(({ path }) => path),
      )
      .where('results.frame_id', '<>', frameId)
      .where('results.kind', 'in', ['main', 'element'])
      .where('frames.status', '=', FRAME_STATUS.done)
      .execute();
    for (const owner of owners) {
      const segment = await segmentById(db, owner.segment_id);
      if (segment.epoch !== owner.epoch) continue;
      const reason = `this frame would overwrite ${owner.path}, which another frame of the task wrote`;
      return { failure: 'scene', code: 'FARM_RESULT_PATH_TAKEN', reason };
    }
  }
  return null;
}

function resultRow(facts: ResultFacts, taskId: number, frameId: number, attemptId: number, now: number) {
  return {
    task_id: taskId,
    frame_id: frameId,
    path: facts.path,
    attempt_id: attemptId,
    blob_id: facts.id,
    size: facts.size,
    mtime_ms: facts.mtimeMs,
    frame: facts.frame,
    format: facts.format,
    kind: facts.kind,
    layer: facts.layer,
    camera: facts.camera,
    width: facts.width,
    height: facts.height,
    of_path: facts.of,
    capability: facts.kind === 'thumbnail' ? randomSecret() : null,
    published_at: now,
  };
}
