/** Looking at tasks and frames, and rendering frames again (compat-api 3.5). */
import { type Json, listOf, numberOf, objectOf, textOf, textOrNull } from '../reading.ts';
import type { RenderbusClient } from '../renderbus-client.ts';

export interface TaskInfo {
  readonly id: number;
  readonly sceneName: string;
  readonly taskStatus: number;
  readonly statusText: string;
  /** Folder of the results below the output root; null until the farm knows it. */
  readonly outputFileName: string | null;
  readonly children: readonly TaskInfo[];
  /** All fields as the farm sent them. */
  readonly raw: Json;
}

export interface FrameInfo {
  readonly id: number;
  /** `1`, `0-1`, `2-4[1]`. */
  readonly frameIndex: string;
  /** See FRAME_STATUS of the contract. */
  readonly frameStatus: number;
  readonly raw: Json;
}

export interface ApiPage<Item> {
  readonly total: number;
  readonly items: readonly Item[];
}

export interface FrameTotals {
  readonly executing: number;
  readonly done: number;
  readonly failed: number;
  readonly waiting: number;
  readonly total: number;
}

export interface TaskListFilter {
  readonly pageNum?: number;
  readonly pageSize?: number;
  readonly statusList?: readonly number[];
  readonly searchKeyword?: string;
}

const FRAMES_A_PAGE = 100;

export class QueryOperator {
  readonly #client: RenderbusClient;
  constructor(client: RenderbusClient) {
    this.#client = client;
  }

  /** One page of the account's tasks, newest first. */
  async taskList(filter: TaskListFilter = {}): Promise<ApiPage<TaskInfo>> {
    const body = { pageNum: 1, pageSize: 100, ...filter };
    return pageOfTasks(await this.#client.call('/api/render/handle/getTaskList/v2', body));
  }

  /** The named tasks; unknown ids are left out. */
  async taskInfo(taskIds: readonly number[]): Promise<readonly TaskInfo[]> {
    const data = await this.#client.call('/api/render/handle/queryTaskInfo/v2', { taskIds: [...taskIds] });
    return pageOfTasks(data).items;
  }

  /** One page of a task's frames. */
  async taskFrames(taskId: number, pageNum = 1, pageSize = FRAMES_A_PAGE): Promise<ApiPage<FrameInfo>> {
    const body = { taskId, pageNum, pageSize };
    const page = objectOf(
      await this.#client.call('/api/render/handle/queryTaskFrames', body),
      'page of frames',
    );
    return {
      total: numberOf(page.total ?? 0, 'total'),
      items: listOf(page.items, 'frames').map((item) => {
        const raw = objectOf(item, 'frame');
        return {
          id: numberOf(raw.id, 'frame id'),
          frameIndex: textOf(raw.frameIndex, 'frameIndex'),
          frameStatus: numberOf(raw.frameStatus, 'frameStatus'),
          raw,
        };
      }),
    };
  }

  /** Every frame of a task, page by page. */
  async *allFrames(taskId: number): AsyncGenerator<FrameInfo> {
    for (let pageNum = 1; ; pageNum++) {
      const { items } = await this.taskFrames(taskId, pageNum);
      yield* items;
      if (items.length < FRAMES_A_PAGE) return;
    }
  }

  /** Frame counts over all tasks of the account. */
  async frameTotals(): Promise<FrameTotals> {
    const data = objectOf(await this.#client.call('/api/render/handle/queryAllFrameStats'), 'frame totals');
    return {
      executing: numberOf(data.executingFramesTotal ?? 0, 'executingFramesTotal'),
      done: numberOf(data.doneFramesTotal ?? 0, 'doneFramesTotal'),
      failed: numberOf(data.failedFramesTotal ?? 0, 'failedFramesTotal'),
      waiting: numberOf(data.waitingFramesTotal ?? 0, 'waitingFramesTotal'),
      total: numberOf(data.totalFrames ?? 0, 'totalFrames'),
    };
  }

  /** Renders the failed frames of tasks again, or those of the given frame statuses. */
  async restartFailedFrames(taskIds: readonly number[], statuses?: readonly number[]): Promise<void> {
    const body = { taskIds: [...taskIds], ...(statuses ? { status: [...statuses] } : {}) };
    await this.#client.call('/api/render/handle/recommitTasks', body);
  }

  /** Renders frames again: the named ones, or all of the task where none are named. */
  async restartFrames(taskId: number, frameIds?: readonly number[]): Promise<void> {
    const body = frameIds ? { taskId, ids: [...frameIds], selectAll: 0 } : { taskId, selectAll: 1 };
    await this.#client.call('/api/render/handle/recommitTaskFrames', body);
  }

  /** Stops frames: the named ones, or all of the task where none are named. */
  async stopFrames(taskId: number, frameIds?: readonly number[]): Promise<void> {
    const body = frameIds ? { taskId, ids: [...frameIds], selectAll: 0 } : { taskId, selectAll: 1 };
    await this.#client.call('/api/render/handle/stopTaskFrames', body);
  }

  /** What a code of tips.json means. Empty for a code the farm does not know. */
  async errorDetail(code: string): Promise<readonly ErrorDetail[]> {
    const body = { language: '1', code };
    const data = await this.#client.call('/api/render/submit/queryAnalyseErrorDetail', body);
    return listOf(data, 'error details').map((item) => {
      const raw = objectOf(item, 'error detail');
      return {
        code: textOf(raw.code, 'code'),
        isError: String(raw.type) === '1',
        description: textOrNull(raw.desDescriptionCn, 'description') ?? '',
        solution: textOrNull(raw.desSolutionCn, 'solution') ?? '',
      };
    });
  }
}

export interface ErrorDetail {
  readonly code: string;
  /** Whether it keeps the task from being submitted; else it is a warning. */
  readonly isError: boolean;
  readonly description: string;
  readonly solution: string;
}

function pageOfTasks(data: unknown): ApiPage<TaskInfo> {
  const page = objectOf(data, 'page of tasks');
  return { total: numberOf(page.total ?? 0, 'total'), items: listOf(page.items, 'tasks').map(taskInfoOf) };
}

function taskInfoOf(item: unknown): TaskInfo {
  const raw = objectOf(item, 'task');
  return {
    id: numberOf(raw.id, 'task id'),
    sceneName: textOrNull(raw.sceneName, 'sceneName') ?? '',
    taskStatus: numberOf(raw.taskStatus, 'taskStatus'),
    statusText: textOf(raw.statusText, 'statusText'),
    outputFileName: textOrNull(raw.outputFileName, 'outputFileName'),
    children: listOf(raw.respRenderingTaskList, 'child tasks').map(taskInfoOf),
    raw,
  };
}
