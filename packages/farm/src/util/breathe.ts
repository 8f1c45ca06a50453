import { setImmediate } from 'node:timers/promises';

/**
 * Lets the thread do what else is due. SQLite answers at once and awaiting it gives nobody else a turn, so whoever reads
 * much between two awaits of something real would hold up every other request.
 */
export function breathe(): Promise<void> {
  return setImmediate();
}
