/**
 * The hardware list that the checker of the newest SDK matches against (compat-api, section 5.3, real-sdk). An element
 * must have all its keys, `platform` must be an int, and the last match wins, so ids are unique per platform and model.
 *
 * `Default` with 64 or 128 GB is always offered: it means "any node of this farm", and the checker refuses a submit
 * where it is missing. GPU rows appear where a node has one.
 */
import type { NodeRow } from '@croft/contract';
import { PLATFORMS } from './platforms.ts';

const CPU = 1;
const GPU = 2;
const MEMORY_SIZES = ['64GB', '128GB'] as const;
/** Rows a platform may have; ids are platform × this + the row's place. */
const ROWS_A_PLATFORM = 1000;

interface Machine {
  type: 1 | 2;
  model: string;
  ram: string;
  gpuNum: string | null;
}

/** Every configuration on every platform, and on `askedPlatform` when it is another. */
export function hardwareList(nodes: readonly NodeRow[], askedPlatform: number) {
  const machines = machinesOf(nodes);
  const platforms = new Set(PLATFORMS.map(({ platform }) => platform));
  if (askedPlatform > 0) platforms.add(askedPlatform);
  return [...platforms].flatMap((platform) =>
    machines.map((machine, index) => ({
      id: platform * ROWS_A_PLATFORM + index + 1,
      ...machine,
      platform,
      current: index === 0,
      notSupportCgId: [],
      notSupportCode: [],
      notSupportCgVersions: [],
      notSupportPluginList: [],
      status: 1,
    })),
  );
}

function machinesOf(nodes: readonly NodeRow[]): Machine[] {
  const machines: Machine[] = MEMORY_SIZES.map((ram) => ({ type: CPU, model: 'Default', ram, gpuNum: null }));
  const mostGpus = Math.min(9, Math.max(0, ...nodes.map((node) => node.gpus.length)));
  const models = [...new Set(nodes.flatMap((node) => node.gpus))].sort();
  for (let count = 1; count <= mostGpus; count++) {
    for (const model of ['Default', ...models]) {
      for (const ram of MEMORY_SIZES) machines.push({ type: GPU, model, ram, gpuNum: `${count}*GPU` });
    }
  }
  return machines.slice(0, ROWS_A_PLATFORM - 1);
}
