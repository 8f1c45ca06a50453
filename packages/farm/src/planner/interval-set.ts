/** A set of whole numbers as sorted, disjoint, non-adjacent intervals: a million waiting frames are one of them. */
export interface Interval {
  readonly first: number;
  readonly last: number;
}

export class IntervalSet {
  /** Bounds in order: first, last, first, last, … */
  #bounds: number[];
  #size: number;

  constructor(intervals: Iterable<Interval> = []) {
    this.#bounds = [];
    this.#size = 0;
    for (const { first, last } of intervals) this.add(first, last);
  }

  /** How many numbers are in the set. */
  get size(): number {
    return this.#size;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** The lowest numbers in a row, at most `most` of them; null when empty. */
  firstRun(most: number): Interval | null {
    if (this.#size === 0) return null;
    const first = this.#bounds[0]!;
    return { first, last: Math.min(this.#bounds[1]!, first + most - 1) };
  }

  has(number: number): boolean {
    const at = this.#intervalEndingAtOrAfter(number);
    return at < this.#bounds.length && this.#bounds[at]! <= number;
  }

  add(first: number, last: number = first): void {
    if (last < first) return;
    const start = this.#intervalEndingAtOrAfter(first - 1);
    let end = start;
    let low = first;
    let high = last;
    while (end < this.#bounds.length && this.#bounds[end]! <= last + 1) {
      low = Math.min(low, this.#bounds[end]!);
      high = Math.max(high, this.#bounds[end + 1]!);
      this.#size -= this.#bounds[end + 1]! - this.#bounds[end]! + 1;
      end += 2;
    }
    this.#bounds.splice(start, end - start, low, high);
    this.#size += high - low + 1;
  }

  remove(first: number, last: number = first): void {
    if (last < first) return;
    const start = this.#intervalEndingAtOrAfter(first);
    const kept: number[] = [];
    let end = start;
    while (end < this.#bounds.length && this.#bounds[end]! <= last) {
      const low = this.#bounds[end]!;
      const high = this.#bounds[end + 1]!;
      this.#size -= high - low + 1;
      if (low < first) {
        kept.push(low, first - 1);
        this.#size += first - low;
      }
      if (high > last) {
        kept.push(last + 1, high);
        this.#size += high - last;
      }
      end += 2;
    }
    this.#bounds.splice(start, end - start, ...kept);
  }

  *intervals(): Generator<Interval> {
    for (let at = 0; at < this.#bounds.length; at += 2) {
      yield { first: this.#bounds[at]!, last: this.#bounds[at + 1]! };
    }
  }

  /** Index in `#bounds` of the first interval whose last is `number` or more. */
  #intervalEndingAtOrAfter(number: number): number {
    let low = 0;
    let high = this.#bounds.length / 2;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#bounds[middle * 2 + 1]! >= number) high = middle;
      else low = middle + 1;
    }
    return low * 2;
  }
}
