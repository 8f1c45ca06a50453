/**
 * Scene → the four JSON files in a folder of their own (seed 002 "Analysis of the scene"): the documented
 * `AnalyzeHoudini(...).analyse()`, one class for every app that Croft can analyse, because it knows a scene's app by its
 * bytes. No app and no farm is needed.
 */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { CroftError, DCCS, SECOND, systemClock } from '@croft/contract';
import { analyseScene } from '../analyse-scene.ts';
import { type Json, objectOf } from '../reading.ts';
import { writeTaskFiles } from '../task-files.ts';
import { rayvisionEnvironment } from './config.ts';
import { AnalyseFailError, CGFileNotExistsError } from './exceptions.ts';

export interface AnalyzeSceneOptions {
  /** The scene file. */
  readonly cgFile: string;
  /** The version to render with; default: the one that the scene was saved by. */
  readonly softwareVersion?: string;
  readonly projectName?: string;
  /** Plug-in → version. */
  readonly pluginConfig?: Readonly<Record<string, string>>;
  /** Folder for the folder of the files; default `renderfarm_sdk` in the user's own. */
  readonly workspace?: string;
  /** Platform id; default `2`. */
  readonly platform?: string;
}

export class AnalyzeScene {
  readonly taskJson: string;
  readonly tipsJson: string;
  readonly assetJson: string;
  readonly uploadJson: string;
  readonly #options: AnalyzeSceneOptions;
  readonly #folder: string;
  #task: Json = {};
  #upload: Json = {};
  #tips: Json = {};

  constructor(options: AnalyzeSceneOptions) {
    this.#options = options;
    const workspace = options.workspace ?? path.join(rayvisionEnvironment().home, 'renderfarm_sdk');
    // The time first, as the documented SDK names it; the rest keeps two of one second apart.
    const name = `${Math.floor(systemClock.now() / SECOND)}-${randomUUID().slice(0, 8)}`;
    this.#folder = path.resolve(workspace, name);
    this.taskJson = path.join(this.#folder, 'task.json');
    this.tipsJson = path.join(this.#folder, 'tips.json');
    this.assetJson = path.join(this.#folder, 'asset.json');
    this.uploadJson = path.join(this.#folder, 'upload.json');
  }

  /** What was found, after `analyse`. */
  get taskInfo(): Readonly<Json> {
    return this.#task;
  }

  get uploadInfo(): Readonly<Json> {
    return this.#upload;
  }

  get tipsInfo(): Readonly<Json> {
    return this.#tips;
  }

  /** Analyses and writes the files. Throws CGFileNotExistsError, or AnalyseFailError where there is no analysis. */
  async analyse(): Promise<void> {
    const { cgFile, softwareVersion, projectName, pluginConfig, platform = '2' } = this.#options;
    const { analysis } = await analyseScene(cgFile, {
      platform: Number(platform),
      ...(projectName === undefined ? {} : { projectName }),
    }).catch((thrown) => failure(cgFile, thrown));
    const software = objectOf(analysis.task.software_config, 'software_config');
    if (softwareVersion !== undefined) software.cg_version = softwareVersion;
    if (pluginConfig) software.plugins = { ...objectOf(software.plugins ?? {}, 'plugins'), ...pluginConfig };
    await writeTaskFiles(this.#folder, analysis);
    this.#task = analysis.task;
    this.#upload = { ...analysis.upload };
    this.#tips = analysis.tips;
  }
}

/** The documented words for what the analysis says; its own error is the cause. */
function failure(cgFile: string, thrown: unknown): never {
  if (!(thrown instanceof CroftError)) throw thrown;
  const options = { cause: thrown };
  if (thrown.code === 'DCC_NO_SUCH_FILE') throw new CGFileNotExistsError(withHint(thrown), options);
  const suffix = path.extname(cgFile).slice(1).toLowerCase();
  const app = DCCS.find(({ sceneSuffixes }) => sceneSuffixes.includes(suffix));
  if (thrown.code === 'DCC_NOT_A_SCENE' && app) {
    const said = `${cgFile} is no scene that can be analysed: there is no analysis of ${app.cgName} scenes yet, or the file is damaged`;
    throw new AnalyseFailError(said, options);
  }
  throw new AnalyseFailError(withHint(thrown), options);
}

function withHint({ message, hint }: CroftError): string {
  return hint ? `${message}. ${hint}` : message;
}
