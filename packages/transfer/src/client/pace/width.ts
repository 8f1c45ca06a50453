/**
 * How many requests to have in flight: more while that moves more bytes, fewer once connections break or stand still.
 *
 * It begins by doubling, since most links are known after one step: what twice as many move beside what moved before says how many the link
 * carries (twice as much: all of them, and they are doubled again; half as much again: half as many more). A doubling that brought less
 * than that is tried once more a little later: over a long way the first windows hold what went into buffers. From then on it climbs: one more is tried; where the window after it moved a twentieth more bytes, it stays and another is tried, else it is taken back and
 * nothing is tried for eight windows. What breaks halves the width, once a window, and ends the doubling. Only windows in which all places were
 * taken say anything. No clock and no chance in here: the same windows give the same widths.
 */

export interface Width {
  readonly now: number;
  readonly most: number;
  /** Bytes of the last telling window; null while there is none to compare with. */
  readonly bytesBefore: number | null;
  /** How many more than before the last window had for the first time. */
  readonly tried: number;
  /** How often twice as many may still bring less than twice as much before one more at a time is tried. */
  readonly doublingsLeft: number;
  /** Windows until one more is tried again. */
  readonly rest: number;
  /** Whether this window has seen trouble already. */
  readonly isHalved: boolean;
}

/** What one more request has to bring. */
const WORTH = 1.05;
/** What twice as many have to bring to be doubled again. */
const WORTH_DOUBLED = 1.9;
/** A first window that moves less than this of the one before: what went until then went into buffers. */
const STILL_FALLING = 0.8;
const REST_WINDOWS = 8;
/** Between the first doubling that brought too little and the second. Windows are short then. */
const DOUBLING_REST_WINDOWS = 6;
const DOUBLINGS = 2;

export function widthOf(first: number, most: number): Width {
  const now = Math.max(1, Math.min(first, most));
  return { now, most, bytesBefore: null, tried: 0, doublingsLeft: DOUBLINGS, rest: 0, isHalved: false };
}

/** After a window that moved `bytes`. `isTelling`: all places were taken throughout. */
export function afterWindow(width: Width, bytes: number, isTelling: boolean): Width {
  if (width.isHalved || !isTelling) return { ...width, isHalved: false, bytesBefore: null, tried: 0 };
  const before = width.bytesBefore;
  if (width.tried > 0 && before !== null) {
    if (width.doublingsLeft > 0) return afterDoubling(width, before, bytes);
    if (bytes < before * WORTH) return takenBack(width);
  }
  if (width.rest > 0) return { ...width, rest: width.rest - 1, tried: 0, bytesBefore: bytes };
  if (width.now === width.most) return { ...width, tried: 0, bytesBefore: bytes };
  // A window to compare with comes first; while the kernel's buffers fill, windows fall and are none.
  const isFilling = width.doublingsLeft > 0 && before !== null && bytes < before * STILL_FALLING;
  if (before === null || isFilling) return { ...width, bytesBefore: bytes };
  return withMore(width, bytes);
}

/** After a request that broke or stood still. */
export function afterTrouble(width: Width): Width {
  if (width.isHalved) return width;
  const now = Math.max(1, Math.floor(width.now / 2));
  const ended = { doublingsLeft: 0, isHalved: true, tried: 0, rest: REST_WINDOWS, bytesBefore: null };
  return { ...width, now, ...ended };
}

function afterDoubling(width: Width, before: number, bytes: number): Width {
  const was = width.now - width.tried;
  const gain = bytes / before;
  const isAllWorth = gain >= Math.min(WORTH_DOUBLED, (width.now / was) * (WORTH_DOUBLED / 2));
  if (isAllWorth && width.now < width.most) return withMore(width, bytes);
  if (isAllWorth) return { ...width, tried: 0, doublingsLeft: 0, bytesBefore: bytes };
  const worth = gain < WORTH ? was : Math.round(was * gain);
  return settledAt(width, Math.max(was, Math.min(width.now, worth)));
}

function withMore(width: Width, bytes: number): Width {
  const tried = Math.min(width.doublingsLeft > 0 ? width.now : 1, width.most - width.now);
  return { ...width, now: width.now + tried, tried, bytesBefore: bytes };
}

function takenBack(width: Width): Width {
  return settledAt(width, width.now - width.tried);
}

/** Stays at `now` for a while. */
function settledAt(width: Width, now: number): Width {
  const doublingsLeft = Math.max(0, width.doublingsLeft - 1);
  const rest = doublingsLeft > 0 ? DOUBLING_REST_WINDOWS : REST_WINDOWS;
  return { ...width, now, tried: 0, doublingsLeft, rest, bytesBefore: null };
}
