/** Task rows → what doors show. */
import { type FramesCount, type TaskDetail, type TaskSummary, taskStatusText } from '@croft/contract';
import { sql } from 'kysely';
import { declaredCatalogue } from '../catalogue/declared.ts';
import { taskPrefixOf } from '../catalogue/platform-list.ts';
import { moneyOfTasks, NO_TASK_MONEY } from '../money/shown-money.ts';
import { childrenOf, isParent } from '../state-machine/family.ts';
import { totalCounts } from '../state-machine/task-status.ts';
import type { Db, TouchedCounts } from '../store/schema.ts';
import { labelsOf, type TaskLabel } from '../tasks/labels.ts';
import type { TaskRow } from '../tasks/own-task.ts';
import { among } from '../util/among.ts';
import { breathe } from '../util/breathe.ts';
import { chunked } from '../util/chunked.ts';
import type { TaskInfoFacts } from './facts.ts';
import { failuresOf } from './failures.ts';
import { segmentsByTask } from './shown-segments.ts';
import { waitingReasons } from './waiting-reasons.ts';

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
    accountId: task.account_id,
    sceneName: task.scene_name,
    status: task.status,
    statusText: taskStatusText(task.status),
    app: task.app,
    frames: framesCount(totalCounts(segments.get(task.id) ?? [])),
    level: task.user_level,
    userName: names.get(task.account_id) ?? '',
    outputName: isParent(task) ? null : task.output_name,
    createdAt: task.created_at,
    submittedAt: task.submitted_at,
    startedAt: task.started_at,
    endedAt: task.ended_at,
    thumbnail: thumbnails.get(task.id) ?? null,
    parentId: task.parent_id,
  }));
}

export async function detailOf(db: Db, task: TaskRow): Promise<TaskDetail> {
  const [summary] = await summariesOf(db, [task]);
  return withDetails(db, task, summary!, await moreOf(db, [task]));
}

/** What is looked up for many tasks at once. */
interface More {
  readonly labels: ReadonlyMap<number, readonly TaskLabel[]>;
  /** By parent. */
  readonly children: ReadonlyMap<number, readonly TaskRow[]>;
}

async function moreOf(db: Db, tasks: readonly TaskRow[]): Promise<More> {
  const children = new Map<number, TaskRow[]>();
  for (const parent of tasks.filter(isParent)) children.set(parent.id, await childrenOf(db, parent.id));
  return { labels: await labelsOf(db, idsOf(tasks)), children };
}

async function withDetails(db: Db, task: TaskRow, summary: TaskSummary, more: More): Promise<TaskDetail> {
  const children = more.children.get(task.id) ?? [];
  return {
    ...summary,
    framesRange: task.frames_range,
    projectName: task.project_name,
    appVersion: task.render_version ?? task.app_version,
    deletedAt: task.deleted_at,
    waitingFor: await waitingReasons(db, task, summary.frames, children),
    failures: summary.frames.failed === 0 ? [] : await failuresOf(db, task),
    labels: [...(more.labels.get(task.id) ?? [])],
    nodeLimit: task.node_limit,
    overTimeStopSec: task.over_time_stop_sec,
    isOverTime: task.over_time_at !== null,
    clonedFrom: task.clone_parent_id,
    childIds: children.map(({ id }) => id),
    layerName: task.layer_name,
    taskType: task.task_type,
  };
}

export async function infosOf(db: Db, tasks: readonly TaskRow[]): Promise<TaskInfoFacts[]> {
  const infos: TaskInfoFacts[] = [];
  const declared = await declaredCatalogue(db);
  for (const some of chunked(tasks, IDS_PER_STATEMENT)) {
    const summaries = await summariesOf(db, some);
    const more = await moreOf(db, some);
    const money = await moneyOfTasks(db, idsOf(some));
    for (const [index, task] of some.entries()) {
      const detail = await withDetails(db, task, summaries[index]!, more);
      const children = more.children.get(task.id);
      const info = infoOf(task, detail, children ? await infosOf(db, children) : []);
      const taskPrefix = taskPrefixOf(declared, task.platform);
      infos.push({ ...info, taskPrefix, money: money.get(task.id) ?? NO_TASK_MONEY });
    }
  }
  return infos;
}

function infoOf(
  task: TaskRow,
  detail: TaskDetail,
  children: TaskInfoFacts[],
): Omit<TaskInfoFacts, 'money' | 'taskPrefix'> {
  return {
    ...detail,
    accountId: task.account_id,
    cgId: task.cg_id,
    isDeleted: task.deleted_at !== null,
    producer: task.producer,
    renderMs: task.render_ms + children.reduce((sum, { renderMs }) => sum + renderMs, 0),
    children,
    cloneOriginalId: task.clone_original_id,
    reminderSec: task.reminder_sec,
    renderCamera: task.render_camera,
    ramGb: task.ram_gb,
    usesMainCapital: task.input_account_id !== task.account_id,
  };
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
      .where((eb) => among(eb, 'id', idsOf(some)))
      .execute();
    for (const { id, capability } of rows) if (capability !== null) byTask.set(id, pictureUrl(capability));
  }
  for (const parent of tasks.filter(isParent)) {
    const ofChildren = [...(await newestThumbnails(db, await childrenOf(db, parent.id))).values()];
    if (ofChildren.length > 0) byTask.set(parent.id, ofChildren.at(-1)!);
  }
  return byTask;
}

export function pictureUrl(capability: string): string {
  return `/files/${capability}`;
}

function idsOf(tasks: readonly TaskRow[]): number[] {
  return tasks.map(({ id }) => id);
}
