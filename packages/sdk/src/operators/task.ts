/** The life of tasks: create, configure, submit, stop, start, abandon, delete (compat-api 3.4). */

import { sdkErrors } from '../errors.ts';
import { listOf, numberOf, objectOf, textOf } from '../reading.ts';
import type { RenderbusClient } from '../renderbus-client.ts';

export interface CreateTaskOptions {
  /** How many ids to make, default 1. */
  readonly count?: number;
  /** Priority of the task among the user's own, 50 (default) or 60. */
  readonly taskUserLevel?: 50 | 60;
  readonly labels?: readonly string[];
  readonly artist?: string;
}

/** The four files of a task's configuration. */
export type TaskFileName = 'task.json' | 'asset.json' | 'upload.json' | 'tips.json';

export class TaskOperator {
  readonly #client: RenderbusClient;
  constructor(client: RenderbusClient) {
    this.#client = client;
  }

  /** Makes empty tasks and returns their ids. Never repeated after a lost answer: an id without files is collected. */
  async createTask(
    options: CreateTaskOptions = {},
  ): Promise<{ taskIds: number[]; aliases: string[]; userId: number }> {
    const body = {
      count: options.count ?? 1,
      taskUserLevel: options.taskUserLevel ?? 50,
      ...(options.labels?.length ? { labels: [...options.labels] } : {}),
      ...(options.artist ? { artist: options.artist } : {}),
    };
    const data = objectOf(
      await this.#client.call('/api/render/submit/createTask', body, { repeatable: false }),
      'created task',
    );
    const taskIds = listOf(data.taskIdList, 'taskIdList').map((id) => numberOf(id, 'task id'));
    if (taskIds.length !== body.count) throw sdkErrors.SDK_REPLY_INVALID('the farm made no task');
    return {
      taskIds,
      aliases: listOf(data.aliasTaskIdList, 'aliasTaskIdList').map((alias) => textOf(alias, 'task alias')),
      userId: numberOf(data.userId, 'userId'),
    };
  }

  /** Puts one of the four files in place through the API instead of the transfer. `content` is its JSON text. */
  async taskJsonFile(taskId: number, fileName: TaskFileName, content: string): Promise<void> {
    await this.#client.call('/api/render/submit/taskJsonFile', { taskId, fileName, content });
  }

  /** Hands a configured task over to the farm. Repeating it for a submitted task is harmless. */
  async submit(taskId: number, options: { producer?: string } = {}): Promise<void> {
    await this.#client.call('/api/render/submit/task', { taskId, ...options });
  }

  /** Stops tasks; what is done stays. `start` goes on with them. */
  async stop(taskIds: readonly number[]): Promise<void> {
    await this.#client.call('/api/rendering/task/renderingTask/stopTask', { taskIds: [...taskIds] });
  }

  async start(taskIds: readonly number[]): Promise<void> {
    await this.#client.call('/api/rendering/task/renderingTask/startTask', { taskIds: [...taskIds] });
  }

  /** Ends tasks for good; what is done stays. */
  async abandon(taskIds: readonly number[]): Promise<void> {
    await this.#client.call('/api/render/handle/abandonTask', { taskIds: [...taskIds] });
  }

  /** Removes tasks from the lists. */
  async delete(taskIds: readonly number[]): Promise<void> {
    await this.#client.call('/api/render/handle/deleteTask', { taskIds: [...taskIds] });
  }

  /** Sets the priority among the user's own tasks. */
  async updateUserLevel(taskId: number, taskUserLevel: number): Promise<void> {
    const path = '/api/rendering/task/renderingTask/updateTaskUserLevel';
    await this.#client.call(path, { taskId, taskUserLevel });
  }

  /** Stops tasks that have rendered for longer than `overTimeSec` seconds. */
  async setOverTimeStop(taskIds: readonly number[], overTimeSec: number): Promise<void> {
    const path = '/api/render/handle/setTaskOverTimeStop';
    await this.#client.call(path, { taskIds: [...taskIds], overTime: overTimeSec });
  }

  /** Goes on with tasks that wait after their test frames. */
  async fullSpeed(taskIds: readonly number[]): Promise<void> {
    await this.#client.call('/api/render/handle/fullSpeedRendering', { taskIds: [...taskIds] });
  }
}
