/** Reads and understands what a submit needs, before the transaction: the four files, the app, its plan. */
import { basename } from 'node:path/posix';
import { confinedPath, KiB, SECOND, TASK_INFO, type TaskFile, type UploadFile } from '@croft/contract';
import type { SegmentPlan, TaskPlan } from '@croft/dcc';
import { placeOfTask, softwareOfTask, type TaskPlace } from '../catalogue/task-place.ts';
import { farmErrors } from '../errors.ts';
import type { PlanningApp, SmallBlobs } from '../ports.ts';
import type { Db } from '../store/schema.ts';
import { LONGEST_TIME_SEC } from './limits.ts';
import { readTaskFile } from './task-files.ts';

const MOST_FRAMES = 100_000_000;
/** Frames of one attempt are rows of one commit and lines of one order. */
const MOST_FRAMES_IN_ONE_GO = 10_000;
const MOST_SEGMENTS = 1000;
/** Every order carries them, and nodes hand them to apps as one argument: Linux starts nothing with one of 128 KiB. */
const MOST_SETTINGS_BYTES = 64 * KiB;
/** Every list shows the children of each parent on it. */
const MOST_CHILDREN = 200;

export interface Submission {
  app: PlanningApp;
  plan: TaskPlan;
  sceneName: string;
  outputName: string;
  projectName: string;
  frameTimeoutMs: number;
  overTimeStopSec: number;
  /** After how long a task or frame is over time; 0: never; null: as the account's setting says. */
  reminderSec: number | null;
  ramGb: number | null;
  /** The task that task.json says it is a clone of; null for none. */
  cloneOriginalId: number | null;
  /** Platform, placement and environment: columns of the task. */
  place: TaskPlace;
  /** Tree paths of the input root that upload.json names, the scene first; no doubles. */
  inputPaths: string[];
}

export async function readSubmission(
  db: Db,
  blobs: SmallBlobs,
  apps: readonly PlanningApp[],
  accountId: number,
  taskId: number,
): Promise<Submission> {
  const asked = await readTaskFile(db, blobs, accountId, taskId, 'task.json');
  if (!asked) throw farmErrors.FARM_TASK_FILE_MISSING(`task ${taskId} has no task.json`);
  const uploadFile = await readTaskFile(db, blobs, accountId, taskId, 'upload.json');
  const info = asked.task_info;
  const app = appOf(apps, asked);
  const { taskFile, editName } = await softwareOfTask(db, accountId, app, asked);
  const plan = app.plan({ taskId, taskFile });
  checkPlan(plan);
  const tipCodes = async () =>
    Object.keys((await readTaskFile(db, blobs, accountId, taskId, 'tips.json')) ?? {});
  const work = { app, taskFile, version: plan.appVersion, tipCodes };
  const scenePath = confinedPath(plan.scenePath);
  const sceneName = basename(scenePath);
  return {
    app,
    plan: { ...plan, scenePath },
    sceneName,
    outputName: outputNameOf(taskId, sceneName),
    projectName: info.project_name.slice(0, 255),
    frameTimeoutMs: secondsOf(info.job_stop_time) * SECOND,
    overTimeStopSec: secondsOf(info.task_stop_time),
    reminderSec: info.time_out === TASK_INFO.time_out ? null : secondsOf(info.time_out),
    ramGb: wholeOf(info.ram.replace(/\s*GB$/i, '')),
    cloneOriginalId: wholeOf(info.clone_original_id ?? ''),
    place: { ...(await placeOfTask(db, { accountId, taskId }, work)), edit_name: editName },
    inputPaths: [...new Set([scenePath, ...uploadedPaths(uploadFile)])],
  };
}

function appOf(apps: readonly PlanningApp[], { task_info, software_config }: TaskFile): PlanningApp {
  const name = software_config.cg_name.toLowerCase();
  const app =
    apps.find(({ cgId }) => String(cgId) === task_info.cg_id) ??
    apps.find((candidate) => name !== '' && candidate.name.toLowerCase() === name);
  if (!app)
    throw farmErrors.FARM_APP_UNKNOWN(`the farm has no software "${name}" with cg_id "${task_info.cg_id}"`);
  return app;
}

function checkPlan(plan: TaskPlan): void {
  const wrong = (why: string) => farmErrors.FARM_TASK_FILE_INVALID(`the task cannot be planned: ${why}`);
  const children = plan.children ?? [];
  if (children.length > MOST_CHILDREN) throw wrong(`it has more than ${MOST_CHILDREN} layers`);
  if (children.length > 0 && plan.segments.length > 0) throw wrong('it has frames of its own, and children');
  for (const [index, { after }] of children.entries()) {
    if (after !== null && (after < 0 || after >= index)) throw wrong('a child comes after one behind it');
  }
  for (const { segments, settings } of children.length > 0 ? children : [plan]) {
    checkSegments(segments, wrong);
    if (Buffer.byteLength(JSON.stringify(settings)) > MOST_SETTINGS_BYTES)
      throw wrong(`its settings are more than ${MOST_SETTINGS_BYTES / KiB} KiB`);
  }
}

function checkSegments(segments: readonly SegmentPlan[], wrong: (why: string) => Error): void {
  if (segments.length === 0) throw wrong('it has no frames');
  if (segments.length > MOST_SEGMENTS) throw wrong(`it has more than ${MOST_SEGMENTS} parts`);
  for (const segment of segments) {
    const whole = (value: number) => Number.isSafeInteger(value) && value >= 1;
    if (!whole(segment.framesPerUnit) || !whole(segment.tiles)) throw wrong('a frame is cut into no pieces');
    if (segment.tiles > 1 && segment.framesPerUnit > 1)
      throw wrong('tiles and several frames a unit exclude each other');
    if (segment.oneAttempt && segmentSize(segment) > MOST_FRAMES_IN_ONE_GO) {
      throw wrong(`frames that must be rendered in one go are ${MOST_FRAMES_IN_ONE_GO} at most`);
    }
    if (segmentSize(segment) > MOST_FRAMES) throw wrong(`it has more than ${MOST_FRAMES} frames`);
  }
}

/** Frames of a segment. */
export function segmentSize(segment: SegmentPlan): number {
  const units = segment.runs.map(({ first, last, step }) =>
    Math.ceil((Math.floor((last - first) / step) + 1) / segment.framesPerUnit),
  );
  return units.reduce((sum, count) => sum + count, 0) * segment.tiles;
}

/** `<taskId>_<scene name without extension>`, without letters that the real SDK's shell would read as code. */
export function outputNameOf(taskId: number, sceneName: string): string {
  const dot = sceneName.lastIndexOf('.');
  const base = dot > 0 ? sceneName.slice(0, dot) : sceneName;
  return `${taskId}_${base.replace(/["$\\`%!<>:|?*&;'\u0000-\u001f]/g, '_').slice(0, 120)}`;
}

/** Server paths of upload.json's `scene` and `asset` lists. */
function uploadedPaths(file: UploadFile | null): string[] {
  return [...(file?.scene ?? []), ...(file?.asset ?? [])].map(({ server }) => confinedPath(server));
}

/** Seconds as text; what is no number of them means no limit, as 0 does. Part of a second is a limit: it counts as one. */
function secondsOf(text: string): number {
  const seconds = Number(text);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(Math.ceil(seconds), LONGEST_TIME_SEC) : 0;
}

/** A whole number above 0, else null. */
function wholeOf(text: string): number | null {
  const value = Number(text);
  return text !== '' && Number.isSafeInteger(value) && value > 0 ? value : null;
}
