/** The documented look at tasks from the transfer's side: have they ended, and what are their results called. */
import { isSdkEndCode, survivableTaskStatus } from '@croft/contract';
import { type Json, listOf, numberOf, objectOf, textOf, textOrNull } from '../reading.ts';
import { TASK_STATUS_DESCRIPTION } from './constants.ts';
import { CLIENT_CODES, RayvisionError } from './exceptions.ts';
import type { RayvisionQueryOperator } from './operators/query.ts';
import type { Language } from './operators/query-requests.ts';

/** What matters of a task here. Numbers are text, as documented. */
export interface ManagedTask {
  readonly taskId: string;
  readonly taskStatusCode: string;
  readonly taskStatusText: string;
  /** In English. */
  readonly taskStatusDescription: string;
  /** '1': it has sub-tasks, and results of its own it has none. */
  readonly isOpener: string;
  /** Folder in the output storage; null before it exists. */
  readonly outputFileName: string | null;
  readonly subTaskStatus: readonly ManagedTask[];
  /** Whose output storage holds the results; null for the caller's own. */
  readonly userId: number | null;
  /** Id of that output storage; null for the caller's own. */
  readonly bid: string | null;
  readonly totalFrames: number;
}

export interface OutputName {
  readonly outputName: string;
  readonly userId: number | null;
  readonly bid: string | null;
  readonly totalFrames: number;
}

const OPEN = '1';

export class RayvisionManageTask {
  readonly #query: Pick<RayvisionQueryOperator, 'taskInfo'>;

  constructor(query: Pick<RayvisionQueryOperator, 'taskInfo'>) {
    this.#query = query;
  }

  async getTaskStatus(taskIdList: readonly number[]): Promise<ManagedTask[]> {
    const { items } = await this.#query.taskInfo(taskIdList);
    return this.taskInfoIterater(items);
  }

  /** Throws RayvisionError 1000000 for a status that no document names. */
  taskInfoIterater(taskInfoList: readonly Json[]): ManagedTask[] {
    return taskInfoList.map((item) => {
      const code = numberOf(item.taskStatus, 'taskStatus');
      const description = getTaskStatusDescription(code);
      const isOpener = String(item.isOpen ?? 0);
      const children = isOpener === OPEN ? listOf(item.respRenderingTaskList, 'sub-tasks') : [];
      return {
        taskId: textOf(item.id, 'task id'),
        taskStatusCode: String(code),
        taskStatusText: textOrNull(item.statusText, 'status text') ?? '',
        taskStatusDescription: description,
        isOpener,
        outputFileName: textOrNull(item.outputFileName, 'output name') || null,
        subTaskStatus: this.taskInfoIterater(children.map((child) => objectOf(child, 'sub-task'))),
        userId: item.userId ? numberOf(item.userId, 'userId') : null,
        bid: textOrNull(item.bid, 'bid') || null,
        totalFrames: item.totalFrames ? numberOf(item.totalFrames, 'totalFrames') : 0,
      };
    });
  }

  /** The codes of all tasks that render: a task with sub-tasks counts by these. */
  findTaskStatusCodes(taskStatusList: readonly ManagedTask[]): string[] {
    return leavesOf(taskStatusList).map(({ taskStatusCode }) => taskStatusCode);
  }

  /**
   * Whether nothing of the task will change any more; with `isTestStop` also where its test frames are done. Throws
   * RayvisionError 1000000 where the farm knows no such task: waiting for it would never end.
   */
  async isTaskEnd(taskId: number, isTestStop = false): Promise<boolean> {
    return this.hasEnded(await this.oneTask(taskId), isTestStop);
  }

  /** As `isTaskEnd`, of what is known already. */
  hasEnded(taskStatusList: readonly ManagedTask[], isTestStop = false): boolean {
    const codes = this.findTaskStatusCodes(taskStatusList);
    return (
      codes.length > 0 && codes.every((code) => isSdkEndCode(survivableTaskStatus(Number(code)), isTestStop))
    );
  }

  async oneTask(taskId: number): Promise<ManagedTask[]> {
    const tasks = await this.getTaskStatus([taskId]);
    if (tasks.length === 0)
      throw new RayvisionError(CLIENT_CODES.general, `the farm knows no task ${taskId}`);
    return tasks;
  }

  /** Folders of results, of the tasks that render and have one. */
  outputFileNames(taskStatusList: readonly ManagedTask[]): OutputName[] {
    return leavesOf(taskStatusList).flatMap(({ outputFileName, userId, bid, totalFrames }) =>
      outputFileName === null ? [] : [{ outputName: outputFileName, userId, bid, totalFrames }],
    );
  }
}

/** What a status means, in Chinese ("0") or English ("1", default). RayvisionError 1000000 for one that no document names. */
export function getTaskStatusDescription(taskStatusCode: number | string, language: Language = '1'): string {
  const texts = TASK_STATUS_DESCRIPTION[String(taskStatusCode)];
  if (texts !== undefined) return texts[language];
  throw new RayvisionError(CLIENT_CODES.general, `there is no task status ${taskStatusCode}`);
}

function leavesOf(tasks: readonly ManagedTask[]): ManagedTask[] {
  return tasks.flatMap((task) => (task.isOpener === OPEN ? leavesOf(task.subTaskStatus) : [task]));
}
