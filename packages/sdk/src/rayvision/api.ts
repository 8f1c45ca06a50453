/** The documented entrance (seed 002 "RayvisionAPI"): six operators over one signed connection. */
import { type Log, SECOND } from '@croft/contract';
import { objectOf } from '../reading.ts';
import type { Generation } from './api-paths.ts';
import { type CheckRequest, RayvisionCheck } from './check.ts';
import { type RayvisionEnvironment, rayvisionEnvironment } from './config.ts';
import { Connect, type ConnectTools } from './connect.ts';
import { PACKAGE_NAME } from './constants.ts';
import { CLIENT_CODES, RayvisionAPIError, RayvisionError, RayvisonTaskIdError } from './exceptions.ts';
import { initLogger, type LogLevel } from './logger.ts';
import { RenderEnvOperator } from './operators/env.ts';
import { RayvisionQueryOperator } from './operators/query.ts';
import { TagOperator } from './operators/tag.ts';
import { RayvisionTaskOperator } from './operators/task.ts';
import { TransmitOperator } from './operators/transmit.ts';
import { RayvisionUserOperator, type UserInfo } from './operators/user.ts';

export interface RayvisionAPIOptions {
  /** Default: RAYVISION_API_ACCESS_ID of the environment. */
  readonly accessId?: string;
  /** Default: RAYVISION_API_KEY of the environment. */
  readonly accessKey?: string;
  /** Host with port; default `task.renderbus.com`. */
  readonly domain?: string;
  /** Platform id; default `4`. */
  readonly platform?: string;
  /** Default `https`. */
  readonly protocol?: 'https' | 'http';
  /** Generation of the API's paths; default 2, the one of SDK 2.3 and later. */
  readonly generation?: Generation;
  /** Default: the documented log, see `initLogger`. */
  readonly logger?: Log;
  readonly logFolder?: string;
  readonly logName?: string;
  /** Default `DEBUG`. */
  readonly logLevel?: LogLevel;
  /** How long one answer may take, in seconds; default 60. */
  readonly timeout?: number;
  readonly environment?: RayvisionEnvironment;
  readonly tools?: ConnectTools;
}

export class RayvisionAPI {
  readonly connect: Connect;
  readonly user: RayvisionUserOperator;
  readonly task: RayvisionTaskOperator;
  readonly query: RayvisionQueryOperator;
  readonly tag: TagOperator;
  readonly env: RenderEnvOperator;
  readonly transmit: TransmitOperator;
  readonly logger: Log;

  /** Sends nothing; see `login`. Throws RayvisionError 601 where there is no access id or key. */
  constructor(options: RayvisionAPIOptions = {}) {
    const environment = options.environment ?? rayvisionEnvironment();
    const { timeout = 60, logFolder, logName, logLevel } = options;
    this.logger = options.logger ?? initLogger(PACKAGE_NAME, { logFolder, logName, logLevel, environment });
    this.connect = new Connect({
      accessId: needed(options.accessId || environment.accessId, 'accessId', 'RAYVISION_API_ACCESS_ID'),
      accessKey: needed(options.accessKey || environment.accessKey, 'accessKey', 'RAYVISION_API_KEY'),
      domain: options.domain ?? 'task.renderbus.com',
      platform: options.platform ?? '4',
      protocol: options.protocol ?? 'https',
      generation: options.generation ?? 2,
      logger: this.logger,
      timeoutMs: timeout * SECOND,
      ...(options.tools ? { tools: options.tools } : {}),
    });
    this.user = new RayvisionUserOperator(this.connect);
    this.task = new RayvisionTaskOperator(this.connect);
    this.query = new RayvisionQueryOperator(this.connect);
    this.tag = new TagOperator(this.connect);
    this.env = new RenderEnvOperator(this.connect);
    this.transmit = new TransmitOperator(this.connect);
  }

  /** The documented constructor, which logs in: profile, settings and storage ids, three calls. */
  static async login(options: RayvisionAPIOptions = {}): Promise<RayvisionAPI> {
    const api = new RayvisionAPI(options);
    await api.user.login();
    return api;
  }

  /** What the login brought: `userId`, `configBid`, `inputBid`, `outputBid`, settings, … */
  get userInfo(): UserInfo {
    return this.user.info;
  }

  /** Number of the account; throws RayvisionError 1000000 where the farm names none. */
  async getUserId(): Promise<number> {
    const { userId } = await this.user.queryUserProfile();
    if (typeof userId === 'number') return userId;
    throw new RayvisionError(CLIENT_CODES.general, 'the farm names no user number');
  }

  /**
   * The id of a project as text; the project is made where there is none of that name. RayvisionError 1000000 where the
   * farm says that it made one and then does not list it.
   */
  async checkAndAddProjectName(projectName: string): Promise<string> {
    const known = await this.#projectId(projectName);
    if (known !== undefined) return known;
    try {
      await this.tag.addLabel(projectName, 0);
    } catch (thrown) {
      // Another program, or our own try whose answer was lost, made it in the meantime.
      if (!(thrown instanceof RayvisionAPIError) || thrown.errorCode !== LABEL_EXISTS) throw thrown;
    }
    const made = await this.#projectId(projectName);
    if (made !== undefined) return made;
    throw new RayvisionError(CLIENT_CODES.general, `the farm made no project ${JSON.stringify(projectName)}`);
  }

  async #projectId(name: string): Promise<string | undefined> {
    const found = (await this.tag.allProjects()).find((project) => project.projectName === name);
    return found && String(found.projectId);
  }

  /** Hands a checked and uploaded task over to the farm. Throws RayvisonTaskIdError for an id that is no whole number. */
  async submit(taskId: number, producer?: string): Promise<true> {
    if (!Number.isSafeInteger(taskId)) throw new RayvisonTaskIdError('taskId must be a whole number');
    await this.task.submitTask(taskId, producer ? { producer } : {});
    return true;
  }

  /**
   * Check, configuration through the API, submit: for tasks whose assets are on the farm already. Gives the task's id.
   */
  async submitByData(
    taskJson: object | string,
    { producer, ...request }: Omit<CheckRequest, 'taskJson'> & { readonly producer?: string } = {},
  ): Promise<number> {
    const check = new RayvisionCheck(this);
    const taskId = await check.execute({ ...request, taskJson });
    await this.transmit.uploadJsonContent(taskId, JSON.stringify(objectOf(check.taskInfo, 'task.json')));
    await this.submit(taskId, producer);
    return taskId;
  }
}

/** API code: there is a project of that name already. */
const LABEL_EXISTS = 503;

function needed(value: string | undefined, name: string, variable: string): string {
  if (value) return value;
  throw new RayvisionError(CLIENT_CODES.parameterMissing, `${name} is needed, here or in ${variable}`);
}
