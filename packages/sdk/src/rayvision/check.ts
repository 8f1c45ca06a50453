/**
 * The check between analysis and upload (seed 002 "RayvisionCheck", compat-api 5, real-sdk.md). In this order, so that a
 * scene that cannot be rendered leaves no task behind on the farm: version, hardware, tips, then ids (task, user,
 * project), then the files. Settings that the API wants as text become text.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { dccOfId, MODIFIABLE_PARAM, SECOND, systemClock } from '@croft/contract';
import { type Json, listOf, objectOf } from '../reading.ts';
import type { RayvisionAPI } from './api.ts';
import { rayvisionEnvironment } from './config.ts';
import { taskInfoOf } from './edit-task-json.ts';
import { CLIENT_CODES, RayvisionError } from './exceptions.ts';
import { matchHardware, type WantedHardware } from './hardware-match.ts';
import { existsOrCreate, jsonLoad, jsonSave } from './json-files.ts';
import type { Language } from './operators/query-requests.ts';

/** The part of an analysis that the check takes; `AnalyzeScene` is one. */
export interface CheckedAnalysis {
  readonly taskJson: string;
  readonly tipsJson: string;
  readonly assetJson: string;
  readonly uploadJson: string;
  readonly tipsInfo: Readonly<Record<string, unknown>>;
}

export interface CheckRequest {
  /** Path of task.json, or what is in it. */
  readonly taskJson: string | object;
  /** The wanted hardware, generation 2; without, the farm chooses. */
  readonly hardwareConfig?: WantedHardware;
  readonly uploadJson?: string | object;
  readonly assetJson?: string | object;
  /** False: the completed files go to a folder of their own in the workspace. Default true. */
  readonly isCover?: boolean;
}

/** Paths of the four files, as the uploader takes them. */
export interface TaskJsonPaths {
  readonly taskJson: string;
  readonly tipsJson: string;
  readonly assetJson: string;
  readonly uploadJson: string;
}

/** What the farm says about one tip, with the analysis' own words as `details`. */
export type TipReport = Readonly<Record<string, unknown>>;

export class RayvisionCheck {
  readonly api: RayvisionAPI;
  readonly #analyze: CheckedAnalysis | undefined;
  readonly #workspace: string | undefined;
  #paths: TaskJsonPaths | null = null;
  #task: Json = {};
  #upload: Json | null = null;
  #asset: Json | null = null;
  #tips: Readonly<Record<string, unknown>> = {};
  #reports: TipReport[] = [];

  /** `workspace` is a folder that exists; default `renderfarm_sdk` in the user's own, which is made when needed. */
  constructor(api: RayvisionAPI, analyze?: CheckedAnalysis, workspace?: string) {
    this.api = api;
    this.#analyze = analyze;
    this.#workspace = workspace;
  }

  /** The completed task.json, after `execute`. */
  get taskInfo(): Readonly<Json> {
    return this.#task;
  }

