/**
 * The documented upload (seeds 002 and 004 "RayvisionUpload", compat-sync 3.3 and 3.4): a task's four files to the storage of
 * configuration, assets to that of inputs. Croft's own engine moves the bytes, or the program of `transmitterExe`. Only
 * bytes that the farm lacks travel, and a file that looks as at its last upload is not even read (`isDb`).
 *
 * Tries, with pauses of 1 to 2 s between them (compat-sync 1.2 and 6): 10 for a file of configuration, 12 for assets. Exit
 * codes 2 and 9 (refused, wrong command line) end them at once: the same would come again.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { coerceError, type Log, SECOND } from '@croft/contract';
import { Gate } from '@croft/transfer';
import { sleep } from '../retry.ts';
import { TRANSMIT_EXIT } from '../transmitter/exits.ts';
import type { RayvisionAPI } from './api.ts';
import { type DbConfig, databaseFolder, readDbConfig, transferLogFolder, writeDbIni } from './db-config.ts';
import { CLIENT_CODES, RayvisionError, RayvisonTaskIdError } from './exceptions.ts';
import { keepAwake } from './keep-awake.ts';
import { getDefaultLogConfig, setUpLogger } from './logger.ts';
import type { RunOutcome } from './run-transmitter.ts';
import { type CreateCmdOptions, getShareInfo, RayvisionTransfer } from './transfer.ts';
import { type EngineChoices, type SyncOptions, slotsOf, TransferRuns } from './transfer-runs.ts';
import { type CmdParams, speedText } from './transmitter-command.ts';
import { openUploadRecord, type RecordChoices } from './upload-record.ts';
import { wholeNumber } from './wire-values.ts';

const CONFIG_TRIES = 10;
const ASSET_TRIES = 12;
const DEFAULT_POOL_SIZE = 10;
const FINAL_CODES: ReadonlySet<number> = new Set([TRANSMIT_EXIT.refused, TRANSMIT_EXIT.usage]);
/** Codes after which the documented SDK says again which files failed. */
const TOLD_CODES: ReadonlySet<number> = new Set([9, 10, 11]);

export interface RayvisionUploadOptions extends SyncOptions {
  /** A db_config.ini of your own; one that is not there means the documented defaults. */
  readonly dbConfigPath?: string;
  /** A number in [0, 1), for the pauses. */
  readonly random?: () => number;
}

/** The four files of a task, by the documented names. */
export interface ConfigPaths {
  readonly taskJsonPath: string;
  readonly tipsJsonPath: string;
  readonly assetJsonPath: string;
  readonly uploadJsonPath: string;
}

export interface UploadHow extends EngineChoices {
  /** KB (1,024 bytes) a second, as a number or text; absent = no limit. */
  readonly maxSpeed?: number | string;
  /** Transfers of the second engine that run at once, 1 to 10; default 2. */
  readonly uploadNum?: number;
}

export interface UploadAssetHow extends UploadHow, RecordChoices {
  /** Whether a local database remembers unchanged files; default true. */
  readonly isDb?: boolean;
  /** What the file is: an upload.json (default), or a list of paths, one a line. */
  readonly transmitType?: 'upload_json' | 'upload_list';
  /** Whether each file that was sent is written down in a Redis; default false. */
  readonly isRecord?: boolean;
}

/** What became of one file of a pool. */
export interface PoolResult {
  readonly uploadJsonPath: string;
  /** Null: everything in it is uploaded. */
  readonly error: Error | null;
}

export class RayvisionUpload {
  readonly api: RayvisionAPI;
  readonly trans: RayvisionTransfer;
  readonly logger: Log;
  /** Folder of the transfer engine's log. */
  readonly transferLogPath: string;
  readonly dbConfig: DbConfig;
  readonly #runs: TransferRuns;
  readonly #random: () => number;
  #engineLog: Log | null | undefined;

  /** Sends nothing. RayvisionError 1000002 where a key of db_config.ini is missing. */
  constructor(api: RayvisionAPI, options: RayvisionUploadOptions = {}) {
    this.api = api;
    this.trans = new RayvisionTransfer(api, options);
    this.#runs = new TransferRuns(api, this.trans, options);
    this.#random = options.random ?? Math.random;
    this.logger = this.#runs.log;
    this.dbConfig = this.loadDbConfig(options.dbConfigPath);
    this.transferLogPath = this.checkTransferLogPath(this.dbConfig.transferLogPath);
  }

