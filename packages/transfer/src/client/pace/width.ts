/**
 * How many requests to have in flight: more while that moves more bytes, fewer once connections break or stand still.
 *
 * An upload begins with as many as it may have: more lost nothing on any link that was measured, and finding out takes longer than most
 * uploads do. What breaks halves the number, once a window of a second. From there it climbs: one more is tried; where the window after it
 * moved a twentieth more bytes, it stays and another is tried, else it is taken back and nothing is tried for eight windows. Only windows in
 * which all places were taken say anything. No clock and no chance in here: the same windows give the same widths.
 */

export interface Width {
  readonly now: number;
  readonly most: number;
  /** Bytes of the last telling window; null while there is none to compare with. */
  readonly bytesBefore: number | null;
  /** Whether the last window was the first with one request more. */
  readonly isTrying: boolean;
  /** Windows until one more is tried again. */
  readonly rest: number;
  /** Whether this window has seen trouble already. */
  readonly isHalved: boolean;
}

/** What one more request has to bring. */
const WORTH = 1.05;
const REST_WINDOWS = 8;

export function widthOf(first: number, most: number): Width {
  const now = Math.max(1, Math.min(first, most));
  return { now, most, bytesBefore: null, isTrying: false, rest: 0, isHalved: false };
}

/** After a window that moved `bytes`. `isTelling`: all places were taken throughout. */
export function afterWindow(width: Width, bytes: number, isTelling: boolean): Width {
  if (width.isHalved || !isTelling) return { ...width, isHalved: false, bytesBefore: null, isTrying: false };
  const before = width.bytesBefore;
  if (width.isTrying && before !== null && bytes < before * WORTH)
    return { ...width, now: width.now - 1, isTrying: false, rest: REST_WINDOWS, bytesBefore: null };
  if (width.rest > 0) return { ...width, rest: width.rest - 1, isTrying: false, bytesBefore: bytes };
  if (width.now === width.most) return { ...width, isTrying: false, bytesBefore: bytes };
  // A window to compare with comes first.
  if (before === null) return { ...width, bytesBefore: bytes };
  return { ...width, now: width.now + 1, isTrying: true, bytesBefore: bytes };
}

/** After a request that broke or stood still. */
export function afterTrouble(width: Width): Width {
  if (width.isHalved) return width;
  const now = Math.max(1, Math.floor(width.now / 2));
  return { ...width, now, isHalved: true, isTrying: false, rest: REST_WINDOWS, bytesBefore: null };
}
