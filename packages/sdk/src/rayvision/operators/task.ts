/** The life of tasks (seed 002 "Task", compat-api 3.4, real-sdk). */
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

export interface CreateTaskRequest {
  /** How many ids; default 1. */
  readonly count?: number;
  /** Priority among the user's own tasks, 50 (default) or 60. */
  readonly taskUserLevel?: number;
  /** The user of a third party that the task is for. */
  readonly outUserId?: number;
  readonly labels?: readonly string[];
  /** The task that this one is a copy of. Generation 2. */
  readonly cloneOriginalId?: number;
  /** Generation 2. */
  readonly artist?: string;
}

export interface CreatedTasks extends Readonly<Record<string, unknown>> {
  readonly taskIdList: readonly number[];
}

export interface SubmitTaskRequest {
  /** Who produced it. Generation 2. */
  readonly producer?: string;
  /**
   * Keeps the assets of this task (`TASK_ID_MODEL`, at most 15 days) or of this third party's user (`OUT_USER_MODEL`, 20
   * days without a new task) apart from all others. Generation 1.
   */
  readonly assetIsolationModel?: string;
  /** Needed for `OUT_USER_MODEL`. Generation 1. */
  readonly outUserId?: string;
}

const ISOLATION_MODELS = ['TASK_ID_MODEL', 'OUT_USER_MODEL'] as const;

export class RayvisionTaskOperator {
  readonly #connect: Connect;
  /** The id that the next submit is for; forgotten when the submit succeeded. */
  #pending: Promise<number> | null = null;

  constructor(connect: Connect) {
    this.#connect = connect;
  }

  /** Makes empty tasks. Not repeated once the request may have arrived: it would make more of them. */
  async createTask(request: CreateTaskRequest = {}): Promise<CreatedTasks> {
    const { count = 1, taskUserLevel = 50, outUserId, labels, cloneOriginalId, artist } = request;
    const body = {
      count: wholeNumber(count, 'count'),
      taskUserLevel: wholeNumber(taskUserLevel, 'taskUserLevel'),
      ...withoutEmpty({
        outUserId: optional(outUserId, wholeNumber, 'outUserId'),
        labels: optional(labels, texts, 'labels'),
        cloneOriginalId: optional(cloneOriginalId, wholeNumber, 'cloneOriginalId'),
        artist: optional(artist, anyText, 'artist'),
      }),
    };
    const data = objectOf(
      await this.#connect.call('createTask', body, { repeatable: false }),
      'created tasks',
    );
    const taskIdList = listOf(data.taskIdList, 'taskIdList').map((id) => numberOf(id, 'task id'));
    return { ...data, taskIdList };
  }

  /** The id of the task in the making: the same one until `submitTask` has succeeded, then a new one. */
  taskId(): Promise<number> {
    this.#pending ??= this.#newTaskId().catch((thrown) => {
      this.#pending = null;
      throw thrown;
    });
    return this.#pending;
  }

  async #newTaskId(): Promise<number> {
    const [first] = (await this.createTask()).taskIdList;
    if (first === undefined) throw new RayvisionError(CLIENT_CODES.general, 'the farm made no task');
    return first;
  }

  /**
   * Hands a configured task over to the farm; without an id the one of `taskId()`. Safe to repeat: a farm takes a second
   * submit of the same task as the first. Gives the id.
   */
  async submitTask(taskId?: number, request: SubmitTaskRequest = {}): Promise<number> {
    const id = taskId === undefined ? await this.taskId() : wholeNumber(taskId, 'taskId');
    await this.#connect.call('submitTask', { taskId: id, ...this.#submitOptions(request) });
    this.#pending = null;
    return id;
  }

  #submitOptions({ producer, assetIsolationModel, outUserId }: SubmitTaskRequest): Json {
    const isFirst = this.#connect.generation === 1;
    const foreign = isFirst ? { producer } : { assetIsolationModel, outUserId };
    const [name] = Object.keys(withoutEmpty(foreign));
    if (name !== undefined) {
      const said = `${name} is not in generation ${this.#connect.generation} of the API`;
      throw new RayvisionError(CLIENT_CODES.parameterInvalid, said);
    }
    const model = assetIsolationModel?.toUpperCase();
    if (model) oneOf(model, ISOLATION_MODELS, 'assetIsolationModel');
    if (model === 'OUT_USER_MODEL') neededText(outUserId, 'outUserId');
    return withoutEmpty({
      producer: optional(producer, anyText, 'producer'),
      assetIsolationModel: model,
      outUserId: optional(outUserId, anyText, 'outUserId'),
    });
  }

  /** Stops tasks; what is done stays, and `startTask` goes on. */
  stopTask(taskIds: readonly number[]): Promise<unknown> {
    return this.#connect.call('stopTask', idsBody(taskIds));
  }

  /** Goes on with stopped tasks. */
  startTask(taskIds: readonly number[]): Promise<unknown> {
    return this.#connect.call('startTask', idsBody(taskIds));
  }

  /** Gives tasks up for good; what is done stays. */
  abortTask(taskIds: readonly number[]): Promise<unknown> {
    return this.#connect.call('abortTask', idsBody(taskIds));
  }

  deleteTask(taskIds: readonly number[]): Promise<unknown> {
    return this.#connect.call('deleteTask', idsBody(taskIds));
  }

  /** Sets the priority among the user's own tasks. */
  updatePriority(taskId: number, priority: number): Promise<unknown> {
    return this.#connect.call('updateTaskUserLevel', {
      taskId: wholeNumber(taskId, 'taskId'),
      taskUserLevel: wholeNumber(priority, 'priority'),
    });
  }

  /** Stops tasks that have rendered for longer than `overTimeSec` whole seconds. */
  setTaskOvertimeTop(taskIds: readonly number[], overTimeSec: number): Promise<unknown> {
    return this.#connect.call('setOverTimeStop', {
      ...idsBody(taskIds),
      overTime: wholeNumber(overTimeSec, 'overTimeSec'),
    });
  }

  /** Goes on, at full speed, with tasks that wait after their test frames. */
  fullSpeed(taskIds: readonly number[]): Promise<unknown> {
    return this.#connect.call('fullSpeed', idsBody(taskIds));
  }

  /** Sets how many nodes a task may hold. Generation 2. */
  updateTaskLimit(taskId: number, taskLimit: number): Promise<unknown> {
    return this.#connect.call('updateTaskLimit', {
      taskId: wholeNumber(taskId, 'taskId'),
      taskLimit: wholeNumber(taskLimit, 'taskLimit'),
    });
  }

  /** Gives tasks other hardware: `gpuNum` as `2*GPU`, `ram` as `64GB`. Generation 2. */
  editTaskHardwareConfig(
    taskIds: readonly number[],
    hardwareConfigIds: readonly string[],
    model: string,
    gpuNum: string,
    ram: string,
  ): Promise<unknown> {
    return this.#connect.call('editTaskHardwareConfig', {
      ...idsBody(taskIds),
      hardwareConfigIds: texts(hardwareConfigIds, 'hardwareConfigIds'),
      model: anyText(model, 'model'),
      gpuNum: anyText(gpuNum, 'gpuNum'),
      ram: anyText(ram, 'ram'),
    });
  }
}

function idsBody(taskIds: readonly number[]): { taskIds: number[] } {
  return { taskIds: wholeNumbers(taskIds, 'taskIds') };
}
