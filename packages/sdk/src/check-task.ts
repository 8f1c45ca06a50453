/**
 * The check before a task: what the analysis complains about, and whether the farm can render the scene at all. It
 * creates the task only when both are fine, so a refused scene leaves nothing behind on the farm. The steps are those of
 * the real checker (compat-api 5.2), with its slips mended: all filled fields are text, they reach the returned files
 * as well as the disk, and no tip is dropped.
 */
import { MODIFIABLE_PARAM } from '@croft/contract';
import type { Analysis } from '@croft/dcc';
import { sdkErrors } from './errors.ts';
import type { HardwareConfig } from './operators/catalogue.ts';
import type { ErrorDetail } from './operators/query.ts';
import { type Json, objectOf } from './reading.ts';
import type { RenderbusApi } from './renderbus-api.ts';
import type { TaskFiles } from './task-files.ts';

export interface CheckOptions {
  /** Replaces `project_name`; made on the farm where it is new. */
  readonly projectName?: string;
  /** Hardware by id, or by name, e.g. {model: 'Default', ram: '64GB'}; without, the farm's first that fits. */
  readonly hardware?:
    | number
    | { readonly model: string; readonly ram: string; readonly gpuNum?: string | null };
  /** Platform whose nodes render the task; without, the one that the analysis wrote. */
  readonly platform?: number;
  /** Render environment that decides version and plug-ins, instead of what the scene was saved with. */
  readonly environment?: string;
  readonly labels?: readonly string[];
  /** Each render layer becomes a task of its own below the one that is made. */
  readonly layers?: boolean;
}

export interface CheckedTask {
  readonly taskId: number;
  /** The four files, completed; what `writeTaskFiles` and `uploadTask` take. */
  readonly files: TaskFiles;
  /** Sentences about what may go wrong. */
  readonly warnings: readonly string[];
}

/** Checks the analysis against the farm and creates its task. Throws before creating anything when it cannot render. */
export async function checkTask(
  api: RenderbusApi,
  analysis: Pick<Analysis, 'task' | 'asset' | 'upload' | 'tips'>,
  options: CheckOptions = {},
): Promise<CheckedTask> {
  const task = structuredClone(analysis.task) as Json;
  const info = objectOf(task.task_info, 'task_info');
  const tipCodes = Object.keys(analysis.tips);
  if (options.platform !== undefined) info.platform = String(options.platform);
  const warnings = await judgeTips(api, analysis.tips);
  if (options.environment === undefined) warnings.push(...(await settleVersion(api, task, info)));
  else await chooseEnvironment(api, info, options.environment);
  const hardware = pickHardware(await api.catalogue.hardware(), info, tipCodes, api.client.platform, options);
  info.hardwareConfigId = String(hardware.id);
  info.ram = hardware.ram.replace(/GB$/i, '');
  info.graphics_cards_num = hardware.gpuNum?.charAt(0) ?? '2';

  const { userId } = await api.user.profile();
  info.user_id = String(userId);
  if (options.projectName !== undefined) info.project_name = options.projectName;
  if (options.layers === true) info.enable_layered = '1';
  const projectName = String(info.project_name ?? '');
  info.project_id = projectName === '' ? '0' : String(await api.project.ensure(projectName));
  const { taskIds } = await api.task.createTask(options.labels ? { labels: options.labels } : {});
  const taskId = taskIds[0]!;
  info.task_id = String(taskId);

  for (const key of MODIFIABLE_PARAM) if (typeof info[key] === 'number') info[key] = String(info[key]);
  if (isEmpty(task.scene_info_render)) task.scene_info_render = structuredClone(task.scene_info ?? {});
  return {
    taskId,
    files: { task, tips: analysis.tips, asset: analysis.asset, upload: analysis.upload },
    warnings,
  };
}

/** Warnings among the tips; throws SDK_SCENE_HAS_ERRORS with every error at once. */
async function judgeTips(api: RenderbusApi, tips: Readonly<Record<string, readonly string[] | string>>) {
  const warnings: string[] = [];
  const errors: string[] = [];
  for (const [code, messages] of Object.entries(tips)) {
    const details = await api.query.errorDetail(code);
    const sentence = sentenceOf(code, messages, details);
    (details.some((detail) => detail.isError) ? errors : warnings).push(sentence);
  }
  if (errors.length > 0) {
    throw sdkErrors.SDK_SCENE_HAS_ERRORS(`the scene cannot be rendered: ${errors.join('; ')}`, {
      hint: 'Correct it in its application, save it, and try again; "croft analyse" checks without a farm.',
    });
  }
  return warnings;
}

