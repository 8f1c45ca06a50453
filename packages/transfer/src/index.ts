export * from './blob-hash.ts';
export * from './blob-store.ts';
export * from './errors.ts';
export { type FsBlobStoreOptions, openFsBlobStore } from './fs-blob-store/fs-blob-store.ts';
export { HashPool } from './hash-pool.ts';
export * from './pack.ts';
