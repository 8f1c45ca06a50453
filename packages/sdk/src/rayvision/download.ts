/**
 * The documented download (seed 002 "RayvisionDownload", compat-sync 3.6): results of tasks, or paths of a storage, once or
 * again and again until the tasks end. Only published files come; a file appears whole and verified, or not at all; what
 * is here already is not fetched again.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, CroftError, coerceError, type Log, SECOND, systemClock } from '@croft/contract';
import { TransferClient } from '@croft/transfer';
import type { ExistingChoice } from '../download-results.ts';
import { sleep } from '../retry.ts';
import { signerOf } from '../transfer-mover.ts';
import { downloadPlace } from '../transmitter/keep-path.ts';
import { Lines } from '../transmitter/lines.ts';
import { receivePath } from '../transmitter/receive.ts';
import type { RayvisionAPI } from './api.ts';
import { type RayvisionEnvironment, rayvisionEnvironment } from './config.ts';
import { CLIENT_CODES, DownloadFailed, RayvisionError } from './exceptions.ts';
import { RayvisionManageTask } from './manage-task.ts';

/** Folder of the SDK in the user's home, where nothing else is said. */
const SDK_FOLDER = 'renderfarm_sdk';
const DEFAULT_SLEEP_SECONDS = 10;

export interface RayvisionDownloadOptions {
  /** Default: the log of the API. */
  readonly logger?: Log;
  readonly environment?: RayvisionEnvironment;
  readonly clock?: Clock;
  /** Ends whatever is under way. */
  readonly signal?: AbortSignal;
}

export interface DownloadHow {
  /** KB (1,000 bytes) a second, as a number or text; absent = no limit. */
  readonly maxSpeed?: number | string;
  /** Lines about files at level info; else at level debug. */
  readonly printLog?: boolean;
  /** `true`: below a folder of the results' own name, "task id and scene name"; `false`: straight into the folder. */
  readonly downloadFilenameFormat?: 'true' | 'false' | boolean;
  /** Made where it is not there. Default: `renderfarm_sdk` in the user's home. */
  readonly localPath?: string;
  /** What becomes of other files of the same name; default `overwrite`. */
  readonly existing?: ExistingChoice;
}

export interface DownloadWhat extends DownloadHow {
  readonly taskIdList?: readonly number[];
  /** Paths of the output storage; they win over tasks. */
  readonly serverPath?: string | readonly string[];
  /** `serverPath` is of the input storage: files that were uploaded. */
  readonly asset?: boolean;
}

export interface DownloadAgain extends DownloadHow {
  readonly taskIdList: readonly number[];
  /** Seconds between two looks; default 10. */
  readonly sleepTime?: number;
  /** A task whose test frames are done counts as ended. */
  readonly isTestStop?: boolean;
}

interface Pacing {
  readonly sleepTime: number | undefined;
  readonly isTestStop: boolean | undefined;
}

interface Target {
  readonly root: 'input' | 'output';
  readonly path: string;
  readonly ownerId: number | null;
  readonly frames: number | null;
}

export class RayvisionDownload {
  readonly manageTask: RayvisionManageTask;
  readonly #api: RayvisionAPI;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #home: string;

  constructor(api: RayvisionAPI, options: RayvisionDownloadOptions = {}) {
    this.#api = api;
    this.#log = options.logger ?? api.logger;
    this.#clock = options.clock ?? systemClock;
    this.#signal = options.signal ?? new AbortController().signal;
    this.#home = (options.environment ?? rayvisionEnvironment()).home;
    this.manageTask = new RayvisionManageTask(api.query);
  }

  /** Throws RayvisionError 601 where neither tasks nor paths are given, 600 where assets are wanted of no path. */
  static checkParams(
    taskIdList: readonly number[] | undefined,
    serverPath: string | readonly string[] | undefined,
    asset = false,
  ): void {
    const hasPath = serverPath !== undefined && serverPath.length > 0;
    if (asset && !hasPath)
      throw new RayvisionError(CLIENT_CODES.parameterInvalid, 'assets are named by serverPath');
    if (hasPath || (taskIdList !== undefined && taskIdList.length > 0)) return;
    throw new RayvisionError(CLIENT_CODES.parameterMissing, 'taskIdList or serverPath is needed');
  }

