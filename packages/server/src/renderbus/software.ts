/** Software lists of the API, from what the farm's nodes have and the operator declares. */
import { type CatalogueApp, dccOfId, stableHash } from '@croft/contract';
import { iconPathOf } from '../http/icons.ts';

interface FormFacts {
  readonly needProjectPath: number;
  readonly needAnalyse: number;
}

/** What the documents fix for an app: what a submit form must ask. Others need a project path and an analysis. */
const FORM_FACTS: Readonly<Record<number, FormFacts>> = {
  2004: { needProjectPath: 2, needAnalyse: 1 },
  2008: { needProjectPath: 3, needAnalyse: 2 },
  2012: { needProjectPath: 2, needAnalyse: 1 },
  2013: { needProjectPath: 3, needAnalyse: 1 },
};
const USUAL_FORM: FormFacts = { needProjectPath: 1, needAnalyse: 1 };
/** Blender: the app of a farm none of whose nodes has reported yet. */
const DEFAULT_CG_ID = 2007;

/** `data` of querySoftwareList. */
export function softwareList(apps: readonly CatalogueApp[]) {
  return {
    isAutoCommit: 2,
    renderInfoList: apps.map(({ cgId, name, onLinux }) => {
      const { needProjectPath, needAnalyse } = FORM_FACTS[cgId] ?? USUAL_FORM;
      return {
        cgId,
        cgName: name,
        cgType: dccOfId(cgId)?.sceneSuffixes.join(';') ?? '',
        iconPath: iconPathOf(dccOfId(cgId)?.sdkName ?? name),
        isNeedProjectPath: needProjectPath,
        isNeedAnalyse: needAnalyse,
        isSupportLinux: onLinux ? 1 : 0,
      };
    }),
    defaultCgId: (apps.find(({ app }) => app !== null) ?? apps[0])?.cgId ?? DEFAULT_CG_ID,
  };
}

/**
 * `data` of querySoftwareDetail. The checker compares `cgVersion` with task.json's for exact equality, and scenes name
 * their app as `3.4` where a node reports `3.4.1`: both spellings are listed. `id` must be truthy and stays the same
 * for the same version.
 */
export function softwareDetail(apps: readonly CatalogueApp[], cgId: number) {
  const app = apps.find((candidate) => candidate.cgId === cgId);
  const plugins = app?.plugins ?? [];
  return {
    cgPlugin: [...new Set(plugins.map(({ name }) => name))].map((pluginName) => ({
      cvId: idOf(`${cgId} plug-in ${pluginName}`),
      pluginName,
      pluginVersions: plugins.filter(({ name }) => name === pluginName).map(pluginVersion),
    })),
    cgVersion: spellings(app?.versions ?? []).map((cgVersion) => ({
      id: idOf(`${cgId} ${cgVersion}`),
      cgId,
      cgName: app?.name ?? '',
      cgVersion,
    })),
  };
}

/** The API's PluginVersion object: the version is told with its name. */
export function pluginVersion({ id, name, version }: { id: number; name: string; version: string }) {
  return { pluginId: id, pluginName: name, pluginVersion: `${name} ${version}` };
}

/** Each version, and of versions of three numbers the first two. */
function spellings(versions: readonly string[]): string[] {
  const short = versions.map((version) => /^\d+\.\d+(?=\.\d+$)/.exec(version)?.[0] ?? version);
  return [...new Set([...versions, ...short])].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

/** Positive, 31 bits, the same for the same words. */
function idOf(words: string): number {
  return stableHash(words) >>> 1 || 1;
}
