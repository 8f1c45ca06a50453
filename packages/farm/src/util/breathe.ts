import { setImmediate } from 'node:timers/promises';

/**
 * Lets the thread do what else is due. SQLite answers at once and awaiting it gives nobody else a turn, so whoever reads
 * much between two awaits of something real would hold up every other request.
 */
export function breathe(): Promise<void> {
  return setImmediate();
}

/** The items in arrays of at most `size`, with a breath between two of them. */
export async function* breathingChunks<Item>(items: readonly Item[], size: number): AsyncGenerator<Item[]> {
  for (let at = 0; at < items.length; at += size) {
    if (at > 0) await breathe();
    yield items.slice(at, at + size);
  }
}
