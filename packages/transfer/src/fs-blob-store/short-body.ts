/** Bytes in memory as a body, and a short body as bytes. */
import type { BlobId } from '@croft/contract';
import { transferErrors } from '../errors.ts';
import { hashesTo } from './verified-read.ts';

/** All bytes of a body; TRANSFER_HASH_MISMATCH where they are not `size` ones of the id. */
export async function collect(
  id: BlobId,
  size: number,
  body: AsyncIterable<Uint8Array>,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of body) {
    total += chunk.length;
    if (total > size) break;
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  if (total !== size || !hashesTo(bytes, id)) {
    throw transferErrors.TRANSFER_HASH_MISMATCH(`the bytes sent as ${id} hash to another id`);
  }
  return bytes;
}

export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}
