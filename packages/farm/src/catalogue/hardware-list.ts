/**
 * The hardware that users may choose (Renderbus API, hardwareConfig/list): what follows from the farm's nodes, and what
 * the operator declares.
 *
 * From the nodes, per platform: `Default` with 64 GB, which is what SDKs ask for where a user does not care and so means
 * any node; then every memory size that nodes were sold with, every processor and every kind and number of graphics
 * cards, each meaning "at least this". The ids of these are made from what the row says, so that the id in a task.json
 * keeps its meaning while nodes come and go; they start above every id that may be declared.
 */
import { type CatalogueFile, type DeclaredHardware, type HardwareRow, stableHash } from '@croft/contract';
import { cardModel, soldMemoryGb } from './machine-words.ts';
import { type HardwareNeed, isOnPlatform, meetsNeed, type PlacedNode } from './placement.ts';

/** Memory that task.json and SDKs ask for when nobody chose. */
export const DEFAULT_RAM_GB = 64;
const ANY_MODEL = 'Default';
const FIRST_FOUND_ID = 2 ** 30;
const MOST_CARDS = 9;
const MOST_ROWS_A_PLATFORM = 500;

/** A row, and what it asks of a node. */
export interface Hardware extends HardwareRow {
  readonly need: HardwareNeed;
}

type Choice = Pick<HardwareRow, 'type' | 'model' | 'ramGb' | 'gpus'> & { readonly need: HardwareNeed };

const NO_NEED: HardwareNeed = { memoryGb: 0, cards: 0, cardModel: null, cpuModel: null, nodes: null };
const ANY_NODE: Choice = plain(ANY_MODEL, DEFAULT_RAM_GB, NO_NEED);

/** Rows of the platforms; declared ones last, because clients take the last one that matches. */
export function hardwareOf(
  declared: CatalogueFile,
  nodes: readonly PlacedNode[],
  platforms: readonly number[],
): Hardware[] {
  const found = platforms.flatMap((platform) => foundOn(declared, nodes, platform));
  const wished = declared.hardware.filter(({ platform }) => platforms.includes(platform));
  return [...found, ...wished.map((one) => declaredRow(declared, one, nodes))];
}

/** The configuration of a task that chose none. */
export function defaultHardwareId(platform: number): number {
  return foundId(platform, { type: 'cpu', model: ANY_MODEL, ramGb: DEFAULT_RAM_GB, gpus: 0 });
}

function foundOn(declared: CatalogueFile, nodes: readonly PlacedNode[], platform: number): Hardware[] {
  const pool = nodes.filter((node) => isOnPlatform(declared, platform, node));
  const choices = new Map<number, Choice>();
  const offered = declared.hardwareFromNodes ? [...plainChoices(pool), ...cardChoices(pool)] : [];
  // SDKs submit nothing without hardware, so a platform always has some.
  if (offered.length === 0 && !hasDeclared(declared, platform)) offered.push(ANY_NODE);
  for (const choice of offered) {
    const id = foundId(platform, choice);
    if (!choices.has(id) && choices.size < MOST_ROWS_A_PLATFORM) choices.set(id, choice);
  }
  return [...choices].map(([id, choice]) => ({
    id,
    platform,
    ...choice,
    enabled: true,
    declared: false,
    nodes: pool.filter((node) => meetsNeed(choice.need, node)).length,
    notSupportCgIds: [],
    notSupportCodes: [],
    notSupportCgVersions: [],
    notSupportPlugins: [],
  }));
}

function hasDeclared({ hardware }: CatalogueFile, platform: number): boolean {
  return hardware.some((one) => one.platform === platform && one.enabled);
}

function plainChoices(pool: readonly PlacedNode[]): Choice[] {
  const choices: Choice[] = [ANY_NODE];
  for (const { facts } of byMemory(pool)) {
    const memoryGb = soldMemoryGb(facts.memoryBytes);
    const cpuModel = facts.cpuModel;
    choices.push(plain(ANY_MODEL, memoryGb, { ...NO_NEED, memoryGb }));
    choices.push(plain(cpuModel, memoryGb, { ...NO_NEED, memoryGb, cpuModel }));
  }
  return choices;
}

function plain(model: string, ramGb: number, need: HardwareNeed): Choice {
  return { type: 'cpu', model, ramGb, gpus: 0, need };
}

/** 1 card up to as many as a node has of the kind; with the memory of that node, and with what nobody chose. */
function cardChoices(pool: readonly PlacedNode[]): Choice[] {
  return byMemory(pool).flatMap(({ facts }) => {
    const models = facts.gpus.map(({ model }) => cardModel(model));
    return [null, ...new Set(models)].flatMap((model) => {
      const most = model === null ? models.length : models.filter((one) => one === model).length;
      return Array.from({ length: Math.min(most, MOST_CARDS) }, (_, index) => index + 1).flatMap((cards) =>
        [0, soldMemoryGb(facts.memoryBytes)].map((memoryGb) => ({
          type: 'gpu' as const,
          model: model ?? ANY_MODEL,
          ramGb: memoryGb || DEFAULT_RAM_GB,
          gpus: cards,
          need: { ...NO_NEED, memoryGb, cards, cardModel: model },
        })),
      );
    });
  });
}

/** Smallest first, so that lists do not depend on the order in which nodes joined. */
function byMemory(pool: readonly PlacedNode[]): PlacedNode[] {
  return [...pool].sort(
    (a, b) => a.facts.memoryBytes - b.facts.memoryBytes || a.facts.name.localeCompare(b.facts.name, 'en'),
  );
}

function declaredRow(declared: CatalogueFile, one: DeclaredHardware, nodes: readonly PlacedNode[]): Hardware {
  const { nodes: named, ...facts } = one;
  const isCardModel = one.gpus > 0 && one.model !== ANY_MODEL && named === undefined;
  const need: HardwareNeed = {
    memoryGb: one.ramGb,
    cards: one.gpus,
    cardModel: isCardModel ? cardModel(one.model) : null,
    cpuModel: null,
    nodes: named ?? null,
  };
  const fitting = nodes.filter((node) => isOnPlatform(declared, one.platform, node) && meetsNeed(need, node));
  return { ...facts, need, declared: true, nodes: fitting.length };
}

/** Equal for equal rows: 30 bits above every declared id. */
function foundId(platform: number, choice: Omit<Choice, 'need'>): number {
  const words = [platform, choice.type, choice.model, choice.ramGb, choice.gpus].join('\n');
  return FIRST_FOUND_ID + (stableHash(words) >>> 2);
}
