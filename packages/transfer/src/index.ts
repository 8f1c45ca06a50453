export * from './blob-hash.ts';
export * from './blob-store.ts';
export { DELTA_RULES, type DeltaRule } from './client/delta-rule.ts';
export type { Authorise } from './client/door-http.ts';
export {
  EXISTING_RULES,
  type ExistingRule,
  holdsAt,
  renamed,
  type SettledPlace,
  settlePlace,
} from './client/existing.ts';
export { Gate } from './client/lanes.ts';
export type { TransferPhase, TransferProgress } from './client/progress.ts';
export { TrustedBlobs } from './client/receive-all.ts';
export type { RememberedFile, UploadFile } from './client/scan-files.ts';
export * from './client/transfer-client.ts';
export { COMPRESS_RULES, type CompressRule } from './client/wire-compression.ts';
export type * from './client/wishes.ts';
export { CollectableStore } from './collectable-store.ts';
export { CHUNKS_TYPE, DELTA_MAX_BYTES, listChunks, NO_CHUNK } from './delta/chunk-list.ts';
export { DELTA_TYPE } from './delta/delta-body.ts';
export { ToldBytes } from './delta/told-bytes.ts';
export * from './errors.ts';
export { type FsBlobStoreOptions, openFsBlobStore } from './fs-blob-store/fs-blob-store.ts';
export { SYNC_POLICIES, type SyncPolicy } from './fs-blob-store/sync-policy.ts';
export { GivenBody } from './given-body.ts';
export { HashPool } from './hash-pool.ts';
export { makeFolder } from './make-folder.ts';
export { readNdjson, readNdjsonGroups, writeNdjson } from './ndjson.ts';
export * from './pack.ts';
export { openS3BlobStore } from './s3/open.ts';
export type { S3BlobStoreOptions } from './s3/open-bucket.ts';
export type { S3Credentials } from './s3/s3-connection.ts';
export { nameOfPlace, parseS3Place, type S3Place } from './s3/s3-place.ts';
export { isWorthZstd, unzstd, ZSTD, zstdOf, zstdStream } from './zstd-body.ts';
