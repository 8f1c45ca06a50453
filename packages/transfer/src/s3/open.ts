/** The way in: the S3 library (0.1 s, 20 MB) is loaded only by a farm that keeps its bytes in a bucket. */
import type { BlobStore } from '../store/blob-store.ts';
import type { S3BlobStoreOptions } from './open-bucket.ts';

/**
 * Opens the store in a bucket. TRANSFER_STORE_REFUSED (bucket, key, rights), TRANSFER_STORE_UNREACHABLE,
 * TRANSFER_STORE_OTHER (another farm's bucket) before anything is stored.
 */
export async function openS3BlobStore(options: S3BlobStoreOptions): Promise<BlobStore> {
  const store = await import('./open-bucket.ts');
  return store.openS3BlobStore(options);
}