  /** Fetches what is there now. The first path that fails is thrown as DownloadFailed; the others are not tried. */
  async download({ taskIdList = [], serverPath, asset = false, ...how }: DownloadWhat): Promise<true> {
    RayvisionDownload.checkParams(taskIdList, serverPath, asset);
    const targets: Target[] = [];
    if (serverPath !== undefined && serverPath.length > 0) {
      const root = asset ? 'input' : 'output';
      for (const path of typeof serverPath === 'string' ? [serverPath] : serverPath)
        targets.push({ root, path, ownerId: null, frames: null });
    } else {
      for (const taskId of taskIdList) targets.push(...(await this.#targetsOf(taskId)));
    }
    return this.#fetch(targets, how);
  }

  /**
   * Fetches frames as they finish, until all tasks have ended: the last look at a task is always after its end was seen. What
   * is not there yet is no failure; at the end DownloadFailed names the tasks whose results could not be fetched.
   */
  async autoDownload({
    taskIdList,
    sleepTime,
    isTestStop,
    printLog = false,
    ...how
  }: DownloadAgain): Promise<true> {
    RayvisionDownload.checkParams(taskIdList, undefined);
    const failed: { taskId: number; why: Error }[] = [];
    await this.#untilEnded(taskIdList, { sleepTime, isTestStop }, async (taskId, hasEnded) => {
      try {
        await this.#fetch(await this.#targetsOf(taskId), { ...how, printLog });
      } catch (thrown) {
        if (!(thrown instanceof DownloadFailed)) throw thrown;
        if (hasEnded) failed.push({ taskId, why: thrown });
      }
    });
    if (failed.length === 0) return true;
    const taskIds = failed.map(({ taskId }) => taskId);
    throw new DownloadFailed(
      `results of ${taskIds.join(', ')} could not be fetched: ${failed[0]!.why.message}`,
      {
        taskIds,
        cause: failed[0]!.why,
      },
    );
  }

  /** Fetches each task once, when it has ended. A failure is thrown at once as DownloadFailed. */
  async autoDownloadAfterTaskCompleted({
    taskIdList,
    sleepTime,
    isTestStop,
    ...how
  }: DownloadAgain): Promise<true> {
    RayvisionDownload.checkParams(taskIdList, undefined);
    await this.#untilEnded(taskIdList, { sleepTime, isTestStop }, async (taskId, hasEnded) => {
      if (hasEnded) await this.#fetch(await this.#targetsOf(taskId), how);
    });
    return true;
  }

  async #untilEnded(
    taskIds: readonly number[],
    { sleepTime = DEFAULT_SLEEP_SECONDS, isTestStop = false }: Pacing,
    look: (taskId: number, hasEnded: boolean) => Promise<void>,
  ): Promise<void> {
    if (!(Number.isFinite(sleepTime) && sleepTime >= 0))
      throw new RayvisionError(CLIENT_CODES.parameterInvalid, 'sleepTime is a number of seconds');
    const waiting = new Set(taskIds);
    while (waiting.size > 0) {
      await sleep(this.#clock, sleepTime * SECOND, this.#signal);
      for (const taskId of [...waiting]) {
        const hasEnded = await this.manageTask.isTaskEnd(taskId, isTestStop);
        await look(taskId, hasEnded);
        if (hasEnded) waiting.delete(taskId);
      }
    }
  }

  async #targetsOf(taskId: number): Promise<Target[]> {
    const outputs = this.manageTask.outputFileNames(await this.manageTask.oneTask(taskId));
    return outputs.map(({ outputName, userId, totalFrames }) => ({
      root: 'output',
      path: outputName,
      ownerId: userId,
      frames: totalFrames || null,
    }));
  }

  async #fetch(targets: readonly Target[], how: DownloadHow): Promise<true> {
    const { printLog = true, existing = 'overwrite', downloadFilenameFormat = 'true' } = how;
    const limitKbps = speedOf(how.maxSpeed);
    const folder = how.localPath ?? join(this.#home, SDK_FOLDER);
    const keepsPath = String(downloadFilenameFormat) === 'true';
    const print = (line: string) => (printLog ? this.#log.info({}, line) : this.#log.debug({}, line));
    await mkdir(folder, { recursive: true });
    const { connection } = this.#api.connect;
    const authorise = signerOf(connection, this.#clock);
    const parts = { clock: this.#clock, log: this.#log };
    const client = new TransferClient({ baseUrl: connection.url, authorise, ...parts });
    try {
      for (const { root, path, ownerId, frames } of targets) {
        const lines = new Lines(print, this.#clock);
        const order = { client, root, lines, signal: this.#signal, limitKbps, existing, ownerId, frames };
        await receivePath(order, path, folder, (entry, prefix) =>
          downloadPlace(entry, prefix, keepsPath),
        ).catch((thrown: unknown) => {
          this.#signal.throwIfAborted();
          const cause = coerceError(thrown);
          if (!(cause instanceof CroftError)) throw cause;
          throw new DownloadFailed(`${path} could not be fetched: ${cause.message}`, { cause, taskIds: [] });
        });
      }
    } finally {
      await client.close();
    }
    return true;
  }
}

function speedOf(maxSpeed: number | string | undefined): number | null {
  if (maxSpeed === undefined || maxSpeed === '') return null;
  const speed = Number(maxSpeed);
  if (Number.isFinite(speed) && speed > 0) return speed;
  throw new RayvisionError(CLIENT_CODES.parameterInvalid, 'maxSpeed is a number of KB a second above 0');
}
