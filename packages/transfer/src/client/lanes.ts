/** Bounded parallel work. */

/** Runs `work` on each item, at most `width` at once. The first error stops new items and is thrown when all rest. */
export async function inLanes<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  width: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let failed: { error: unknown } | null = null;
  const lane = async () => {
    while (failed === null) {
      try {
        const next = await source.next();
        if (next.done) return;
        await work(next.value);
      } catch (error) {
        failed ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  if (failed !== null) {
    await source.return?.();
    throw (failed as { error: unknown }).error;
  }
}

/** The items in arrays of `size`, the last of what is left; one empty array where there is none. */
export async function* slicesOf<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  size: number,
): AsyncGenerator<Item[]> {
  let slice: Item[] = [];
  let isFirst = true;
  for await (const item of items) {
    slice.push(item);
    if (slice.length < size) continue;
    yield slice;
    slice = [];
    isFirst = false;
  }
  if (isFirst || slice.length > 0) yield slice;
}

/** Lets at most `width` actions run at once; the others wait in order. */
export class Gate {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(width: number) {
    this.#free = width;
  }

  async run<Result>(action: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await action();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
