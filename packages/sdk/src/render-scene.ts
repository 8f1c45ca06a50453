/**
 * A scene from disk to frames on disk: analyse → check → upload → submit → render → download, where download runs beside
 * render, frame by frame. Once the farm has answered, a restart of it is waited for. Interrupted after the task was
 * submitted, the task goes on; `fetchTask` follows it again.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type Clock,
  ENDED_TASK_STATUSES,
  FRAME_STATUS,
  type FramesCount,
  type TaskDetail,
} from '@croft/contract';
import { type AnalyseSceneOptions, analyseScene, type SceneAnalysis } from './analyse-scene.ts';
import { type CheckedTask, type CheckOptions, checkTask } from './check-task.ts';
import { Downloader, type DownloadTotals, type ExistingChoice } from './download-results.ts';
import type { OnEvent, Phase } from './events.ts';
import type { FarmSession } from './farm-session.ts';
import { Fetching } from './fetching.ts';
import { movementMeter } from './rate.ts';
import { writeTaskFiles } from './task-files.ts';
import { uploadTask } from './upload-task.ts';
import { watchTask } from './watch-task.ts';

export interface RenderSceneOptions extends AnalyseSceneOptions, CheckOptions {
  readonly onEvent?: OnEvent;
  readonly signal?: AbortSignal;
  /** Folder for the frames; null to leave them on the farm. */
  readonly outputFolder: string | null;
  /** What becomes of other files that lie where frames belong; default `overwrite`. */
  readonly existing?: ExistingChoice;
  /** Return after submit instead of waiting for the frames. */
  readonly detach?: boolean;
}

export interface RenderOutcome {
  readonly taskId: number;
  /** Renderbus task status at the end, or at submit where `detach` was asked for. */
  readonly status: number;
  readonly statusText: string;
  readonly frames: FramesCount;
  readonly failures: TaskDetail['failures'];
  readonly warnings: readonly string[];
  readonly downloaded: DownloadTotals | null;
  readonly folder: string | null;
  /** How long each phase took; download counts from the last frame on. */
  readonly phaseMs: Partial<Record<Phase, number>>;
}

/** Renders a scene on a farm. Throws what its phases throw; failed frames are an outcome, not an error. */
export async function renderScene(
  session: FarmSession,
  scenePath: string,
  options: RenderSceneOptions,
): Promise<RenderOutcome> {
  const phases = phaseTimer(session.clock, options.onEvent);
  const analysis = await phases.run('analyse', async () => {
    const found = await analyseScene(scenePath, options);
    options.onEvent?.(foundEvent(found));
    return found;
  });
  const submitted = await submitScene(session, analysis, options, phases);
  if (options.detach) {
    const detail = await session.native.task(submitted.taskId);
    return outcomeOf(detail, submitted.warnings, null, null, phases.elapsedMs);
  }
  return followTask(session.patiently(), submitted.taskId, options, phases, submitted.warnings);
}

/** Follows a task that is on the farm already until it rests, and fetches its frames. */
export function fetchTask(
  session: FarmSession,
  taskId: number,
  options: Pick<RenderSceneOptions, 'onEvent' | 'signal' | 'outputFolder' | 'existing'>,
): Promise<RenderOutcome> {
  return followTask(session.patiently(), taskId, options, phaseTimer(session.clock, options.onEvent), []);
}

