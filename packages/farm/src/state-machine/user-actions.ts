/** What users do with tasks and frames. Each call checks all it names before it changes anything. */
import { FRAME_STATUS, TASK_STATUS, type TaskStatus } from '@croft/contract';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import { loadBoardTask } from '../planner/load-board.ts';
import { ownTask, ownTasks, type TaskRow } from '../tasks/own-task.ts';
import { checkedLevel } from '../tasks/user-level.ts';
import {
  type AttemptRow,
  type CancelReason,
  endAttempt,
  heldFrames,
  liveAttempt,
  liveAttemptsOfTask,
  tellCancel,
} from './attempts.ts';
import { forgiven, restartSegment, stepSegment } from './bulk.ts';
import { type FrameAt, frameAt, type SegmentRow, segmentOfFrame, segmentsOf, stepFrame } from './frames.ts';
import { setStatus, settleTask } from './task-status.ts';
import { mayStep } from './transitions.ts';

const { waiting, started, aborted, done, error, timedOut } = FRAME_STATUS;
const FAILED: readonly number[] = [error, timedOut];
const STOPPABLE: readonly number[] = [TASK_STATUS.waiting, TASK_STATUS.rendering, TASK_STATUS.testDone];
/** Statuses that the API names for frames that wait for something else; the store knows one kind of waiting. */
const ALSO_WAITING: readonly number[] = [6, 7, 8, 9, 10, 12];
const MOST_FRAME_IDS = 100_000;

/** Stops what waits or runs. Tasks that ended or were never submitted stay as they are. */
export async function stopTasks(tx: FarmTx, accountId: number, taskIds: readonly number[]): Promise<void> {
  for (const task of await ownTasks(tx.db, accountId, taskIds)) {
    if (STOPPABLE.includes(task.status) && task.submitted_at !== null)
      await halt(tx, task, TASK_STATUS.stopped, 'stopped');
  }
}

/** Stops a task that took longer than its limit. */
export async function timeOutTask(tx: FarmTx, taskId: number): Promise<void> {
  const task = await tx.db.selectFrom('tasks').selectAll().where('id', '=', taskId).executeTakeFirstOrThrow();
  if (STOPPABLE.includes(task.status)) await halt(tx, task, TASK_STATUS.timedOut, 'stopped');
}

/** Goes on with stopped frames, and with a task that waits for its user after test frames. */
export async function startTasks(tx: FarmTx, accountId: number, taskIds: readonly number[]): Promise<void> {
  const tasks = await ownTasks(tx.db, accountId, taskIds);
  refuseAbandoned(tasks);
  for (const task of tasks.filter(isSubmitted)) {
    for (const segment of await segmentsOf(tx.db, task.id))
      await stepSegment(tx, segment, 'resume', [aborted]);
    await settleRevived(tx, task.id, true);
  }
}

/** Stops for good: an abandoned task cannot be started or restarted. */
export async function abandonTasks(tx: FarmTx, accountId: number, taskIds: readonly number[]): Promise<void> {
  for (const task of await ownTasks(tx.db, accountId, taskIds)) {
    if (task.status !== TASK_STATUS.abandoned) await halt(tx, task, TASK_STATUS.abandoned, 'abandoned');
  }
}

/** Takes tasks off the lists; their frames are dropped in the background, their results stay in the output tree. */
export async function deleteTasks(tx: FarmTx, accountId: number, taskIds: readonly number[]): Promise<void> {
  for (const task of await ownTasks(tx.db, accountId, taskIds)) {
    if (task.deleted_at !== null) continue;
    await cancelAttempts(tx, task, 'deleted');
    await tx.db
      .updateTable('tasks')
      .set({ deleted_at: tx.now, ended_at: task.ended_at ?? tx.now, waiting_for: '[]' })
      .where('id', '=', task.id)
      .execute();
    tx.tell({ kind: 'board', change: (board) => board.replaceTask(null, task.id) });
    tx.tell({ kind: 'task-deleted', taskId: task.id, accountId });
    tx.tell({ kind: 'log', fields: { task: task.id, account: accountId }, message: 'task deleted' });
  }
}

async function halt(tx: FarmTx, task: TaskRow, status: TaskStatus, reason: CancelReason): Promise<void> {
  await cancelAttempts(tx, task, reason);
  for (const segment of await segmentsOf(tx.db, task.id))
    await stepSegment(tx, segment, 'stop', [waiting, started]);
  await setStatus(tx, task, status, true);
}

async function cancelAttempts(tx: FarmTx, task: TaskRow, reason: CancelReason): Promise<void> {
  for (const attempt of await liveAttemptsOfTask(tx.db, task.id)) {
    tellCancel(tx, attempt.node_id, attempt.id, reason);
    await endAttempt(tx, task.account_id, attempt, reason);
  }
}

/** Frames of the statuses (default: failed and timed out) wait again, with all their retries. */
export async function restartFailedFrames(
  tx: FarmTx,
  accountId: number,
  taskIds: readonly number[],
  statuses: readonly number[] = FAILED,
): Promise<void> {
  const tasks = await ownTasks(tx.db, accountId, taskIds);
  refuseAbandoned(tasks);
  for (const task of tasks.filter(isSubmitted)) await restartByStatus(tx, task, statuses);
}

