/**
 * Where a task may be rendered: its platform's pool, its package of nodes, and what it asks of the hardware. Pools and
 * packages are looked up as they are now, so that an operator can move nodes between them; what a hardware choice asks
 * for is frozen with the task (`Placement`), so that a changed list does not change tasks under way.
 */
import type { CatalogueFile, NodeFacts } from '@croft/contract';
import { cardModel, soldMemoryGb } from './machine-words.ts';
import { namesNode } from './node-patterns.ts';

/** What one configuration asks of a node. */
export interface HardwareNeed {
  /** GB as sold; 0: any. */
  readonly memoryGb: number;
  /** Graphics cards, of `cardModel` where one is named. */
  readonly cards: number;
  readonly cardModel: string | null;
  readonly cpuModel: string | null;
  /** Names of nodes; null: any. */
  readonly nodes: readonly string[] | null;
}

/** Frozen with the task: json of `tasks.placement`. */
export interface Placement {
  /** Ids of the chosen hardware, as the hardware list showed them. */
  readonly hardwareIds: readonly number[];
  /** A node must be as one of them; empty: any node. */
  readonly anyOf: readonly HardwareNeed[];
  /** Names of nodes per plug-in that only some nodes have: a node must be named in each. */
  readonly pluginNodes: readonly { readonly plugin: string; readonly nodes: readonly string[] }[];
  /** Package of nodes; null: none. */
  readonly packageId: number | null;
}

export const ANYWHERE: Placement = { hardwareIds: [], anyOf: [], pluginNodes: [], packageId: null };

/** Reads the column; `{}` is a task without wishes. */
export function placementOf(text: string): Placement {
  return { ...ANYWHERE, ...(JSON.parse(text) as Partial<Placement>) };
}

export interface PlacedNode {
  readonly id: string;
  readonly facts: NodeFacts;
}

export type PlaceMisfit = 'other-platform' | 'other-package' | 'other-hardware' | 'no-plugin';

/** Why the node may not render a task of that platform and placement; null where it may. */
export function placeMisfit(
  declared: CatalogueFile,
  task: { readonly platform: number; readonly placement: Placement },
  node: PlacedNode,
): PlaceMisfit | null {
  const { packageId, anyOf, pluginNodes } = task.placement;
  if (!isOnPlatform(declared, task.platform, node)) return 'other-platform';
  if (packageId !== null && !isInPackage(declared, packageId, node)) return 'other-package';
  if (anyOf.length > 0 && !anyOf.some((need) => meetsNeed(need, node))) return 'other-hardware';
  return pluginNodes.every(({ nodes }) => isNamed(nodes, node)) ? null : 'no-plugin';
}

/** A platform that is not declared, or declared without nodes, is the whole farm. */
export function isOnPlatform({ platforms }: CatalogueFile, platform: number, node: PlacedNode): boolean {
  const nodes = platforms.find(({ id }) => id === platform)?.nodes;
  return nodes === undefined || isNamed(nodes, node);
}

/** A package that is not declared any more has no nodes. */
function isInPackage({ packages }: CatalogueFile, packageId: number, node: PlacedNode): boolean {
  const nodes = packages.find(({ id }) => id === packageId)?.nodes;
  return nodes !== undefined && isNamed(nodes, node);
}

/** Answers by list and node: the planner asks for every task and node in every pass, and neither changes meanwhile. */
const answers = new WeakMap<readonly string[], WeakMap<PlacedNode, boolean>>();

function isNamed(patterns: readonly string[], node: PlacedNode): boolean {
  let ofList = answers.get(patterns);
  if (!ofList) {
    ofList = new WeakMap();
    answers.set(patterns, ofList);
  }
  const known = ofList.get(node);
  if (known !== undefined) return known;
  const answer = namesNode(patterns, { id: node.id, name: node.facts.name });
  ofList.set(node, answer);
  return answer;
}

export function meetsNeed(need: HardwareNeed, node: PlacedNode): boolean {
  const { memoryGb, cards, cpuModel, nodes } = need;
  const { facts } = node;
  if (nodes !== null && !isNamed(nodes, node)) return false;
  if (memoryGb > soldMemoryGb(facts.memoryBytes)) return false;
  if (cpuModel !== null && cpuModel !== facts.cpuModel) return false;
  if (cards === 0) return true;
  const right = facts.gpus.filter(
    ({ model }) => need.cardModel === null || cardModel(model) === need.cardModel,
  );
  return right.length >= cards;
}

/** `a node with 128 GB of memory and 2 × 2080Ti`, for sentences. */
export function needWords({ memoryGb, cards, cardModel: model, cpuModel, nodes }: HardwareNeed): string {
  const parts = [
    ...(memoryGb > 0 ? [`${memoryGb} GB of memory`] : []),
    ...(cards > 0 ? [`${cards} × ${model ?? 'graphics card'}`] : []),
    ...(cpuModel === null ? [] : [cpuModel]),
  ];
  const machine = parts.length === 0 ? 'a node' : `a node with ${parts.join(' and ')}`;
  return nodes === null ? machine : `${machine} among ${nodes.join(', ')}`;
}
