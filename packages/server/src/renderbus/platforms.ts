/** The API's Platform object from a pool of nodes. */
import type { PlatformRow } from '@croft/contract';

const TYPES = { gpu: 0, cpu: 1, still: 2 } as const;
const STATUS = { off: 0, normal: 1, busy: 2, full: 3 } as const;
/** From this share of slots at work on, a platform is busy. */
const BUSY_SHARE = 0.8;

/**
 * `data` of queryPlatforms: what the operator declares, else the numbers that clients know. SDKs ask for zone 2 wherever
 * the farm's name does not hold "renderbus", so a zone without platforms gets them all.
 */
export function platformList(rows: readonly PlatformRow[], zone: number) {
  const listed = rows.filter(({ shown, declared }) => shown || declared);
  const inZone = listed.filter((row) => row.zone === zone);
  return (inZone.length > 0 ? inZone : listed).map((row) => ({
    platform: row.id,
    name: row.name,
    type: TYPES[row.type],
    status: statusOf(row),
    taskPrefix: row.prefix,
    isShow: row.shown ? 1 : 0,
  }));
}

/** Off while none of its nodes is online. */
function statusOf({ onlineSlots, running }: PlatformRow): number {
  if (onlineSlots === 0) return STATUS.off;
  if (running >= onlineSlots) return STATUS.full;
  return running >= onlineSlots * BUSY_SHARE ? STATUS.busy : STATUS.normal;
}
