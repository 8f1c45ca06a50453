/** Looking at platforms, software, tasks and frames; rendering frames again (seed 002 "Query", compat-api 3.5, 3.7). */
import { dccOfName } from '@croft/contract';
import { type Json, listOf, numberOf, objectOf } from '../../reading.ts';
import type { Connect } from '../connect.ts';
import { CLIENT_CODES, RayvisionError } from '../exceptions.ts';
import {
  anyText,
  neededText,
  oneOf,
  optional,
  texts,
  wholeNumber,
  wholeNumbers,
  withoutEmpty,
} from '../wire-values.ts';
import type { ApiRecords, FrameChoice, Language, TaskListRequest } from './query-requests.ts';

const FRAMES_A_PAGE = 100;

export class RayvisionQueryOperator {
  readonly #connect: Connect;

  constructor(connect: Connect) {
    this.#connect = connect;
  }

  /** The platforms of the domain's zone. */
  async platforms(): Promise<Json[]> {
    return objectsOf(await this.#connect.call('queryPlatforms', { zone: this.#zone }), 'platforms');
  }

  /** What codes of tips mean. A list asks for many at once, in generation 2. */
  async errorDetail(code: string | readonly string[], language: Language = '0'): Promise<Json[]> {
    const asked =
      typeof code === 'string' ? { code: neededText(code, 'code') } : { codes: texts(code, 'codes') };
    if (code.length === 0) throw new RayvisionError(CLIENT_CODES.parameterMissing, 'codes are needed');
    const body = { language: oneOf(language, ['0', '1'], 'language'), ...asked };
    return objectsOf(await this.#connect.call('queryErrorDetail', body), 'error details');
  }

  /** The account's tasks, newest first. */
  async getTaskList(request: TaskListRequest = {}): Promise<ApiRecords> {
    const {
      pageNum = 1,
      pageSize = 100,
      statusList,
      searchKeyword,
      startTime,
      endTime,
      recycleFlag,
    } = request;
    const body = {
      pageNum: wholeNumber(pageNum, 'pageNum'),
      pageSize: wholeNumber(pageSize, 'pageSize'),
      ...withoutEmpty({
        statusList: optional(statusList, wholeNumbers, 'statusList'),
        searchKeyword: optional(searchKeyword, anyText, 'searchKeyword'),
        startTime: optional(startTime, anyText, 'startTime'),
        endTime: optional(endTime, anyText, 'endTime'),
        recycleFlag: optional(recycleFlag, wholeNumber, 'recycleFlag'),
      }),
    };
    return pageOf(await this.#connect.call('getTaskList', body), 'task list');
  }

  /** The named tasks with their children. */
  async taskInfo(taskIds: readonly number[]): Promise<ApiRecords> {
    const body = { taskIds: wholeNumbers(taskIds, 'taskIds') };
    return pageOf(await this.#connect.call('queryTaskInfo', body), 'task info');
  }

  /** Ids of a task's layers; its own where it has none. */
  async getSmallTaskId(taskId: number): Promise<number[]> {
    const [task] = (await this.taskInfo([taskId])).items;
    const layers = listOf(task?.respRenderingTaskList, 'child tasks').map((child) =>
      numberOf(objectOf(child, 'child task').id, 'task id'),
    );
    return layers.length > 0 ? layers : [taskId];
  }

  /** One page of a task's frames. */
  async taskFrames(
    taskId: number,
    request: { readonly pageNum?: number; readonly pageSize?: number; readonly searchKeyword?: string } = {},
  ): Promise<ApiRecords> {
    const { pageNum = 1, pageSize = FRAMES_A_PAGE, searchKeyword } = request;
    const body = {
      taskId: wholeNumber(taskId, 'taskId'),
      pageNum: wholeNumber(pageNum, 'pageNum'),
      pageSize: wholeNumber(pageSize, 'pageSize'),
      ...withoutEmpty({ searchKeyword: optional(searchKeyword, anyText, 'searchKeyword') }),
    };
    return pageOf(await this.#connect.call('queryTaskFrames', body), 'frames');
  }

  /** All frames of a task, page by page until a page is empty, each frame once: two of one name are two. */
  async getAllFrames(taskId: number, pageSize = FRAMES_A_PAGE): Promise<Json[]> {
    const frames: Json[] = [];
    for (let pageNum = 1; ; pageNum++) {
      const { items } = await this.taskFrames(taskId, { pageNum, pageSize });
      if (items.length === 0) return frames;
      frames.push(...items);
    }
  }

  /** Frame counts over all tasks of the account. */
  async allFrameStatus(): Promise<Json> {
    return objectOf(await this.#connect.call('queryAllFrameStats'), 'frame totals');
  }

  /** Renders the failed frames of tasks again, or those of the given frame statuses (generation 2). */
  restartFailedFrames(taskIds: readonly number[], status?: readonly number[]): Promise<unknown> {
    const body = {
      taskIds: wholeNumbers(taskIds, 'taskIds'),
      ...withoutEmpty({ status: optional(status, wholeNumbers, 'status') }),
    };
    // Twice could restart what failed again in between.
    return this.#connect.call('restartFailedFrames', body, { repeatable: false });
  }

  /** Renders frames of a task again. Not repeated once it may have arrived: frames would start over a second time. */
  restartFrame(taskId: number, choice: FrameChoice = {}): Promise<unknown> {
    const body =
      this.#connect.generation === 1 ? firstRestartBody(taskId, choice) : choiceBody(taskId, choice);
    return this.#connect.call('restartFrame', body, { repeatable: false });
  }

  /** Renders again the frames with these names (`frameIndex`); throws RayvisionError 600 where there is none. */
  async getCustomeFrames(taskId: number, frameIndexes: readonly string[]): Promise<unknown> {
    return this.restartFrame(taskId, { ids: await this.#idsOf(taskId, frameIndexes) });
  }

  /** Stops frames of a task. Generation 2. */
  stopFrame(taskId: number, choice: FrameChoice = {}): Promise<unknown> {
    return this.#connect.call('stopTaskFrames', choiceBody(taskId, choice));
  }

  /** Stops the frames with these names (`frameIndex`). Generation 2. */
  async frameNumberToStop(taskId: number, frameIndexes: readonly string[]): Promise<unknown> {
    return this.stopFrame(taskId, { ids: await this.#idsOf(taskId, frameIndexes) });
  }

  /** The apps of the farm. */
  async supportedSoftware(): Promise<Json> {
    return objectOf(await this.#connect.call('querySupportedSoftware'), 'software list');
  }

  /** Versions and plug-ins of an app, by its name in any spelling; `osName` defaults to this machine's. */
  async supportedPlugin(name: string, osName: 'windows' | 'linux' = machineOs()): Promise<Json> {
    const body = { cgId: cgIdOf(name), osName: oneOf(osName, ['windows', 'linux'], 'osName') };
    return objectOf(await this.#connect.call('querySupportedPlugin', body), 'software detail');
  }

  /** Where the raysync engine is. */
  async getTransferServerMsg(): Promise<Json> {
    return objectOf(
      await this.#connect.call('getTransferServerMsg', { zone: this.#zone }),
      'transfer server',
    );
  }

  async getRaysyncUserKey(): Promise<Json> {
    return objectOf(await this.#connect.call('getRaySyncUserKey'), 'raysync key');
  }

  /** Progress of a still image in blocks; `frameType` 2 photon, 5 main image. 3ds Max only. */
  async getTaskProcessingImg(taskId: number, frameType?: number): Promise<Json> {
    const body = {
      taskId: wholeNumber(taskId, 'taskId'),
      ...withoutEmpty({ frameType: optional(frameType, wholeNumber, 'frameType') }),
    };
    return objectOf(await this.#connect.call('loadTaskProcessImg', body), 'progress image');
  }

  /** Paths of a finished frame's thumbnails. */
  async getFrameThumbnall(frameId: number, frameStatus = 4): Promise<string[]> {
    const body = {
      id: wholeNumber(frameId, 'frameId'),
      frameStatus: wholeNumber(frameStatus, 'frameStatus'),
    };
    return texts(listOf(await this.#connect.call('loadingFrameThumbnail', body), 'thumbnails'), 'thumbnails');
  }

  /** A page of a frame's render log; pages are pieces of 16 KiB. Generation 2. */
  async getRenderLog(
    frameId: number | null = null,
    {
      renderingType = 'render',
      pageNum = 1,
      pageSize = 1,
    }: { readonly renderingType?: string; readonly pageNum?: number; readonly pageSize?: number } = {},
  ): Promise<Json> {
    const body = {
      renderingType: anyText(renderingType, 'renderingType'),
      pageNum: wholeNumber(pageNum, 'pageNum'),
      pageSize: wholeNumber(pageSize, 'pageSize'),
      id: frameId === null ? null : wholeNumber(frameId, 'frameId'),
    };
    return objectOf(await this.#connect.call('showLog', body), 'render log');
  }

  /** The nodes of the account's machine packages. Generation 2. */
  async getPackNodeInfo(): Promise<Json[]> {
    return objectsOf(await this.#connect.call('getUserPackNodeInfo'), 'package nodes');
  }

  /**
   * Changes a label of the user: `type` 0 only its status, 1 makes or renames it to `labelName`, 2 deletes `labelName`.
   * Generation 1 (SDK 2.1.0 to 2.2.0).
   */
  operaUserLabel(
    taskId: number,
    status: number,
    { labelName, type = 0 }: { readonly labelName?: string; readonly type?: 0 | 1 | 2 } = {},
  ): Promise<unknown> {
    const body = {
      taskId: wholeNumber(taskId, 'taskId'),
      status: wholeNumber(status, 'status'),
      type: oneOf(type, [0, 1, 2], 'type'),
      ...(type === 1 ? { newName: neededText(labelName, 'labelName') } : {}),
      ...(type === 2 ? { delName: neededText(labelName, 'labelName') } : {}),
    };
    return this.#connect.call('operateUserLabel', body);
  }

  /** 1 domestic, 2 elsewhere. */
  get #zone(): 1 | 2 {
    return this.#connect.isDomestic ? 1 : 2;
  }

  async #idsOf(taskId: number, frameIndexes: readonly string[]): Promise<number[]> {
    const wanted = new Set(texts(frameIndexes, 'frameIndexes'));
    const frames = (await this.getAllFrames(taskId)).filter((frame) => wanted.has(String(frame.frameIndex)));
    if (frames.length === 0) {
      const said = `task ${taskId} has no frame ${[...wanted].join(', ')}`;
      throw new RayvisionError(CLIENT_CODES.parameterInvalid, said);
    }
    return frames.map((frame) => numberOf(frame.id, 'frame id'));
  }
}

/** The number of an app by its name; throws RayvisionError 600 for an unknown one. */
export function cgIdOf(name: string): number {
  const facts = dccOfName(anyText(name, 'name'));
  if (facts) return facts.cgId;
  throw new RayvisionError(CLIENT_CODES.parameterInvalid, `there is no app called ${JSON.stringify(name)}`);
}

function machineOs(): 'windows' | 'linux' {
  return process.platform === 'win32' ? 'windows' : 'linux';
}

function choiceBody(taskId: number, { ids, status }: FrameChoice): Json {
  const task = { taskId: wholeNumber(taskId, 'taskId') };
  if (ids !== undefined) return { ...task, ids: idsOf(ids), selectAll: 0 };
  return { ...task, selectAll: 1, ...withoutEmpty({ status: optional(status, wholeNumbers, 'status') }) };
}

/** Generation 1 names the one task `taskIds` and always sends `ids`. */
function firstRestartBody(taskId: number, { ids }: FrameChoice): Json {
  const selectAll = ids === undefined ? 1 : 0;
  return { taskIds: wholeNumber(taskId, 'taskId'), selectAll, ids: ids === undefined ? [] : idsOf(ids) };
}

function idsOf(ids: readonly number[]): number[] {
  if (ids.length === 0) throw new RayvisionError(CLIENT_CODES.parameterMissing, 'ids of frames are needed');
  return wholeNumbers(ids, 'ids');
}

function objectsOf(data: unknown, what: string): Json[] {
  return listOf(data, what).map((one) => objectOf(one, what));
}

function pageOf(data: unknown, what: string): ApiRecords {
  const page = objectOf(data, what);
  return { ...page, items: objectsOf(page.items, what) };
}
