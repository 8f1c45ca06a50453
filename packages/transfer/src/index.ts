export * from './blob-hash.ts';
export { Gate } from './client/lanes.ts';
export type { TransferPhase, TransferProgress } from './client/progress.ts';
export {
  EXISTING_RULES,
  type ExistingRule,
  holdsAt,
  renamed,
  type SettledPlace,
  settlePlace,
} from './client/receive/existing.ts';
export { TrustedBlobs } from './client/receive/receive-all.ts';
export { DELTA_RULES, type DeltaRule } from './client/send/delta-rule.ts';
export type { RememberedFile, UploadFile } from './client/send/upload-file.ts';
export * from './client/transfer-client.ts';
export type { Authorise } from './client/wire/door-http.ts';
export { COMPRESS_RULES, type CompressRule } from './client/wire/wire-compression.ts';
export type * from './client/wishes.ts';
export { CHUNKS_TYPE, DELTA_MAX_BYTES, listChunks, NO_CHUNK } from './delta/chunk-list.ts';
export { DELTA_TYPE } from './delta/delta-body.ts';
export { ToldBytes } from './delta/told-bytes.ts';
export * from './errors.ts';
export { HashPool } from './files/hash-pool.ts';
export { makeFolder } from './files/make-folder.ts';
export { readNdjson, readNdjsonGroups, writeNdjson } from './formats/ndjson.ts';
export * from './formats/pack.ts';
export { isWorthZstd, unzstd, ZSTD, zstdOf, zstdStream } from './formats/zstd-body.ts';
export { type FsBlobStoreOptions, openFsBlobStore } from './fs-blob-store/fs-blob-store.ts';
export { SYNC_POLICIES, type SyncPolicy } from './fs-blob-store/sync-policy.ts';
export { openS3BlobStore } from './s3/open.ts';
export type { S3BlobStoreOptions } from './s3/open-bucket.ts';
export type { S3Credentials } from './s3/s3-connection.ts';
export { nameOfPlace, parseS3Place, type S3Place } from './s3/s3-place.ts';
export * from './store/blob-store.ts';
export { CollectableStore } from './store/collectable-store.ts';
export { GivenBody } from './store/given-body.ts';
