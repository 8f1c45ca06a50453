/** Configuration and results through the API itself (compat-api 3.3, 3.4, 3.5). */
import { TASK_FILE_NAMES, type TaskFileName } from '@croft/contract';
import { type Json, listOf, objectOf } from '../../reading.ts';
import type { Connect } from '../connect.ts';
import { anyText, oneOf, wholeNumber } from '../wire-values.ts';

export class TransmitOperator {
  readonly #connect: Connect;

  constructor(connect: Connect) {
    this.#connect = connect;
  }

  /** Puts one of the four files of a task in place; `content` is its JSON text. */
  uploadJsonContent(taskId: number, content: string, fileName: TaskFileName = 'task.json'): Promise<unknown> {
    return this.#connect.call('taskJsonFile', {
      taskId: wholeNumber(taskId, 'taskId'),
      fileName: oneOf(fileName, TASK_FILE_NAMES, 'fileName'),
      content: anyText(content, 'content'),
    });
  }

  /** Storage ids, transfer engines and their lines. */
  async getTransferConfig(): Promise<Json> {
    return objectOf(await this.#connect.call('getTransferConfig'), 'transfer config');
  }

  /**
   * What lies in a folder of the output root, or in a task's own output (of a layered task ask for its layers, see
   * `getSmallTaskId`). Generation 2.
   */
  async getOutputFiles({
    taskId,
    treePath = '/',
  }: {
    readonly taskId?: number;
    readonly treePath?: string;
  } = {}): Promise<Json[]> {
    const body =
      taskId === undefined
        ? { treePath: anyText(treePath, 'treePath') }
        : { treePath: '/', taskId: wholeNumber(taskId, 'taskId') };
    const files = listOf(await this.#connect.call('getOutputUserDirFile', body), 'output files');
    return files.map((one) => objectOf(one, 'output file'));
  }
}
