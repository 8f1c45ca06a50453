/** The Renderbus API by subject: `api.task.createTask()`, `api.query.taskInfo([id])`, … */
import type { FarmConnection } from './connection.ts';
import { CatalogueOperator } from './operators/catalogue.ts';
import { ProjectOperator } from './operators/project.ts';
import { QueryOperator } from './operators/query.ts';
import { TaskOperator } from './operators/task.ts';
import { UserOperator } from './operators/user.ts';
import { type ClientOptions, RenderbusClient } from './renderbus-client.ts';

export interface RenderbusApi {
  readonly client: RenderbusClient;
  readonly user: UserOperator;
  readonly task: TaskOperator;
  readonly query: QueryOperator;
  readonly project: ProjectOperator;
  readonly catalogue: CatalogueOperator;
}

/** Builds all operators over one client. Nothing is sent before the first call. */
export function renderbusApi(connection: FarmConnection, options: ClientOptions = {}): RenderbusApi {
  return operatorsOf(new RenderbusClient(connection, options));
}

/** The operators over a client of the caller's. */
export function operatorsOf(client: RenderbusClient): RenderbusApi {
  return {
    client,
    user: new UserOperator(client),
    task: new TaskOperator(client),
    query: new QueryOperator(client),
    project: new ProjectOperator(client),
    catalogue: new CatalogueOperator(client),
  };
}