  /** The settings of a db_config.ini; without one the documented defaults. */
  loadDbConfig(dbConfigPath?: string | null): DbConfig {
    return readDbConfig(dbConfigPath);
  }

  /** Folder of the engine's log: the given one if it is there, else as `db-config.ts` says. */
  checkTransferLogPath(transferLogPath = ''): string {
    return transferLogFolder(transferLogPath, this.#runs.environment);
  }

  /** Writes the database's settings for an upload.json; gives their path. UnsupportedDatabaseError. */
  createDbIni(uploadJsonPath: string): Promise<string> {
    const folder = databaseFolder(this.dbConfig, this.#runs.environment);
    return writeDbIni(uploadJsonPath, { folder, config: this.dbConfig, platform: this.trans.platform });
  }

  /** A task's four files, then what its upload.json names. A list holds task, tips, asset and upload.json, in this order. */
  async upload(
    taskId: string | number,
    paths: ConfigPaths | readonly [string, string, string, string],
    how: UploadAssetHow = {},
  ): Promise<true> {
    const files = Array.isArray(paths) ? (paths as readonly string[]) : inOrder(paths as ConfigPaths);
    return keepAwake(async () => {
      await this.uploadConfig(taskId, files, how);
      return this.uploadAsset(files[3]!, how);
    });
  }

  /**
   * Files of a task's configuration, each to `/<task>/cfg/<its name>`. One that is not there is left out, with a word in the
   * log. RayvisionError 20004 where one cannot be uploaded.
   */
  async uploadConfig(
    taskId: string | number,
    configFileList: readonly string[],
    how: UploadHow = {},
  ): Promise<true> {
    if (!/^\d{1,15}$/.test(String(taskId))) throw new RayvisonTaskIdError('taskId must be a whole number');
    const maxSpeed = speedText(how.maxSpeed);
    return keepAwake(async () => {
      for (const file of configFileList) {
        if (!existsSync(file)) {
          this.logger.info({}, `${file} is not exists.`);
          continue;
        }
        const remote = `/${taskId}/cfg/${path.basename(file)}`;
        const params = ['upload_path', file, remote, maxSpeed, 'false', 'config_bid'] as const;
        const outcome = await this.#tried(CONFIG_TRIES, () => this.#run(params, how, {}));
        if (outcome.code !== 0)
          throw new RayvisionError(
            CLIENT_CODES.configUploadFailed,
            `${file} upload failed: ${outcome.lastLine}`,
          );
      }
      return true as const;
    });
  }

  /**
   * The files that an upload.json or a list names. RayvisionError 200025: some of them are not there or cannot be read, all
   * others are uploaded; 200024: the farm refuses, or cannot be reached; 1000000: anything else that ends a transfer.
   */
  async uploadAsset(uploadJsonPath: string, how: UploadAssetHow = {}): Promise<true> {
    const { isDb = true, transmitType = 'upload_json', isRecord = false } = how;
    const params = [
      transmitType,
      uploadJsonPath,
      '/',
      speedText(how.maxSpeed),
      'false',
      'input_bid',
    ] as const;
    return keepAwake(async () => {
      const record = isRecord ? await openUploadRecord(how, this.#runs.clock) : null;
      const onUploaded = record ? (file: string) => record.note(file) : undefined;
      try {
        const outcome = await this.#tried(ASSET_TRIES, async () => {
          await this.trans.ready();
          const dbIniPath = isDb ? await this.createDbIni(uploadJsonPath) : null;
          const whose = await getShareInfo(this.api, this.trans);
          return this.#run(params, { ...how, ...whose, dbIniPath }, { onUploaded });
        });
        throwFailure(outcome);
      } finally {
        await record?.close();
      }
      return true as const;
    });
  }

  /** Many upload.json at once, `poolSize` (10) at a time, each as `uploadAsset`; all are tried, whatever becomes of others. */
  async threadPoolUpload(
    uploadPool: readonly string[],
    { poolSize = DEFAULT_POOL_SIZE, ...how }: UploadAssetHow & { readonly poolSize?: number } = {},
  ): Promise<PoolResult[]> {
    return this.#pooled(uploadPool, positive(poolSize, 'poolSize'), how);
  }

  /** The same under its older name, with `threadNum` (10). */
  async multiThreadUpload(
    uploadPool: readonly string[],
    { threadNum = DEFAULT_POOL_SIZE, ...how }: UploadAssetHow & { readonly threadNum?: number } = {},
  ): Promise<PoolResult[]> {
    return this.#pooled(uploadPool, positive(threadNum, 'threadNum'), how);
  }

  async #pooled(pool: readonly string[], width: number, how: UploadAssetHow): Promise<PoolResult[]> {
    const gate = new Gate(width);
    const results = await Promise.all(
      pool.map((uploadJsonPath) =>
        gate.run(() =>
          this.uploadAsset(uploadJsonPath, how).then(
            () => ({ uploadJsonPath, error: null }),
            (thrown: unknown) => ({ uploadJsonPath, error: coerceError(thrown) }),
          ),
        ),
      ),
    );
    this.#runs.signal.throwIfAborted();
    return results;
  }

