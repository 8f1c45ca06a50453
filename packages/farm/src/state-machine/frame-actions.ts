/** What users do with frames: restart and stop them, by id, by status, or all. Each call checks all it names first. */
import { FRAME_STATUS } from '@croft/contract';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import { ownTasks, type TaskRow } from '../tasks/own-task.ts';
import { breathe } from '../util/breathe.ts';
import {
  cancelAttempts,
  isNotAbandoned,
  isSubmitted,
  refuseUnrevivable,
  settleChanged,
  settleRevived,
} from './acting.ts';
import { type AttemptRow, heldFrames, liveAttempt, liveAttemptsOfTask, tellCancel } from './attempts.ts';
import { forgiven, restartSegment, stepSegment } from './bulk.ts';
import { isParent, tasksWithFrames } from './family.ts';
import { type FrameAt, frameAt, type SegmentRow, segmentOfFrame, segmentsOf, stepFrame } from './frames.ts';
import { siblingBefore } from './task-status.ts';
import { mayStep } from './transitions.ts';

const { waiting, started, aborted, done, error, timedOut } = FRAME_STATUS;
const FAILED: readonly number[] = [error, timedOut];
/** Statuses that the API names for frames that wait for something else; the store knows one kind of waiting. */
const ALSO_WAITING: readonly number[] = [6, 7, 8, 9, 10, 12];
/** Each costs some 0.2 ms of the only writer. */
const MOST_FRAME_IDS = 5000;
const FRAMES_PER_BREATH = 100;

/** Frames of the statuses (default: failed and timed out) wait again, with all their retries. */
export async function restartFailedFrames(
  tx: FarmTx,
  accountId: number,
  taskIds: readonly number[],
  statuses: readonly number[] = FAILED,
): Promise<void> {
  const named = await ownTasks(tx.db, accountId, taskIds);
  await refuseUnrevivable(tx, named);
  const tasks = (await tasksWithFrames(tx.db, named)).filter(isSubmitted).filter(isNotAbandoned);
  for (const task of tasks) await restartByStatus(tx, task, statuses);
}

/** One task or several; null: the frame ids alone say which. */
type NamedTasks = number | readonly number[] | null;

/** `frameIds` undefined: all frames of the tasks. */
export async function restartFrames(
  tx: FarmTx,
  accountId: number,
  tasks: NamedTasks,
  frameIds?: readonly number[],
  statuses?: readonly number[],
): Promise<void> {
  if (frameIds) {
    const frames = await namedFrames(tx, accountId, tasks, frameIds);
    await refuseUnrevivable(tx, frames.tasks);
    for await (const at of frames.load()) await restartFrame(tx, frames.ownerOf(at), at, statuses);
    for (const { id } of frames.tasks) await settleRevived(tx, id);
    return;
  }
  const named = await ownTasks(tx.db, accountId, requiredTasks(tasks));
  await refuseUnrevivable(tx, named);
  const rendering = (await tasksWithFrames(tx.db, named)).filter(isSubmitted).filter(isNotAbandoned);
  for (const task of rendering) {
    if (statuses) await restartByStatus(tx, task, statuses);
    else await restartAll(tx, task);
  }
  if (statuses) return;
  for (const { id } of named.filter(isParent))
    await tx.db.updateTable('tasks').set({ over_time_at: null }).where('id', '=', id).execute();
}

async function restartAll(tx: FarmTx, task: TaskRow): Promise<void> {
  await cancelAttempts(tx, task, 'stopped');
  const sibling = await siblingBefore(tx.db, task);
  const first = sibling === 'none' || sibling === 'done';
  for (const segment of await segmentsOf(tx.db, task.id))
    await restartSegment(tx, segment, first && segment.position === 0);
  await tx.db
    .updateTable('tasks')
    .set({ render_version: null, running_since: null, over_time_at: null })
    .where('id', '=', task.id)
    .execute();
  await settleRevived(tx, task.id);
}

async function restartByStatus(tx: FarmTx, task: TaskRow, statuses: readonly number[]): Promise<void> {
  if (statuses.includes(started)) await cancelAttempts(tx, task, 'stopped');
  for (const segment of await segmentsOf(tx.db, task.id)) {
    const wanted = [aborted, done, error, timedOut].filter((status) => statuses.includes(status));
    await stepSegment(tx, segment, 'restart', wanted);
  }
  await settleRevived(tx, task.id);
}

async function restartFrame(
  tx: FarmTx,
  accountId: number,
  at: FrameAt,
  statuses: readonly number[] | undefined,
): Promise<void> {
  if (!isWanted(at, statuses) || !mayStep(at.frame.status, 'restart')) return;
  await takeFromAttempt(tx, at);
  await stepFrame(tx, accountId, at, 'restart', {
    ...forgiven(),
    attempt_id: null,
    node_id: null,
    started_at: null,
    ended_at: null,
    percent: 0,
    restarts: at.frame.restarts + 1,
  });
}

