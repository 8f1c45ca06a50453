/**
 * The hardware list that the checker of the newest SDK matches against (compat-api, section 5.3, real-sdk). An element
 * must have all its keys, `platform` must be an int, and the last match wins.
 */
import type { HardwareRow } from '@croft/contract';

const TYPES = { cpu: 1, gpu: 2 } as const;

/** `data` of hardwareConfig/list; `inUse` are the ids that the tasks asked about use now. */
export function hardwareList(rows: readonly HardwareRow[], inUse: readonly number[]) {
  return rows.map((row) => ({
    id: row.id,
    type: TYPES[row.type],
    model: row.model,
    ram: `${row.ramGb}GB`,
    gpuNum: row.gpus > 0 ? `${row.gpus}*GPU` : null,
    platform: row.platform,
    current: inUse.includes(row.id),
    notSupportCgId: row.notSupportCgIds,
    notSupportCode: row.notSupportCodes,
    notSupportCgVersions: row.notSupportCgVersions,
    notSupportPluginList: row.notSupportPlugins,
    status: row.enabled ? 1 : 0,
  }));
}