/** `taskId` null: the frame ids alone say which tasks. `frameIds` undefined: all frames of the task. */
export async function restartFrames(
  tx: FarmTx,
  accountId: number,
  taskId: number | null,
  frameIds?: readonly number[],
  statuses?: readonly number[],
): Promise<void> {
  if (frameIds) {
    const frames = await namedFrames(tx, accountId, taskId, frameIds);
    refuseAbandoned(frames.tasks);
    for (const at of await frames.load()) await restartFrame(tx, accountId, at, statuses);
    for (const { id } of frames.tasks) await settleRevived(tx, id);
    return;
  }
  const task = await ownTask(tx.db, accountId, requiredTask(taskId));
  refuseAbandoned([task]);
  if (!isSubmitted(task)) return;
  if (statuses) await restartByStatus(tx, task, statuses);
  else await restartAll(tx, task);
}

async function restartAll(tx: FarmTx, task: TaskRow): Promise<void> {
  await cancelAttempts(tx, task, 'stopped');
  for (const segment of await segmentsOf(tx.db, task.id)) await restartSegment(tx, segment);
  await tx.db.updateTable('tasks').set({ render_version: null }).where('id', '=', task.id).execute();
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
  taskId: number | null,
  frameIds?: readonly number[],
  statuses?: readonly number[],
): Promise<void> {
  if (frameIds) {
    const frames = await namedFrames(tx, accountId, taskId, frameIds);
    for (const at of await frames.load()) await stopFrame(tx, accountId, at, statuses);
    for (const { id } of frames.tasks) await settleChanged(tx, id);
    return;
  }
  const task = await ownTask(tx.db, accountId, requiredTask(taskId));
  const stopped = wantedOf(statuses ?? [waiting, started]).filter(
    (status) => status === waiting || status === started,
  );
  if (!isSubmitted(task) || stopped.length === 0) return;
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
  taskId: number | null,
  frameIds: readonly number[],
): Promise<{ tasks: TaskRow[]; load(): Promise<FrameAt[]> }> {
  if (taskId !== null) await ownTask(tx.db, accountId, taskId);
  const places: { segment: SegmentRow; ordinal: number }[] = [];
  let segment: SegmentRow | null = null;
  for (const id of uniqueIds(frameIds)) {
    if (!segment || id < segment.base || id >= segment.base + segment.size)
      segment = await segmentOfFrame(tx.db, id);
    if (!segment || (taskId !== null && segment.task_id !== taskId)) {
      throw farmErrors.FARM_NOT_FOUND(`there is no frame with id ${id}`);
    }
    places.push({ segment, ordinal: id - segment.base });
  }
  const taskIds = places.map((place) => place.segment.task_id);
  const tasks = (await ownTasks(tx.db, accountId, taskIds)).filter(isSubmitted);
  const live = new Set(tasks.map(({ id }) => id));
  return {
    tasks,
    async load() {
      const frames: FrameAt[] = [];
      for (const place of places) {
        if (live.has(place.segment.task_id)) frames.push(await frameAt(tx.db, place.segment, place.ordinal));
      }
      return frames;
    },
  };
}

function requiredTask(taskId: number | null): number {
  if (taskId === null) throw farmErrors.FARM_INVALID('name a task, or frames by their ids');
  return taskId;
}

function wantedOf(statuses: readonly number[]): number[] {
  return statuses.map((status) => (ALSO_WAITING.includes(status) ? waiting : status));
}

function isWanted(at: FrameAt, statuses: readonly number[] | undefined): boolean {
  return !statuses || wantedOf(statuses).includes(at.frame.status);
}

function isSubmitted(task: TaskRow): boolean {
  return task.submitted_at !== null && task.deleted_at === null;
}

function refuseAbandoned(tasks: readonly TaskRow[]): void {
  const abandoned = tasks.find(({ status }) => status === TASK_STATUS.abandoned);
  if (abandoned)
    throw farmErrors.FARM_TASK_STATE(`task ${abandoned.id} was abandoned and cannot be started again`);
}

function uniqueIds(ids: readonly number[]): number[] {
  if (ids.length > MOST_FRAME_IDS)
    throw farmErrors.FARM_INVALID(`at most ${MOST_FRAME_IDS} frames can be named at once`);
  return [...new Set(ids)];
}

async function settleRevived(tx: FarmTx, taskId: number, goOn = false): Promise<void> {
  await settleTask(tx, taskId, { revive: true, goOn });
  await reloadBoard(tx, taskId);
}

async function settleChanged(tx: FarmTx, taskId: number): Promise<void> {
  await settleTask(tx, taskId);
  await reloadBoard(tx, taskId);
}

async function reloadBoard(tx: FarmTx, taskId: number): Promise<void> {
  const board = await loadBoardTask(tx.db, taskId);
  tx.tell({ kind: 'board', change: (memory) => memory.replaceTask(board, taskId) });
}

/** A new priority, from the next pass of the planner on. */
export async function setUserLevel(
  tx: FarmTx,
  accountId: number,
  taskId: number,
  level: number,
): Promise<void> {
  const userLevel = checkedLevel(level);
  await ownTask(tx.db, accountId, taskId);
  await tx.db.updateTable('tasks').set({ user_level: userLevel }).where('id', '=', taskId).execute();
  tx.tell({ kind: 'task', taskId });
  tx.tell({
    kind: 'board',
    change: (board) => {
      const task = board.tasks.get(taskId);
      if (task) task.userLevel = userLevel;
    },
  });
}