/** Stops frames that wait or run; what has ended stays. Ids as for `restartFrames`. */
export async function stopFrames(
  tx: FarmTx,
  accountId: number,
  tasks: NamedTasks,
  frameIds?: readonly number[],
  statuses?: readonly number[],
): Promise<void> {
  if (frameIds) {
    const frames = await namedFrames(tx, accountId, tasks, frameIds);
    for await (const at of frames.load()) await stopFrame(tx, frames.ownerOf(at), at, statuses);
    for (const { id } of frames.tasks) await settleChanged(tx, id);
    return;
  }
  const named = await ownTasks(tx.db, accountId, requiredTasks(tasks));
  const stopped = wantedOf(statuses ?? [waiting, started]).filter(
    (status) => status === waiting || status === started,
  );
  if (stopped.length === 0) return;
  for (const task of (await tasksWithFrames(tx.db, named)).filter(isSubmitted))
    await stopFramesOf(tx, task, stopped);
}

async function stopFramesOf(tx: FarmTx, task: TaskRow, stopped: readonly number[]): Promise<void> {
  const accountId = task.account_id;
  // Attempts that end give their frames back, so what ran would wait: frames that run are stopped one by one.
  for (const at of stopped.includes(started) ? await runningFrames(tx, task) : [])
    await stopFrame(tx, accountId, at, undefined);
  if (stopped.includes(waiting)) {
    for (const attempt of await liveAttemptsOfTask(tx.db, task.id))
      await leaveOutWaiting(tx, accountId, attempt);
    for (const segment of await segmentsOf(tx.db, task.id)) await stepSegment(tx, segment, 'stop', [waiting]);
  }
  await settleChanged(tx, task.id);
}

async function runningFrames(tx: FarmTx, task: TaskRow): Promise<FrameAt[]> {
  const held: FrameAt[] = [];
  for (const attempt of await liveAttemptsOfTask(tx.db, task.id))
    held.push(...(await heldFrames(tx.db, attempt)));
  return held.filter(({ frame }) => frame.status === started);
}

/** Stops the frames that the attempt holds and has not started. */
async function leaveOutWaiting(tx: FarmTx, accountId: number, attempt: AttemptRow): Promise<void> {
  for (const at of await heldFrames(tx.db, attempt)) {
    if (at.frame.status === waiting) await stopFrame(tx, accountId, at, undefined);
  }
}

async function stopFrame(
  tx: FarmTx,
  accountId: number,
  at: FrameAt,
  statuses: readonly number[] | undefined,
): Promise<void> {
  if (!isWanted(at, statuses) || !mayStep(at.frame.status, 'stop')) return;
  await takeFromAttempt(tx, at);
  await stepFrame(tx, accountId, at, 'stop', { attempt_id: null, ended_at: tx.now });
}

/** Tells the attempt that holds the frame to leave it out. */
async function takeFromAttempt(tx: FarmTx, at: FrameAt): Promise<void> {
  if (at.frame.attempt_id === null) return;
  const attempt = await liveAttempt(tx.db, at.frame.attempt_id);
  if (attempt) tellCancel(tx, attempt.node_id, attempt.id, 'stopped', [at.frame.id]);
}

/** The frames named, with their tasks; every id is checked before any frame is changed. */
async function namedFrames(
  tx: FarmTx,
  accountId: number,
  named: NamedTasks,
  frameIds: readonly number[],
): Promise<{ tasks: TaskRow[]; ownerOf(at: FrameAt): number; load(): AsyncGenerator<FrameAt> }> {
  const family =
    named === null ? null : await tasksWithFrames(tx.db, await ownTasks(tx.db, accountId, [named].flat()));
  const familyIds = family && new Set(family.map(({ id }) => id));
  const places: { segment: SegmentRow; ordinal: number }[] = [];
  let segment: SegmentRow | null = null;
  for (const id of uniqueIds(frameIds)) {
    if (!segment || id < segment.base || id >= segment.base + segment.size)
      segment = await segmentOfFrame(tx.db, id);
    if (!segment || (familyIds !== null && !familyIds.has(segment.task_id))) {
      throw farmErrors.FARM_NOT_FOUND(`there is no frame with id ${id}`);
    }
    places.push({ segment, ordinal: id - segment.base });
  }
  const taskIds = places.map((place) => place.segment.task_id);
  const tasks = (await ownTasks(tx.db, accountId, taskIds)).filter(isSubmitted);
  const live = new Map(tasks.map(({ id, account_id }) => [id, account_id]));
  return {
    tasks,
    ownerOf: ({ segment: { task_id } }) => live.get(task_id)!,
    async *load() {
      for (const [index, place] of places.entries()) {
        if (index % FRAMES_PER_BREATH === FRAMES_PER_BREATH - 1) await breathe();
        if (live.has(place.segment.task_id)) yield await frameAt(tx.db, place.segment, place.ordinal);
      }
    },
  };
}

function requiredTasks(tasks: NamedTasks): number[] {
  if (tasks === null) throw farmErrors.FARM_INVALID('name a task, or frames by their ids');
  return [tasks].flat();
}

function wantedOf(statuses: readonly number[]): number[] {
  return statuses.map((status) => (ALSO_WAITING.includes(status) ? waiting : status));
}

function isWanted(at: FrameAt, statuses: readonly number[] | undefined): boolean {
  return !statuses || wantedOf(statuses).includes(at.frame.status);
}

function uniqueIds(ids: readonly number[]): number[] {
  if (ids.length > MOST_FRAME_IDS)
    throw farmErrors.FARM_INVALID(`at most ${MOST_FRAME_IDS} frames can be named at once`);
  return [...new Set(ids)];
}
