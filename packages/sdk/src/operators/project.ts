/** Projects: names that group tasks (compat-api 3.6). */

import { sdkErrors } from '../errors.ts';
import { listOf, numberOf, objectOf, textOf } from '../reading.ts';
import type { RenderbusClient } from '../renderbus-client.ts';

export interface Project {
  readonly projectId: number;
  readonly projectName: string;
}

/** Own projects and all others under the same main account. */
const EVERYTHING = 2;

export class ProjectOperator {
  readonly #client: RenderbusClient;
  constructor(client: RenderbusClient) {
    this.#client = client;
  }

  async list(): Promise<readonly Project[]> {
    const data = objectOf(
      await this.#client.call('/api/render/project/list', { flag: EVERYTHING }),
      'projects',
    );
    return listOf(data.projectNameList, 'projectNameList').map((item) => {
      const raw = objectOf(item, 'project');
      return {
        projectId: numberOf(raw.projectId, 'projectId'),
        projectName: textOf(raw.projectName, 'projectName'),
      };
    });
  }

  async add(newName: string): Promise<void> {
    await this.#client.call('/api/render/project/add', { newName, status: 0 });
  }

  async delete(delName: string): Promise<void> {
    await this.#client.call('/api/render/project/delete', { delName });
  }

  /** The id of the project of that name, which is made where there is none. */
  async ensure(name: string): Promise<number> {
    const found = async () => (await this.list()).find((project) => project.projectName === name)?.projectId;
    const known = await found();
    if (known !== undefined) return known;
    await this.add(name);
    const made = await found();
    if (made === undefined)
      throw sdkErrors.SDK_REPLY_INVALID(`the farm made no project ${JSON.stringify(name)}`);
    return made;
  }
}
