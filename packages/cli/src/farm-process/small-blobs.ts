/** The blob store as the farm wants to see it. */
import type { SmallBlobs } from '@croft/farm';
import { type BlobStore, blobIdOfBytes, transferErrors } from '@croft/transfer';

/** Small files of tasks in memory. The store may be opened when it is first asked for. */
export function smallBlobs(opened: () => Promise<BlobStore>): SmallBlobs {
  return {
    async read(id, maxBytes) {
      const { size, body } = await (await opened()).read(id);
      if (size > maxBytes) throw transferErrors.TRANSFER_TOO_LARGE(`${id} has ${size} bytes`);
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    async store(bytes) {
      const id = blobIdOfBytes(bytes);
      await (await opened()).put(id, bytes.length, inOnePiece(bytes));
      return { id, size: bytes.length };
    },
  };
}

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
