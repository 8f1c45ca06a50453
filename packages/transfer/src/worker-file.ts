/**
 * The one place that knows where this room's worker files lie. They run as written (type stripping); a bundler that
 * publishes this room replaces this file, which is why no other file spells a worker's URL.
 */
export const workerFiles = {
  hash: new URL('./files/hash-worker.ts', import.meta.url),
  place: new URL('./client/receive/place-worker.ts', import.meta.url),
  write: new URL('./files/write-worker.ts', import.meta.url),
};
