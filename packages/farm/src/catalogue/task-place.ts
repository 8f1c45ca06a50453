/**
 * Before a task is planned: its render environment decides version and plug-ins, then both, its hardware and its package
 * of nodes are checked and become its placement.
 *
 * An environment named in task.json (`edit_name`) counts before what `software_config` says. Where `software_config`
 * says nothing at all, the account's default environment of the app counts.
 */
import type { TaskFile } from '@croft/contract';
import { farmErrors } from '../errors.ts';
import type { PlanningApp } from '../ports.ts';
import type { Db } from '../store/schema.ts';
import { pluginNodesOf, refuseUnknownVersion } from './check-software.ts';
import { chosenHardware, type HardwareWish } from './choose-hardware.ts';
import { declaredCatalogue } from './declared.ts';
import { mayUsePackage } from './node-packages.ts';
import { farmNodes } from './nodes-of-farm.ts';
import type { Placement } from './placement.ts';
import { defaultEnv, envByName, type RenderEnv } from './render-envs.ts';
import { appsOf } from './software-list.ts';

export interface SoftwareChoice {
  /** task.json with version and plug-ins as they count. */
  readonly taskFile: TaskFile;
  /** Name of the environment that decided them; '' for none. */
  readonly editName: string;
}

/** FARM_ENV_UNKNOWN for an `edit_name` that the account does not have, FARM_INVALID for one of another app. */
export async function softwareOfTask(
  db: Db,
  accountId: number,
  app: PlanningApp,
  taskFile: TaskFile,
): Promise<SoftwareChoice> {
  const env = await envOfTask(db, accountId, app, taskFile);
  if (env === null) return { taskFile, editName: '' };
  const plugins = Object.fromEntries(env.plugins.map(({ name, version }) => [name, version]));
  const software = { ...taskFile.software_config, cg_version: env.cgVersion, plugins };
  return { taskFile: { ...taskFile, software_config: software }, editName: env.editName };
}

async function envOfTask(
  db: Db,
  accountId: number,
  app: PlanningApp,
  { task_info, software_config }: TaskFile,
): Promise<RenderEnv | null> {
  const { edit_name: named = '' } = task_info;
  if (named !== '') {
    const env = await envByName(db, accountId, named);
    if (env.cgId === app.cgId) return env;
    throw farmErrors.FARM_INVALID(
      `the render environment "${named}" is of ${env.cgName}, the task of ${app.name}`,
    );
  }
  const saysNothing = software_config.cg_version === '' && Object.keys(software_config.plugins).length === 0;
  return saysNothing ? defaultEnv(db, accountId, app.cgId) : null;
}

/** What a task is rendered with, once it is planned. */
export interface PlannedWork {
  readonly app: PlanningApp;
  readonly taskFile: TaskFile;
  /** The one it was planned with. */
  readonly version: string;
  /** Reads tips.json; asked only where some hardware cannot render scenes with some tips. */
  tipCodes(): Promise<readonly string[]>;
}

/** Columns of the task. */
export interface TaskPlace {
  readonly platform: number;
  readonly placement: string;
  readonly edit_name: string;
}

/** Platform and placement of a task that is about to be submitted. */
export async function placeOfTask(
  db: Db,
  { accountId, taskId }: { readonly accountId: number; readonly taskId: number },
  { app, taskFile, version, tipCodes }: PlannedWork,
): Promise<Omit<TaskPlace, 'edit_name'>> {
  const { task_info, software_config } = taskFile;
  const platform = await platformOf(db, taskId, task_info.platform);
  const [declared, nodes] = [await declaredCatalogue(db), await farmNodes(db)];
  const known = appsOf(declared, nodes, [app]).find(({ cgId }) => cgId === app.cgId);
  refuseUnknownVersion(known, app.name, version);
  const { plugins, cg_version: cgVersion } = software_config;
  const pluginNodes = pluginNodesOf(declared, app.cgId, plugins);
  const mindsTips = declared.hardware.some(({ notSupportCodes }) => notSupportCodes.length > 0);
  const work = { cgId: app.cgId, cgVersion, plugins, tipCodes: mindsTips ? await tipCodes() : [] };
  const hardware = chosenHardware(declared, nodes, platform, wishOf(task_info), work);
  const packageId = await packageOf(db, accountId, task_info.pack_node_id ?? '');
  const placement: Placement = { ...hardware, pluginNodes, packageId };
  return { platform, placement: JSON.stringify(placement) };
}

/** The one that the task was created with, else the one in task.json. */
async function platformOf(db: Db, taskId: number, inFile: string): Promise<number> {
  const { platform } = await db
    .selectFrom('tasks')
    .select('platform')
    .where('id', '=', taskId)
    .executeTakeFirstOrThrow();
  return platform > 0 || !/^\d{1,6}$/.test(inFile) ? platform : Number(inFile);
}

function wishOf(info: TaskFile['task_info']): HardwareWish {
  return { ids: info.hardwareConfigIds, ram: info.ram, cards: info.graphics_cards_num };
}

async function packageOf(db: Db, accountId: number, text: string): Promise<number | null> {
  if (text === '' || text === '0') return null;
  const id = Number(text);
  if (await mayUsePackage(db, accountId, id)) return id;
  throw farmErrors.FARM_PACKAGE_UNKNOWN(`there is no package of nodes ${text.slice(0, 40)} for this account`);
}