  /** Where the completed files are, after `execute`. */
  get paths(): TaskJsonPaths {
    if (this.#paths) return this.#paths;
    throw new RayvisionError(CLIENT_CODES.general, 'nothing was checked yet');
  }

  /** What the farm said about the tips: errors and warnings. */
  get errorWarnInfoList(): readonly TipReport[] {
    return this.#reports;
  }

  /** How many of them keep the scene from being rendered. */
  get errorsNumber(): number {
    return this.#reports.filter(isError).length;
  }

  /** Checks everything and gives the task's id. Throws RayvisionError and what `matchHardware` throws. */
  async execute(request: CheckRequest): Promise<number> {
    this.#paths = await this.checkAnalyze(request);
    const { taskJson, uploadJson, assetJson } = request;
    this.#task = await this.getJsonInfo(taskJson);
    this.#upload = uploadJson ? await this.getJsonInfo(uploadJson) : null;
    this.#asset = assetJson ? await this.getJsonInfo(assetJson) : null;
    this.#tips = this.#analyze?.tipsInfo ?? (await this.#tipsOnDisk());
    const info = taskInfoOf(this.#task);

    if (this.api.connect.generation === 2) await this.#checkVersion(info);
    if (request.hardwareConfig) await this.#chooseHardware(info, request.hardwareConfig);
    await this.checkErrorWarnInfo(this.api.connect.domain.startsWith('task') ? '0' : '1');
    this.isSceneHaveError();
    await this.checkTaskInfo(info);
    return this.write();
  }

  /** Asks what the tips mean; gives errors and warnings. */
  async checkErrorWarnInfo(language: Language = '0'): Promise<readonly TipReport[]> {
    this.#reports = [];
    const tips = this.#analyze?.tipsInfo ?? this.#tips;
    for (const [code, details] of Object.entries(tips)) {
      const known = await this.api.query.errorDetail(code, language);
      this.#reports.push(...known.map((report) => ({ ...report, details })));
    }
    if (this.#reports.length > 0)
      this.api.logger.warn({ errorWarnInfoList: this.#reports }, 'the analysis has something to say');
    return this.#reports;
  }

  /** Throws RayvisionError 1000000 with all errors where the scene has some. */
  isSceneHaveError(): void {
    const errors = this.#reports.filter(isError);
    if (errors.length === 0) return;
    const said = errors.map(({ code, desDescriptionCn, details }) =>
      [code, desDescriptionCn, details]
        .map((part) => String(part ?? ''))
        .filter(Boolean)
        .join(': '),
    );
    throw new RayvisionError(
      CLIENT_CODES.general,
      `the scene has ${errors.length} error${errors.length === 1 ? '' : 's'}: ${said.join('; ')}`,
    );
  }

  /** Fills in the ids of task, user and project where there are none yet. */
  async checkTaskInfo(info: Json): Promise<void> {
    if (!info.user_id) info.user_id = String(await this.api.getUserId());
    if (!info.project_id) {
      const name = info.project_name ? String(info.project_name) : '';
      info.project_id = name === '' ? '0' : await this.api.checkAndAddProjectName(name);
    }
    if (!info.task_id) info.task_id = String(await this.api.task.taskId());
  }

  /** Writes task.json and tips.json, and of the other two those that `execute` was given; gives the task's id. */
  async write(): Promise<number> {
    const info = taskInfoOf(this.#task);
    if (isEmpty(this.#task.scene_info_render))
      this.#task.scene_info_render = structuredClone(this.#task.scene_info ?? {});
    for (const key of MODIFIABLE_PARAM) if (typeof info[key] === 'number') info[key] = String(info[key]);
    const { taskJson, tipsJson, assetJson, uploadJson } = this.paths;
    await existsOrCreate(path.dirname(taskJson));
    await jsonSave(taskJson, this.#task);
    await jsonSave(tipsJson, this.#tips);
    if (this.#asset) await jsonSave(assetJson, this.#asset);
    if (this.#upload) await jsonSave(uploadJson, this.#upload);
    const taskId = Number(info.task_id);
    if (Number.isSafeInteger(taskId)) return taskId;
    throw new RayvisionError(CLIENT_CODES.taskInfo, `task_id ${JSON.stringify(info.task_id)} is no number`);
  }

  /** Where the four files go: the analysis' own, beside task.json, or a folder of their own in the workspace. */
  async checkAnalyze({ taskJson, isCover = true }: CheckRequest): Promise<TaskJsonPaths> {
    if (this.#analyze) {
      const { taskJson: task, tipsJson, assetJson, uploadJson } = this.#analyze;
      return { taskJson: task, tipsJson, assetJson, uploadJson };
    }
    if (isCover && typeof taskJson === 'string') return pathsIn(path.dirname(path.resolve(taskJson)));
    const workspace = await this.checkWorkspace();
    return pathsIn(
      isCover ? workspace : path.join(workspace, String(Math.floor(systemClock.now() / SECOND))),
    );
  }

  /** The workspace: the folder given, which must be there, or `renderfarm_sdk` in the user's own. */
  async checkWorkspace(workspace: string | undefined = this.#workspace): Promise<string> {
    if (workspace === undefined) return path.join(rayvisionEnvironment().home, 'renderfarm_sdk');
    RayvisionCheck.checkPath(workspace);
    return workspace;
  }

  /** Throws RayvisionError 1000004 where nothing has that path. */
  static checkPath(somePath: string): void {
    if (!existsSync(somePath)) throw new RayvisionError(CLIENT_CODES.fileMissing, `${somePath} is not there`);
  }

  /** What is in a JSON file, or a copy of the object that was given instead of one. */
  async getJsonInfo(data: string | object): Promise<Json> {
    return typeof data === 'string' ? jsonLoad(data) : (structuredClone(data) as Json);
  }

  async #tipsOnDisk(): Promise<Json> {
    try {
      return await jsonLoad(this.paths.tipsJson);
    } catch (thrown) {
      if (thrown instanceof RayvisionError && thrown.errorCode === CLIENT_CODES.fileMissing) return {};
      throw thrown;
    }
  }

  async #checkVersion(info: Json): Promise<void> {
    const software = objectOf(this.#task.software_config, 'software_config');
    const name = this.#appName(info, software);
    const osName = String(info.os_name) === '1' ? 'windows' : 'linux';
    const detail = await this.api.query.supportedPlugin(name, osName);
    const versions = listOf(detail.cgVersion, 'cgVersion').map((one) => objectOf(one, 'version').cgVersion);
    if (versions.includes(software.cg_version)) return;
    throw new RayvisionError(
      CLIENT_CODES.general,
      `the farm has no ${name} ${software.cg_version}; it has ${versions.join(', ') || 'none at all'}`,
    );
  }

  #appName(info: Json, software: Json): string {
    return dccOfId(String(info.cg_id))?.sdkName ?? String(software.cg_name ?? '');
  }

  /** Writes the choice into task_info: ids, memory in GB, number of graphics cards. */
  async #chooseHardware(info: Json, wanted: WantedHardware): Promise<void> {
    const software = objectOf(this.#task.software_config, 'software_config');
    const ids = matchHardware(await this.api.user.getHardwareConfig(), wanted, {
      platform: Number(info.platform || this.api.connect.platform),
      cgId: Number(info.cg_id),
      cgVersion: String(software.cg_version ?? ''),
      plugins: objectOf(software.plugins ?? {}, 'plugins'),
      tipCodes: Object.keys(this.#tips),
    });
    info.hardwareConfigIds = ids;
    info.hardwareConfigId = ids.at(-1);
    info.ram = wanted.ram.replace(/GB$/i, '');
    info.graphics_cards_num = /^\d+/.exec(wanted.gpuNum ?? '')?.[0] ?? '2';
  }
}

function isError(report: TipReport): boolean {
  return String(report.type) === '1';
}

function pathsIn(folder: string): TaskJsonPaths {
  return {
    taskJson: path.join(folder, 'task.json'),
    tipsJson: path.join(folder, 'tips.json'),
    assetJson: path.join(folder, 'asset.json'),
    uploadJson: path.join(folder, 'upload.json'),
  };
}

function isEmpty(value: unknown): boolean {
  return typeof value !== 'object' || value === null || Object.keys(value).length === 0;
}