  async #run(
    params: CmdParams,
    how: UploadHow & CreateCmdOptions,
    { onUploaded }: { readonly onUploaded?: ((file: string) => void) | undefined },
  ): Promise<RunOutcome> {
    const engineType = this.#runs.checked(how);
    const slots = slotsOf(how.uploadNum, 'uploadNum');
    await this.trans.ready();
    const engineLog = this.#runs.programFor(engineType) === null ? this.#logOfEngine() : undefined;
    const outcome = await this.#runs.run(
      params,
      { ...how, engineType },
      { isPrinted: true, slots, onUploaded, logFolder: this.transferLogPath, engineLog },
    );
    if (TOLD_CODES.has(outcome.code)) {
      for (const line of outcome.errMessages) this.logger.info({}, `err_message: ${line}`);
      this.logger.info({}, `cmdp.returncode: ${outcome.code}`);
    }
    return outcome;
  }

  /** The last outcome of as many tries as it takes, and at most `tries`. */
  async #tried(tries: number, attempt: () => Promise<RunOutcome>): Promise<RunOutcome> {
    const { clock, signal } = this.#runs;
    for (let number = 1; ; number++) {
      const outcome = await attempt();
      if (outcome.code === 0 || FINAL_CODES.has(outcome.code) || number === tries) return outcome;
      this.logger.info({}, 'Retrying upload......');
      await sleep(clock, SECOND * (1 + this.#random()), signal);
    }
  }

  /** Our engine's own log, where a program would have its. */
  #logOfEngine(): Log | undefined {
    if (this.#engineLog === undefined) this.#engineLog = this.#openEngineLog();
    return this.#engineLog ?? undefined;
  }

  #openEngineLog(): Log | null {
    const config = getDefaultLogConfig();
    const filename = path.join(this.transferLogPath, 'rayvision_transmitter', 'sdk.log');
    const handlers = { file: { ...config.handlers.file!, filename }, console: null };
    try {
      return setUpLogger('rayvision_transmitter', { ...config, handlers }, { clock: this.#runs.clock });
    } catch (thrown) {
      this.logger.warn(
        { filename, err: coerceError(thrown).message },
        'the log of the transfer engine cannot be kept',
      );
      return null;
    }
  }
}

function inOrder({
  taskJsonPath,
  tipsJsonPath,
  assetJsonPath,
  uploadJsonPath,
}: ConfigPaths): readonly string[] {
  return [taskJsonPath, tipsJsonPath, assetJsonPath, uploadJsonPath];
}

function throwFailure({ code, errMessages, lastLine }: RunOutcome): void {
  if (code === 0) return;
  if (code === TRANSMIT_EXIT.someFailed) {
    const which = errMessages.length > 0 ? errMessages.slice(0, 3).join('; ') : lastLine;
    throw new RayvisionError(CLIENT_CODES.assetsMissing, `there are files that cannot be uploaded: ${which}`);
  }
  if (code >= 1 && code <= 8) throw new RayvisionError(CLIENT_CODES.transferRefused, lastLine);
  throw new RayvisionError(CLIENT_CODES.general, `the upload ended with exit code ${code}: ${lastLine}`);
}

function positive(value: number, name: string): number {
  if (wholeNumber(value, name) >= 1) return value;
  throw new RayvisionError(CLIENT_CODES.parameterInvalid, `${name} must be 1 or more`);
}
