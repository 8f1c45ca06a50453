import { createHash } from 'node:crypto';
import type { BlobId } from '@croft/contract';
import type { SmallBlobs } from '../ports.ts';

/** The id of small bytes. */
export function blobIdOf(bytes: Uint8Array | string): BlobId {
  return `sha256-${createHash('sha256').update(bytes).digest('hex')}` as BlobId;
}

/** Blobs in memory, one map for all farms that a test opens on one home. */
export function memoryBlobs(blobs = new Map<BlobId, Uint8Array>()): SmallBlobs {
  return {
    async read(id, maxBytes) {
      const bytes = blobs.get(id);
      if (!bytes || bytes.length > maxBytes) throw new Error(`no blob ${id}`);
      return bytes;
    },
    async store(bytes) {
      const id = blobIdOf(bytes);
      blobs.set(id, bytes);
      return { id, size: bytes.length };
    },
  };
}
