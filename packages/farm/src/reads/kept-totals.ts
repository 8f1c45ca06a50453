/**
 * How many rows a filter finds, kept while nothing is committed: who turns the pages of a list asks for the same number with
 * each, and counting costs more than the page.
 */
const MOST_TOTALS = 100;

export interface KeptTotals {
  /** The total of `filter`, kept or counted by `count`. */
  of(filter: unknown, count: () => Promise<number>): Promise<number>;
}

/** `version` is the store's: see `ReadConnection`. */
export function keptTotals(version: () => number | null): KeptTotals {
  let at: number | null = null;
  let totals = new Map<string, number>();
  return {
    async of(filter, count) {
      const now = version();
      if (now === null) return count();
      if (now !== at || totals.size >= MOST_TOTALS) totals = new Map();
      at = now;
      const ofNow = totals;
      const key = JSON.stringify(filter);
      const known = ofNow.get(key);
      if (known !== undefined) return known;
      const total = await count();
      ofNow.set(key, total);
      return total;
    },
  };
}
