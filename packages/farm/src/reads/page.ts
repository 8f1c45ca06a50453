/** Largest page any read gives. */
const LARGEST_PAGE = 1000;
/** A page beyond this is empty in any farm; offsets stay whole numbers that SQLite takes. */
const LAST_PAGE = 1_000_000_000;

/** The page as it can be given: nonsense (fractions, NaN, numbers below 1) becomes the nearest sense. */
export function boundedPage(page: number, size: number): { page: number; size: number } {
  return { page: clamp(page, LAST_PAGE), size: clamp(size, LARGEST_PAGE) };
}

function clamp(value: number, most: number): number {
  return Math.max(1, Math.min(most, Math.floor(value) || 1));
}
