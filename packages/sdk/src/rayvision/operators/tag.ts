/** Projects, which the API calls labels, and tags of tasks (seed 002 "Tag", compat-api 3.6, real-sdk). */
import { type Json, listOf, objectOf } from '../../reading.ts';
import type { Connect } from '../connect.ts';
import { anyText, neededText, oneOf, texts, wholeNumber, wholeNumbers } from '../wire-values.ts';

/** Whose projects: 0 own, 1 also the main account's, 2 all under the same main account. */
export type ProjectFlag = 0 | 1 | 2;

export class TagOperator {
  readonly #connect: Connect;

  constructor(connect: Connect) {
    this.#connect = connect;
  }

  /** Adds a project; `status` 0 on, 1 off. Repeating it is harmless: a farm takes the second as the first. */
  addLabel(newName: string, status: 0 | 1 = 1): Promise<unknown> {
    const body = { newName: neededText(newName, 'newName'), status: oneOf(status, [0, 1], 'status') };
    return this.#connect.call('addLabel', body);
  }

  deleteLabel(delName: string): Promise<unknown> {
    return this.#connect.call('deleteLabel', { delName: neededText(delName, 'delName') });
  }

  /** The account's own projects: `{projectNameList: [{projectId, projectName}]}`. */
  async getLabelList(): Promise<Json> {
    return objectOf(await this.#connect.call('getLabelList'), 'project list');
  }

  /** The same without the object around it. */
  async getProjectList(): Promise<Json[]> {
    return projectsOf(await this.getLabelList());
  }

  /** Projects by whose they are. Generation 2. */
  async getList(flag: ProjectFlag = 0): Promise<Json> {
    const body = { flag: oneOf(flag, [0, 1, 2], 'flag') };
    return objectOf(await this.#connect.call('listProjects', body), 'project list');
  }

  /** Every project that a task of this account may be filed under, in either generation. */
  async allProjects(): Promise<Json[]> {
    return projectsOf(this.#connect.generation === 1 ? await this.getLabelList() : await this.getList(2));
  }

  /** Puts a tag on tasks. */
  addTaskTag(tag: string, taskIds: readonly number[]): Promise<unknown> {
    const body = { label: neededText(tag, 'tag'), taskIds: wholeNumbers(taskIds, 'taskIds') };
    return this.#connect.call('addTaskLabel', body);
  }

  /** Takes tags off: by their ids alone (SDK 2.2.0), or by tasks and names, as the newest SDK does. */
  deleteTaskTag(tagIds: readonly number[]): Promise<unknown>;
  deleteTaskTag(
    taskIds: readonly number[],
    labelNames: readonly string[],
    tagIds?: readonly number[],
  ): Promise<unknown>;
  deleteTaskTag(
    ids: readonly number[],
    labelNames?: readonly string[],
    tagIds: readonly number[] = [],
  ): Promise<unknown> {
    const body =
      labelNames === undefined
        ? { labelIds: wholeNumbers(ids, 'tagIds') }
        : {
            taskIds: wholeNumbers(ids, 'taskIds'),
            labelNames: texts(labelNames, 'labelNames'),
            labelIds: tagIds.map((id) => wholeNumber(id, 'tagIds')),
          };
    return this.#connect.call('deleteTaskLabel', body);
  }
}

function projectsOf(list: Json): Json[] {
  return listOf(list.projectNameList, 'projectNameList').map((one) => {
    const project = objectOf(one, 'project');
    anyText(project.projectName, 'projectName');
    return project;
  });
}
