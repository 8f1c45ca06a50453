/** Software lists of the API, from what the farm's nodes really have. */

import { stableHash } from '@croft/contract';

/** What the documents fix for an app: file suffixes and what a submit form must ask. */
const FORM_FACTS: Readonly<Record<number, { cgType: string; needProjectPath: number; needAnalyse: number }>> =
  {
    2000: { cgType: 'ma;mb', needProjectPath: 1, needAnalyse: 1 },
    2001: { cgType: 'max', needProjectPath: 1, needAnalyse: 1 },
    2004: { cgType: 'hip;hipnc;hiplc', needProjectPath: 2, needAnalyse: 1 },
    2005: { cgType: 'c4d', needProjectPath: 1, needAnalyse: 1 },
    2007: { cgType: 'blend', needProjectPath: 1, needAnalyse: 1 },
    2008: { cgType: 'vrscene', needProjectPath: 3, needAnalyse: 2 },
    2012: { cgType: 'bip', needProjectPath: 2, needAnalyse: 1 },
    2013: { cgType: 'project;render', needProjectPath: 3, needAnalyse: 1 },
  };
/** Blender: the app of a farm none of whose nodes has reported yet. */
const DEFAULT_CG_ID = 2007;

export interface SoftwareRow {
  cgId: number;
  name: string;
  versions: readonly string[];
}

/** `data` of querySoftwareList. */
export function softwareList(software: readonly SoftwareRow[]) {
  return {
    isAutoCommit: 2,
    renderInfoList: software.map(({ cgId, name }) => {
      const form = FORM_FACTS[cgId];
      return {
        cgId,
        cgName: name,
        cgType: form?.cgType ?? '',
        iconPath: '',
        isNeedProjectPath: form?.needProjectPath ?? 1,
        isNeedAnalyse: form?.needAnalyse ?? 1,
        isSupportLinux: 1,
      };
    }),
    defaultCgId: software[0]?.cgId ?? DEFAULT_CG_ID,
  };
}

/**
 * `data` of querySoftwareDetail. The checker compares `cgVersion` with task.json's for exact equality, and scenes name
 * their app as `3.4` where a node reports `3.4.1`: both spellings are listed. `id` must be truthy and stays the same
 * for the same version.
 */
export function softwareDetail(software: readonly SoftwareRow[], cgId: number) {
  const rows = software.filter((row) => row.cgId === cgId);
  return {
    cgPlugin: [],
    cgVersion: rows.flatMap((row) =>
      spellings(row.versions).map((cgVersion) => ({
        id: stableHash(cgVersion) >>> 1 || 1,
        cgId,
        cgName: row.name,
        cgVersion,
      })),
    ),
  };
}

function spellings(versions: readonly string[]): string[] {
  const short = versions.map((version) => version.split('.').slice(0, 2).join('.'));
  return [...new Set([...versions, ...short])].sort();
}
