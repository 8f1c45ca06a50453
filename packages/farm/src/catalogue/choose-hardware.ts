/**
 * The hardware that a task chose, as what it asks of nodes. The choice is `hardwareConfigIds` (or the older
 * `hardwareConfigId`) of task.json; without one, `ram` and `graphics_cards_num` count where they are not what every
 * analysis writes ("64", "2"): those are nobody's wish, and a farm of small machines must render such tasks.
 */
import { type CatalogueFile, TASK_INFO } from '@croft/contract';
import { farmErrors } from '../errors.ts';
import { DEFAULT_RAM_GB, defaultHardwareId, type Hardware, hardwareOf } from './hardware-list.ts';
import type { HardwareNeed, PlacedNode, Placement } from './placement.ts';
import { platformsOf } from './platform-list.ts';

/** What a configuration may not be able to do. */
export interface RenderedWith {
  readonly cgId: number;
  readonly cgVersion: string;
  readonly plugins: Readonly<Record<string, string>>;
  readonly tipCodes: readonly string[];
}

export interface HardwareWish {
  readonly ids: readonly string[];
  /** GB as text, `64` or `64GB`. */
  readonly ram: string;
  /** Graphics cards as text. */
  readonly cards: string;
}

type Chosen = Pick<Placement, 'hardwareIds' | 'anyOf'>;

/** All rows of all platforms. */
export function allHardware(declared: CatalogueFile, nodes: readonly PlacedNode[]): Hardware[] {
  const loads = nodes.map((node) => ({ ...node, online: false, running: 0 }));
  const platforms = new Set([
    ...platformsOf(declared, loads).map(({ id }) => id),
    ...declared.hardware.map(({ platform }) => platform),
  ]);
  return hardwareOf(declared, nodes, [...platforms]);
}

/** FARM_HARDWARE_UNKNOWN for an id that is on no list, FARM_HARDWARE_UNFIT where no chosen one can render the task. */
export function chosenHardware(
  declared: CatalogueFile,
  nodes: readonly PlacedNode[],
  platform: number,
  wish: HardwareWish,
  work: RenderedWith,
): Chosen {
  if (wish.ids.length === 0) return { hardwareIds: [], anyOf: plainNeeds(wish) };
  const rows = [...allHardware(declared, nodes), ...hardwareOf(declared, nodes, [platform])];
  return fittingHardware(
    wish.ids.map((id) => rowOf(rows, id)),
    work,
  );
}

function rowOf(rows: readonly Hardware[], id: string): Hardware {
  const row = rows.find((one) => String(one.id) === id.trim());
  if (row?.enabled) return row;
  throw farmErrors.FARM_HARDWARE_UNKNOWN(
    row ? `the hardware ${id} is switched off` : `there is no hardware ${id.slice(0, 40)}`,
  );
}

/** The rows that can do the work, as needs; throws what the first one cannot where none can. */
export function fittingHardware(rows: readonly Hardware[], work: RenderedWith): Chosen {
  const fitting = rows.filter((row) => unfitness(row, work) === null);
  if (fitting.length === 0) throw farmErrors.FARM_HARDWARE_UNFIT(unfitness(rows[0]!, work)!);
  const needs = fitting.map(({ need }) => need);
  return { hardwareIds: fitting.map(({ id }) => id), anyOf: needs.some(isNothing) ? [] : needs };
}

/** A sentence; null where the hardware can do it. */
function unfitness(row: Hardware, { cgId, cgVersion, plugins, tipCodes }: RenderedWith): string | null {
  const name = [row.model, `${row.ramGb}GB`, ...(row.gpus > 0 ? [`${row.gpus}*GPU`] : [])].join(' ');
  if (row.notSupportCgIds.includes(cgId)) return `the hardware ${name} cannot run this app`;
  if (row.notSupportCgVersions.some((one) => one.cgId === cgId && one.cgVersionName === cgVersion))
    return `the hardware ${name} cannot run version ${cgVersion}`;
  const code = tipCodes.find((one) => row.notSupportCodes.includes(one));
  if (code !== undefined) return `the hardware ${name} cannot render a scene with the tip ${code}`;
  for (const [plugin, version] of Object.entries(plugins)) {
    const text = `${plugin} ${version}`.slice(0, 300);
    if (row.notSupportPlugins.some((pattern) => new RegExp(pattern, 'i').test(text)))
      return `the hardware ${name} cannot run ${text}`;
  }
  return null;
}

function plainNeeds({ ram, cards }: HardwareWish): HardwareNeed[] {
  const memoryGb = wholeNumber(ram.replace(/gb$/i, ''));
  const count = wholeNumber(cards);
  const need: HardwareNeed = {
    memoryGb: memoryGb === DEFAULT_RAM_GB ? 0 : memoryGb,
    cards: cards === TASK_INFO.graphics_cards_num ? 0 : count,
    cardModel: null,
    cpuModel: null,
    nodes: null,
  };
  return isNothing(need) ? [] : [need];
}

function isNothing({ memoryGb, cards, cpuModel, nodes }: HardwareNeed): boolean {
  return memoryGb === 0 && cards === 0 && cpuModel === null && nodes === null;
}

function wholeNumber(text: string): number {
  return /^\d{1,6}$/.test(text.trim()) ? Number(text) : 0;
}

/** Ids that a task uses now: what it chose, else what stands for "any node". */
export function hardwareInUse(platform: number, { hardwareIds }: Placement): readonly number[] {
  return hardwareIds.length > 0 ? hardwareIds : [defaultHardwareId(platform)];
}
