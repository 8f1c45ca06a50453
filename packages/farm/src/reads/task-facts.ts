/** Task rows → what doors show. */
import {
  type FramesCount,
  TASK_STATUS,
  type TaskDetail,
  type TaskSummary,
  taskStatusText,
} from '@croft/contract';
import { sql } from 'kysely';
import type { TaskInfoFacts } from '../farm-api.ts';
import type { SegmentRow } from '../state-machine/frames.ts';
import { totalCounts } from '../state-machine/task-status.ts';
import type { Db, TouchedCounts } from '../store/schema.ts';
import type { TaskRow } from '../tasks/own-task.ts';
import { breathe } from '../util/breathe.ts';
import { chunked } from '../util/chunked.ts';
import { failuresOf } from './failures.ts';

const IDS_PER_STATEMENT = 500;

export function framesCount(counts: TouchedCounts): FramesCount {
  const { waiting, started, aborted, done, error, timed_out } = counts;
  const failed = error + timed_out;
  return {
    total: waiting + started + aborted + done + failed,
    waiting,
    running: started,
    done,
    failed,
    stopped: aborted,
  };
}

/** Summaries of the tasks, in their order. */
export async function summariesOf(db: Db, tasks: readonly TaskRow[]): Promise<TaskSummary[]> {
  const segments = await segmentsByTask(db, tasks);
  const names = await accountNames(db, tasks);
  const thumbnails = await newestThumbnails(db, tasks);
  return tasks.map((task) => ({
    id: task.id,
    sceneName: task.scene_name,
    status: task.status,
    statusText: taskStatusText(task.status),
    app: task.app,
    frames: framesCount(totalCounts(segments.get(task.id) ?? [])),
    level: task.user_level,
    userName: names.get(task.account_id) ?? '',
    outputName: task.output_name,
    createdAt: task.created_at,
    submittedAt: task.submitted_at,
    startedAt: task.started_at,
    endedAt: task.ended_at,
    thumbnail: thumbnails.get(task.id) ?? null,
  }));
}

export async function detailOf(db: Db, task: TaskRow): Promise<TaskDetail> {
  const [summary] = await summariesOf(db, [task]);
  return withDetails(db, task, summary!);
}

async function withDetails(db: Db, task: TaskRow, summary: TaskSummary): Promise<TaskDetail> {
  // The saved reasons are those of the last pass without a booking; while a frame runs they are history.
  const waits =
    (task.status === TASK_STATUS.waiting || task.status === TASK_STATUS.rendering) &&
    summary.frames.running === 0;
  return {
    ...summary,
    framesRange: task.frames_range,
    projectName: task.project_name,
    appVersion: task.render_version ?? task.app_version,
    deletedAt: task.deleted_at,
    waitingFor: waits ? (JSON.parse(task.waiting_for) as string[]) : [],
    failures: summary.frames.failed === 0 ? [] : await failuresOf(db, task.id),
  };
}

export async function infosOf(db: Db, tasks: readonly TaskRow[]): Promise<TaskInfoFacts[]> {
  const infos: TaskInfoFacts[] = [];
  for (const some of chunked(tasks, IDS_PER_STATEMENT)) {
    const summaries = await summariesOf(db, some);
    for (const [index, task] of some.entries())
      infos.push(infoOf(task, await withDetails(db, task, summaries[index]!)));
  }
  return infos;
}

function infoOf(task: TaskRow, detail: TaskDetail): TaskInfoFacts {
  return {
    ...detail,
    accountId: task.account_id,
    cgId: task.cg_id,
    isDeleted: task.deleted_at !== null,
    labels: JSON.parse(task.labels) as string[],
    producer: task.producer,
    renderMs: task.render_ms,
    overTimeStopSec: task.over_time_stop_sec,
    parentId: 0,
  };
}

async function segmentsByTask(db: Db, tasks: readonly TaskRow[]): Promise<Map<number, SegmentRow[]>> {
  const byTask = new Map<number, SegmentRow[]>();
  for (const some of chunked(tasks, IDS_PER_STATEMENT)) {
    await breathe();
    const rows = await db
      .selectFrom('segments')
      .selectAll()
      .where('task_id', 'in', idsOf(some))
      .orderBy('position')
      .execute();
    for (const row of rows) {
      const segments = byTask.get(row.task_id);
      if (segments) segments.push(row);
      else byTask.set(row.task_id, [row]);
    }
  }
  return byTask;
}

async function accountNames(db: Db, tasks: readonly TaskRow[]): Promise<Map<number, string>> {
  const ids = [...new Set(tasks.map(({ account_id }) => account_id))];
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom('accounts').select(['id', 'name']).where('id', 'in', ids).execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}

async function newestThumbnails(db: Db, tasks: readonly TaskRow[]): Promise<Map<number, string>> {
  const byTask = new Map<number, string>();
  for (const some of chunked(tasks, IDS_PER_STATEMENT)) {
    await breathe();
    const rows = await db
      .selectFrom('tasks')
      .select('id')
      .select((eb) =>
        eb
          .selectFrom('results')
          .select('capability')
          .whereRef('results.task_id', '=', 'tasks.id')
          .where('kind', '=', sql.lit('thumbnail'))
          .orderBy('published_at', 'desc')
          .limit(1)
          .as('capability'),
      )
      .where('id', 'in', idsOf(some))
      .execute();
    for (const { id, capability } of rows) if (capability !== null) byTask.set(id, pictureUrl(capability));
  }
  return byTask;
}

export function pictureUrl(capability: string): string {
  return `/files/${capability}`;
}

function idsOf(tasks: readonly TaskRow[]): number[] {
  return tasks.map(({ id }) => id);
}
