/** What users see of the catalogue: software, platforms, hardware, packages of nodes, render environments. */
import type { CatalogueApp, CatalogueView, HardwareRow, PlatformRow } from '@croft/contract';
import type { PlanningApp } from '../ports.ts';
import type { Db } from '../store/schema.ts';
import { ownTasks } from '../tasks/own-task.ts';
import { hardwareInUse } from './choose-hardware.ts';
import { declaredCatalogue, declaredState } from './declared.ts';
import { type Hardware, hardwareOf } from './hardware-list.ts';
import { packagesOf, packagesOfAccount } from './node-packages.ts';
import { farmNodes } from './nodes-of-farm.ts';
import { placementOf } from './placement.ts';
import { platformsOf, taskPrefixOf } from './platform-list.ts';
import { type RenderEnv, type RenderEnvFilter, renderEnvs } from './render-envs.ts';
import { appsOf } from './software-list.ts';

export interface CatalogueReads {
  /** Everything, as administrators look at it. */
  catalogue(): Promise<CatalogueView>;
  /** Apps that nodes have or the operator declares, by cgId. */
  catalogueApps(): Promise<CatalogueApp[]>;
  /** All platforms by number, also those that lists do not show. */
  platforms(): Promise<PlatformRow[]>;
  /** What stands before ids of the platform's tasks. */
  taskPrefix(platform: number): Promise<string>;
  /** Hardware of every platform, and of `asked` where that is none of them. */
  hardware(asked: number): Promise<HardwareRow[]>;
  /** Ids of the hardware that the tasks use now. FARM_NOT_FOUND, FARM_NOT_YOURS. */
  hardwareOfTasks(accountId: number, taskIds: number[]): Promise<number[]>;
  /** Packages of nodes that the account may name in task.json. */
  nodePackages(accountId: number): Promise<{ packNodeId: number; packName: string }[]>;
  /** The account's environments and its main account's. */
  renderEnvs(accountId: number, filter: RenderEnvFilter): Promise<RenderEnv[]>;
}

export function catalogueReads(db: Db, apps: () => Promise<readonly PlanningApp[]>): CatalogueReads {
  return {
    async catalogue() {
      const { declared, problem, loadedAt } = await declaredState(db);
      const nodes = await farmNodes(db);
      const platforms = platformsOf(declared, nodes);
      const shown = platforms.filter((platform) => platform.shown || platform.declared).map(({ id }) => id);
      return {
        file: { loadedAt, problem },
        platforms,
        apps: appsOf(declared, nodes, await apps()),
        hardware: hardwareOf(declared, nodes, shown).map(rowOf),
        packages: packagesOf(declared, nodes),
      };
    },
    catalogueApps: async () => appsOf(await declaredCatalogue(db), await farmNodes(db), await apps()),
    platforms: async () => platformsOf(await declaredCatalogue(db), await farmNodes(db)),
    taskPrefix: async (platform) => taskPrefixOf(await declaredCatalogue(db), platform),
    async hardware(asked) {
      const [declared, nodes] = [await declaredCatalogue(db), await farmNodes(db)];
      const platforms = new Set(platformsOf(declared, nodes).map(({ id }) => id));
      if (asked > 0) platforms.add(asked);
      return hardwareOf(declared, nodes, [...platforms]).map(rowOf);
    },
    async hardwareOfTasks(accountId, taskIds) {
      const tasks = await ownTasks(db, accountId, taskIds, 'see');
      return tasks.flatMap(({ platform, placement }) => hardwareInUse(platform, placementOf(placement)));
    },
    nodePackages: (accountId) => packagesOfAccount(db, accountId),
    renderEnvs: (accountId, filter) => renderEnvs(db, accountId, filter),
  };
}

/** What a row asks of nodes stays inside. */
function rowOf({ need: _, ...row }: Hardware): HardwareRow {
  return row;
}
