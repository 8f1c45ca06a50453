/** Many short blobs out of a store, one reading each: for stores that have no better way. */
import type { BlobId } from '@croft/contract';
import { CroftError } from '@croft/contract';
import { inLanes } from '../client/lanes.ts';
import type { PackedBlob } from '../formats/pack.ts';
import type { BlobStore } from './blob-store.ts';

const READS_AT_ONCE = 8;

/** Those of the blobs that are there and whole, in no order. */
export async function readSmallByOne(
  store: Pick<BlobStore, 'read'>,
  ids: Iterable<BlobId>,
): Promise<PackedBlob[]> {
  const found: PackedBlob[] = [];
  await inLanes(ids, READS_AT_ONCE, async (id) => {
    try {
      const chunks: Uint8Array[] = [];
      for await (const chunk of (await store.read(id)).body) chunks.push(chunk);
      found.push({ id, bytes: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks) });
    } catch (thrown) {
      // Whoever asks for this one by itself is told what is wrong with it.
      if (!(thrown instanceof CroftError) || !ABSENT.has(thrown.code)) throw thrown;
    }
  });
  return found;
}

const ABSENT = new Set(['TRANSFER_NOT_FOUND', 'TRANSFER_BLOB_CORRUPT']);
