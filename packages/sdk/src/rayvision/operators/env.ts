/** Render environments: an app, its version and plug-ins under a name (seed 002 "RenderEnv", compat-api 3.7). */
import { type Json, listOf, objectOf } from '../../reading.ts';
import type { Connect } from '../connect.ts';
import {
  anyText,
  neededText,
  oneOf,
  optional,
  wholeNumber,
  wholeNumbers,
  withoutEmpty,
} from '../wire-values.ts';
import { cgIdOf } from './query.ts';

export interface RenderEnvRequest {
  readonly cgId: number;
  readonly cgName: string;
  readonly cgVersion: string;
  /** The environment's name. */
  readonly editName: string;
  /** 0 Linux, 1 Windows. */
  readonly renderSystem: 0 | 1;
  readonly pluginIds: readonly number[];
  /** 0 render layer, 1 render setup. */
  readonly renderLayerType?: 0 | 1;
  readonly projectPath?: string;
}

export interface RenderEnvQuery {
  /** One app by name; generation 1 needs it. */
  readonly name?: string;
  /** Several apps. Generation 2. */
  readonly cgNames?: readonly string[];
  /** 0 Linux, 1 Windows (default). Generation 2. */
  readonly osName?: 0 | 1;
}

export class RenderEnvOperator {
  readonly #connect: Connect;

  constructor(connect: Connect) {
    this.#connect = connect;
  }

  /** Makes one; gives `{editName}`. Repeating it is harmless: it has its name as its key. */
  async addRenderEnv(data: RenderEnvRequest): Promise<Json> {
    return objectOf(await this.#connect.call('addRenderEnv', envBody(data)), 'render environment');
  }

  /** Changes the one of that `editName`. */
  updateRenderEnv(data: RenderEnvRequest): Promise<unknown> {
    return this.#connect.call('updateRenderEnv', envBody(data));
  }

  deleteRenderEnv(editName: string): Promise<unknown> {
    return this.#connect.call('deleteRenderEnv', { editName: neededText(editName, 'editName') });
  }

  setDefaultRenderEnv(editName: string): Promise<unknown> {
    return this.#connect.call('setDefaultRenderEnv', { editName: neededText(editName, 'editName') });
  }

  /** The environments of an app, of several, or all. */
  async getRenderEnv({ name, cgNames, osName = 1 }: RenderEnvQuery = {}): Promise<Json[]> {
    const cgId = name ? cgIdOf(name) : undefined;
    const body =
      this.#connect.generation === 1
        ? { cgId: wholeNumber(cgId, 'cgId') }
        : {
            ...withoutEmpty({ cgId, cgIds: cgNames?.map(cgIdOf) }),
            osName: oneOf(osName, [0, 1], 'osName'),
          };
    const found = listOf(await this.#connect.call('getRenderEnv', body), 'render environments');
    return found.map((one) => objectOf(one, 'render environment'));
  }
}

function envBody(data: RenderEnvRequest): Json {
  const { renderLayerType, projectPath } = data;
  return {
    cgId: wholeNumber(data.cgId, 'cgId'),
    cgName: neededText(data.cgName, 'cgName'),
    cgVersion: neededText(data.cgVersion, 'cgVersion'),
    // 0 is a value here, so this one is not left out when falsy.
    ...(renderLayerType === undefined
      ? {}
      : { renderLayerType: oneOf(renderLayerType, [0, 1], 'renderLayerType') }),
    editName: neededText(data.editName, 'editName'),
    renderSystem: oneOf(data.renderSystem, [0, 1], 'renderSystem'),
    pluginIds: wholeNumbers(data.pluginIds, 'pluginIds'),
    ...withoutEmpty({ projectPath: optional(projectPath, anyText, 'projectPath') }),
  };
}
