/** Software of the farm: what its nodes report, whether they are here or away, and what the operator declares. */
import { type CatalogueApp, type CatalogueFile, dccOfId, stableHash } from '@croft/contract';
import { compareVersions } from '../planner/versions.ts';
import type { PlacedNode } from './placement.ts';

/** An app as the farm's code knows it. */
export interface KnownApp {
  readonly id: string;
  readonly cgId: number;
  readonly name: string;
}

/** Apps that a node has or the operator declares, by cgId. */
export function appsOf(
  declared: CatalogueFile,
  nodes: readonly PlacedNode[],
  known: readonly KnownApp[],
): CatalogueApp[] {
  const installed = installedOn(nodes);
  const cgIds = new Set([
    ...known.filter(({ id }) => installed.has(id)).map(({ cgId }) => cgId),
    ...declared.apps.map(({ cgId }) => cgId),
  ]);
  return [...cgIds]
    .sort((a, b) => a - b)
    .map((cgId) => {
      const app = known.find((candidate) => candidate.cgId === cgId);
      const wish = declared.apps.find((candidate) => candidate.cgId === cgId);
      const here = (app && installed.get(app.id)) ?? { versions: new Set<string>(), onLinux: false };
      const versions = [...here.versions].sort(compareVersions);
      return {
        cgId,
        app: app?.id ?? null,
        name: wish?.name ?? app?.name ?? dccOfId(cgId)?.cgName ?? String(cgId),
        versions: [...new Set([...versions, ...(wish?.versions ?? [])])].sort(compareVersions),
        installed: versions,
        plugins: (wish?.plugins ?? []).flatMap(({ name, versions }) =>
          versions.map((version) => ({ id: pluginIdOf(cgId, name, version), name, version })),
        ),
        onLinux: here.onLinux || here.versions.size === 0,
      };
    });
}

function installedOn(nodes: readonly PlacedNode[]): Map<string, { versions: Set<string>; onLinux: boolean }> {
  const installed = new Map<string, { versions: Set<string>; onLinux: boolean }>();
  for (const { facts } of nodes) {
    for (const { app, version } of facts.apps) {
      const entry = installed.get(app) ?? { versions: new Set<string>(), onLinux: false };
      entry.versions.add(version);
      entry.onLinux ||= facts.os === 'linux';
      installed.set(app, entry);
    }
  }
  return installed;
}

/** Positive, 31 bits, and the same for the same version of a plug-in for ever. */
export function pluginIdOf(cgId: number, name: string, version: string): number {
  return stableHash(`${cgId}\n${name.toLowerCase()}\n${version}`) >>> 1 || 1;
}