/** Check, upload and submit of an analysed scene. */
async function submitScene(
  session: FarmSession,
  analysis: SceneAnalysis,
  options: RenderSceneOptions,
  phases: PhaseTimer,
): Promise<CheckedTask> {
  const { onEvent, signal } = options;
  const checked = await phases.run('check', async () => {
    const done = await checkTask(session.api, analysis.analysis, options);
    onEvent?.({ phase: 'check', state: 'created', taskId: done.taskId, warnings: done.warnings });
    return done;
  });
  const patient = session.patiently();
  const folder = await mkdtemp(path.join(tmpdir(), 'croft-task-'));
  try {
    await phases.run('upload', async () => {
      const written = await writeTaskFiles(folder, checked.files);
      const meter = movementMeter(session.clock);
      await uploadTask(patient.mover, checked.taskId, written, analysis.analysis.upload, {
        ...(signal ? { signal } : {}),
        onProgress: (progress) => onEvent?.({ phase: 'upload', state: 'moving', ...meter(progress) }),
      });
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  signal?.throwIfAborted();
  await phases.run('submit', () => patient.api.task.submit(checked.taskId));
  return checked;
}

async function followTask(
  session: FarmSession,
  taskId: number,
  options: Pick<RenderSceneOptions, 'onEvent' | 'signal' | 'outputFolder' | 'existing'>,
  phases: PhaseTimer,
  warnings: readonly string[],
): Promise<RenderOutcome> {
  const { onEvent, signal, outputFolder, existing } = options;
  const downloader =
    outputFolder === null
      ? null
      : new Downloader(session.native, session.mover, taskId, outputFolder, {
          clock: session.clock,
          ...(signal ? { signal } : {}),
          ...(onEvent ? { onEvent } : {}),
          ...(existing ? { existing } : {}),
        });
  const fetching = downloader ? new Fetching(downloader, session.clock) : null;
  try {
    await phases.run('render', async () => {
      const guess = timeLeftGuess(session.clock);
      let doneBefore = 0;
      for await (const news of watchTask(session.native, taskId, {
        clock: session.clock,
        ...(signal ? { signal } : {}),
      })) {
        if (news.kind === 'frame') {
          const { frame, status, percent } = news;
          onEvent?.({ phase: 'render', state: 'frame', frame, status, percent });
          if (status === FRAME_STATUS.done) fetching?.wake();
          continue;
        }
        const { frames } = news.task;
        const waitingFor = news.detail?.waitingFor ?? [];
        onEvent?.({ phase: 'render', state: 'frames', frames, msLeft: guess(frames), waitingFor });
        if (frames.done !== doneBefore) fetching?.wake();
        doneBefore = frames.done;
        fetching?.throwIfFailed();
      }
    });
    await phases.run('download', async () => fetching?.finish());
  } finally {
    await fetching?.settled();
  }
  const detail = await session.native.task(taskId);
  return outcomeOf(detail, warnings, downloader?.totals ?? null, outputFolder, phases.elapsedMs);
}

function outcomeOf(
  detail: TaskDetail,
  warnings: readonly string[],
  downloaded: DownloadTotals | null,
  folder: string | null,
  phaseMs: Partial<Record<Phase, number>>,
): RenderOutcome {
  const { id: taskId, status, statusText, frames, failures } = detail;
  return { taskId, status, statusText, frames, failures, warnings, downloaded, folder, phaseMs };
}

/** Whether all frames were rendered. */
export function isComplete(outcome: Pick<RenderOutcome, 'status' | 'frames'>): boolean {
  const ended = (ENDED_TASK_STATUSES as readonly number[]).includes(outcome.status);
  return ended && outcome.frames.done === outcome.frames.total;
}

function foundEvent({ app, analysis }: SceneAnalysis) {
  return {
    phase: 'analyse',
    state: 'found',
    app: app.name,
    files: analysis.assets.length,
    bytes: analysis.assets.reduce((sum, asset) => sum + asset.size, 0),
    missing: analysis.missing.length,
    notes: analysis.notes,
  } as const;
}

/** Time left from the pace since the first news; frames of one task cost about the same. */
function timeLeftGuess(clock: Clock): (frames: FramesCount) => number | null {
  let first: { atMs: number; done: number } | null = null;
  return (frames) => {
    first ??= { atMs: clock.now(), done: frames.done };
    const rendered = frames.done - first.done;
    const left = frames.waiting + frames.running;
    if (rendered <= 0) return null;
    return Math.round(((clock.now() - first.atMs) / rendered) * left);
  };
}

interface PhaseTimer {
  readonly elapsedMs: Partial<Record<Phase, number>>;
  run<T>(phase: Phase, work: () => Promise<T>): Promise<T>;
}

function phaseTimer(clock: Clock, onEvent: OnEvent | undefined): PhaseTimer {
  const elapsedMs: Partial<Record<Phase, number>> = {};
  return {
    elapsedMs,
    async run(phase, work) {
      const from = clock.now();
      onEvent?.({ phase, state: 'started' });
      const done = await work();
      elapsedMs[phase] = clock.now() - from;
      onEvent?.({ phase, state: 'done', elapsedMs: elapsedMs[phase] ?? 0 });
      return done;
    },
  };
}