function sentenceOf(
  code: string,
  messages: readonly string[] | string,
  details: readonly ErrorDetail[],
): string {
  const said = typeof messages === 'string' ? messages : messages.join(', ');
  const meaning = details.find((detail) => detail.description !== '')?.description;
  return [(meaning ?? `tip ${code}`).replace(/\.$/, ''), said].filter((text) => text !== '').join(': ');
}

/**
 * Makes the wanted version one that the farm has: the very one, else the nearest newer, which opens older scenes; with a
 * warning, since pictures may differ. Throws SDK_VERSION_MISSING where the farm has only older ones.
 */
async function settleVersion(api: RenderbusApi, task: Json, info: Json): Promise<string[]> {
  const software = objectOf(task.software_config, 'software_config');
  const wanted = String(software.cg_version ?? '');
  const cgId = Number(info.cg_id);
  const osName = String(info.os_name) === '1' ? 'windows' : 'linux';
  const available = await api.catalogue.versions(cgId, osName);
  if (available.includes(wanted)) return [];
  const name = String(software.cg_name ?? `app ${cgId}`);
  const newer = available
    .filter((version) => compareVersions(version, wanted) > 0)
    .sort((a, b) => compareVersions(a, b))[0];
  if (newer === undefined) {
    throw sdkErrors.SDK_VERSION_MISSING(`the farm has no ${name} ${wanted}, which the scene was saved with`, {
      hint:
        available.length === 0
          ? `No node with ${name} for ${osName} has joined the farm yet; see "croft nodes".`
          : `The farm has ${available.join(', ')}.`,
    });
  }
  software.cg_version = newer;
  return [`the scene was saved with ${name} ${wanted}; the farm renders it with ${newer}`];
}

/** The environment decides version and plug-ins on the farm. Throws SDK_ENVIRONMENT_MISSING. */
async function chooseEnvironment(api: RenderbusApi, info: Json, name: string): Promise<void> {
  const names = await api.catalogue.environments(Number(info.cg_id));
  if (!names.includes(name)) {
    throw sdkErrors.SDK_ENVIRONMENT_MISSING(`there is no render environment "${name}" for this app`, {
      hint: names.length === 0 ? 'The account has none for it.' : `There are ${names.join(', ')}.`,
    });
  }
  info.edit_name = name;
}

/** Orders versions by their numbers: 3.4 < 3.10 < 4.0; missing parts count as 0. */
export function compareVersions(a: string, b: string): number {
  const numbers = (text: string) => text.split(/\D+/).filter(Boolean).map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function pickHardware(
  all: readonly HardwareConfig[],
  info: Json,
  tipCodes: readonly string[],
  apiPlatform: number,
  { hardware: wish }: CheckOptions,
): HardwareConfig {
  const platform = info.platform === '' || info.platform === undefined ? apiPlatform : Number(info.platform);
  const usable = all.filter(
    (one) =>
      one.enabled &&
      one.platform === platform &&
      !one.notSupportCgIds.includes(Number(info.cg_id)) &&
      !one.notSupportCodes.some((code) => tipCodes.includes(code)),
  );
  const found = wish === undefined ? usable[0] : usable.findLast((one) => isWanted(one, wish));
  if (found) return found;
  const names = usable.map((one) => [one.model, one.ram, one.gpuNum].filter(Boolean).join(' '));
  throw sdkErrors.SDK_HARDWARE_MISSING('the farm has no machine of the wanted kind for this scene', {
    hint: names.length === 0 ? 'It offers none at all for it.' : `It offers ${names.join('; ')}.`,
  });
}

function isWanted(one: HardwareConfig, wish: NonNullable<CheckOptions['hardware']>): boolean {
  if (typeof wish === 'number') return one.id === wish;
  return one.model === wish.model && one.ram === wish.ram && one.gpuNum === (wish.gpuNum ?? null);
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || Object.keys(value).length === 0;
}
