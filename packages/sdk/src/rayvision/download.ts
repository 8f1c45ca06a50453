/**
 * The documented download (seed 002 "RayvisionDownload", compat-sync 3.6): results of tasks, or paths of a storage, once or
 * again and again until the tasks end. Only published files come; a file appears whole and verified, or not at all; what
 * is here already is not fetched again.
 */
import { join } from 'node:path';
import { SECOND } from '@croft/contract';
import type { ExistingChoice } from '../download-results.ts';
import { sleep } from '../retry.ts';
import type { RayvisionAPI } from './api.ts';
import { SDK_FOLDER } from './db-config.ts';
import { CLIENT_CODES, DownloadFailed, RayvisionError } from './exceptions.ts';
import { fetchTargets, type Target } from './fetch-outputs.ts';
import { keepAwake } from './keep-awake.ts';
import { RayvisionManageTask } from './manage-task.ts';
import { RayvisionTransfer } from './transfer.ts';
import { type EngineChoices, type SyncOptions, TransferRuns } from './transfer-runs.ts';

const DEFAULT_SLEEP_SECONDS = 10;

export type RayvisionDownloadOptions = SyncOptions;

export interface DownloadHow extends EngineChoices {
  /** KB (1,024 bytes) a second, as a number or text; absent = no limit. */
  readonly maxSpeed?: number | string;
  /** Lines about files at level info; else at level debug. */
  readonly printLog?: boolean;
  /** `true`: below a folder of the results' own name, "task id and scene name"; `false`: straight into the folder. */
  readonly downloadFilenameFormat?: 'true' | 'false' | boolean;
  /** Made where it is not there. Default: `renderfarm_sdk` in the user's home. */
  readonly localPath?: string;
  /** What becomes of other files of the same name; default `overwrite`. A program (`transmitterExe`) knows no other. */
  readonly existing?: ExistingChoice;
  /** Whether files that are here already are read and compared; else size and time decide. A program does not. */
  readonly enableHash?: boolean;
  /** Transfers of the second engine that run at once, 1 to 10; default 2. */
  readonly downloadNum?: number;
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

export class RayvisionDownload {
  readonly api: RayvisionAPI;
  readonly trans: RayvisionTransfer;
  readonly manageTask: RayvisionManageTask;
  readonly #runs: TransferRuns;

  /** Sends nothing. */
  constructor(api: RayvisionAPI, options: RayvisionDownloadOptions = {}) {
    this.api = api;
    this.trans = new RayvisionTransfer(api, options);
    this.#runs = new TransferRuns(api, this.trans, options);
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
    return this.#told('download', taskIdList, how, async () => {
      const targets: Target[] = [];
      if (serverPath !== undefined && serverPath.length > 0) {
        const root = asset ? 'input' : 'output';
        for (const path of typeof serverPath === 'string' ? [serverPath] : serverPath)
          targets.push({ root, path, ownerId: null, bid: null, frames: null });
      } else {
        for (const taskId of taskIdList) targets.push(...(await this.#targetsOf(taskId)));
      }
      await this.#fetch(targets, how);
    });
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
    return this.#told('auto_download', taskIdList, how, async () => {
      const failed: { taskId: number; why: Error }[] = [];
      await this.#untilEnded(taskIdList, { sleepTime, isTestStop }, async (taskId, hasEnded) => {
        try {
          await this.#fetch(await this.#targetsOf(taskId), { ...how, printLog });
        } catch (thrown) {
          if (!(thrown instanceof DownloadFailed)) throw thrown;
          if (hasEnded) failed.push({ taskId, why: thrown });
        }
      });
      if (failed.length === 0) return;
      const taskIds = failed.map(({ taskId }) => taskId);
      const cause = failed[0]!.why;
      const said = `results of ${taskIds.join(', ')} could not be fetched: ${cause.message}`;
      throw new DownloadFailed(said, { taskIds, cause });
    });
  }

  /** Fetches each task once, when it has ended. A failure is thrown at once as DownloadFailed. */
  async autoDownloadAfterTaskCompleted({
    taskIdList,
    sleepTime,
    isTestStop,
    ...how
  }: DownloadAgain): Promise<true> {
    RayvisionDownload.checkParams(taskIdList, undefined);
    return this.#told('auto_download_after_task_completed', taskIdList, how, () =>
      this.#untilEnded(taskIdList, { sleepTime, isTestStop }, async (taskId, hasEnded) => {
        if (hasEnded) await this.#fetch(await this.#targetsOf(taskId), how);
      }),
    );
  }

  /** The documented words around a download; the process stays as long as it takes. */
  async #told(
    method: string,
    taskIdList: readonly number[],
    how: DownloadHow,
    work: () => Promise<void>,
  ): Promise<true> {
    const { log } = this.#runs;
    log.info({}, `[Rayvision_sync start ${method}.....]`);
    log.info({}, `task_id_list: ${JSON.stringify(taskIdList)}`);
    log.info({}, `local_path: ${this.#folderOf(how)}`);
    await keepAwake(work);
    log.info({}, `[Rayvision_sync end ${method}.....]`);
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
      await sleep(this.#runs.clock, sleepTime * SECOND, this.#runs.signal);
      for (const taskId of [...waiting]) {
        const hasEnded = await this.manageTask.isTaskEnd(taskId, isTestStop);
        await look(taskId, hasEnded);
        if (!hasEnded) continue;
        this.#runs.log.info({}, `The tasks end: ${taskId}`);
        waiting.delete(taskId);
      }
    }
  }

  async #targetsOf(taskId: number): Promise<Target[]> {
    const outputs = this.manageTask.outputFileNames(await this.manageTask.oneTask(taskId));
    return outputs.map(({ outputName, userId, bid, totalFrames }) => ({
      root: 'output',
      path: outputName,
      ownerId: userId,
      bid,
      frames: totalFrames || null,
    }));
  }

  #folderOf({ localPath }: DownloadHow): string {
    return localPath || join(this.#runs.environment.home, SDK_FOLDER);
  }

  #fetch(targets: readonly Target[], how: DownloadHow): Promise<void> {
    const { printLog = true, existing = 'overwrite', enableHash = false, downloadFilenameFormat } = how;
    return fetchTargets(this.#runs, targets, this.#folderOf(how), {
      ...how,
      maxSpeed: how.maxSpeed,
      downloadNum: how.downloadNum,
      printLog,
      existing,
      enableHash,
      keepsPath: String(downloadFilenameFormat ?? true) === 'true',
    });
  }
}
