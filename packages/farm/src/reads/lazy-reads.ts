/**
 * Reads that load their code with the first look: the query builder costs a tenth of a second and ten megabytes, and a
 * farm that has just started has nobody looking yet.
 */
import type { FarmReads } from '../farm-api.ts';

/** The reads that answer with a stream instead of a promise. */
const STREAMS: ReadonlySet<keyof FarmReads> = new Set(['treeEntries', 'attemptInputs']);

type AnyRead = (...args: readonly unknown[]) => unknown;

/** Opens with the first call, once; a close without any call opens nothing. */
export function lazyReads(open: () => Promise<FarmReads>): FarmReads {
  let opened: Promise<FarmReads> | null = null;
  const ready = () => {
    opened ??= open();
    return opened;
  };
  async function* stream(name: keyof FarmReads, args: readonly unknown[]) {
    const reads = await ready();
    yield* (reads[name] as AnyRead)(...args) as AsyncIterable<unknown>;
  }
  return new Proxy({} as FarmReads, {
    get: (_, key) => {
      // Promises look for `then` on whatever they resolve with.
      if (typeof key !== 'string' || key === 'then') return undefined;
      const name = key as keyof FarmReads;
      if (name === 'close') return async () => (await opened)?.close();
      if (STREAMS.has(name)) return (...args: unknown[]) => stream(name, args);
      return async (...args: unknown[]) => ((await ready())[name] as AnyRead)(...args);
    },
  });
}
