/**
 * Whether the farm has what a task asks for: version of the app, and plug-ins. What a node would render is never refused:
 * the rule is the planner's own (`chooseVersion`), and an app about which nothing is known yet — no node has reported it
 * and nothing is declared — is not judged.
 */
import type { CatalogueApp, CatalogueFile } from '@croft/contract';
import { farmErrors } from '../errors.ts';
import { chooseVersion } from '../planner/versions.ts';
import type { Placement } from './placement.ts';

/** Throws FARM_VERSION_UNKNOWN with the versions there are. */
export function refuseUnknownVersion(app: CatalogueApp | undefined, name: string, version: string): void {
  if (!app || app.versions.length === 0 || version === '') return;
  if (app.versions.includes(version) || chooseVersion(version, app.versions) !== null) return;
  throw farmErrors.FARM_VERSION_UNKNOWN(
    `the farm has ${name} ${app.versions.join(', ')}; the task needs ${version} or newer`,
  );
}

/**
 * The nodes that have the plug-ins. An operator who declares plug-ins of an app declares all of them: another one is
 * FARM_PLUGIN_UNKNOWN. Where none is declared the farm knows nothing about plug-ins, and every node may render the task.
 */
export function pluginNodesOf(
  { apps }: CatalogueFile,
  cgId: number,
  wanted: Readonly<Record<string, string>>,
): Placement['pluginNodes'] {
  const declared = apps.find((app) => app.cgId === cgId)?.plugins ?? [];
  if (declared.length === 0) return [];
  return Object.entries(wanted).flatMap(([name, version]) => {
    const ofName = declared.filter((plugin) => plugin.name.toLowerCase() === name.toLowerCase());
    const right = ofName.filter(({ versions }) => version === '' || versions.includes(version));
    if (right.length === 0) {
      const there = (ofName.length > 0 ? ofName : declared).flatMap((plugin) =>
        plugin.versions.map((one) => `${plugin.name} ${one}`),
      );
      throw farmErrors.FARM_PLUGIN_UNKNOWN(
        `the farm has no plug-in ${`${name} ${version}`.trim()}; it has ${there.join(', ')}`,
      );
    }
    if (right.some(({ nodes }) => nodes === undefined)) return [];
    return [{ plugin: `${name} ${version}`.trim(), nodes: right.flatMap(({ nodes }) => nodes ?? []) }];
  });
}
