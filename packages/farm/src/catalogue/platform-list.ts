/**
 * The platforms that clients know by number. A farm of one's own is one farm, so all of them lead to it, until the
 * operator declares one as a pool of nodes. Declared platforms take the place of those that lists show; the others stay
 * valid, because scripts and analyses carry their numbers.
 */
import type { CatalogueFile, DeclaredPlatform, PlatformRow } from '@croft/contract';
import { isOnPlatform, type PlacedNode } from './placement.ts';

interface Named extends Omit<DeclaredPlatform, 'name' | 'nodes'> {
  readonly name: string;
}

const DEFAULT_PREFIX = '2W';

/** Numbers that releases of the SDK and its documents use (compatibility notes, section 4.5). */
const KNOWN: readonly Named[] = [
  // 2 is the SDK's documented example, 4 its constructor's default, 62 the present default of the documents.
  known(2, 'query_platform_w2', 'cpu', true),
  known(3, 'query_platform_old_w3', 'cpu', false),
  known(4, 'query_platform_w4', 'cpu', true),
  known(6, 'query_platform_w6', 'cpu', true),
  known(9, 'query_platform_w9', 'cpu', false),
  known(20, 'query_platform_pic', 'still', false),
  known(21, 'query_platform_gpu', 'gpu', false),
  known(35, 'query_platform_gpu5', 'gpu', false),
  known(59, 'query_platform_gpu59', 'gpu', false),
  known(61, 'query_platform_gpu61', 'gpu', false),
  known(62, 'query_platform_w3', 'cpu', true),
];

function known(id: number, name: string, type: Named['type'], shown: boolean): Named {
  return { id, name, zone: 2, type, prefix: DEFAULT_PREFIX, shown };
}

/** Load of a node, as lists show it. */
export interface NodeLoad extends PlacedNode {
  readonly online: boolean;
  readonly running: number;
}

/** All platforms by number: the declared ones, and the known ones that are not declared. */
export function platformsOf(declared: CatalogueFile, nodes: readonly NodeLoad[]): PlatformRow[] {
  const isAnyDeclared = declared.platforms.length > 0;
  const ids = new Set(declared.platforms.map(({ id }) => id));
  const named: (Named & { declared: boolean })[] = [
    ...declared.platforms.map((platform) => ({
      ...platform,
      name:
        platform.name ?? KNOWN.find(({ id }) => id === platform.id)?.name ?? `query_platform_${platform.id}`,
      declared: true,
    })),
    ...KNOWN.filter(({ id }) => !ids.has(id)).map((platform) => ({
      ...platform,
      shown: platform.shown && !isAnyDeclared,
      declared: false,
    })),
  ];
  return named.sort((a, b) => a.id - b.id).map((platform) => rowOf(declared, platform, nodes));
}

function rowOf(
  declared: CatalogueFile,
  { id, name, zone, type, prefix, shown, declared: isDeclared }: Named & { declared: boolean },
  nodes: readonly NodeLoad[],
): PlatformRow {
  const pool = nodes.filter((node) => isOnPlatform(declared, id, node));
  const online = pool.filter((node) => node.online);
  const slotsOf = (some: readonly NodeLoad[]) => some.reduce((sum, { facts }) => sum + facts.slots, 0);
  return {
    id,
    name,
    zone,
    type,
    prefix,
    shown,
    declared: isDeclared,
    nodes: pool.map(({ facts }) => facts.name),
    slots: slotsOf(pool),
    onlineSlots: slotsOf(online),
    running: online.reduce((sum, { running }) => sum + running, 0),
  };
}

/** What stands before ids of tasks of the platform. */
export function taskPrefixOf(declared: CatalogueFile, platform: number): string {
  return declared.platforms.find(({ id }) => id === platform)?.prefix ?? DEFAULT_PREFIX;
}
