/** Bytes that the store has already are received and checked like any others, so that a hash alone is worth nothing. */
import { createHash } from 'node:crypto';
import { transferErrors } from '../errors.ts';

/** Reads all of it and keeps nothing. TRANSFER_HASH_MISMATCH where it is not what was promised. */
export async function receiveTwin(
  body: AsyncIterable<Uint8Array>,
  size: number,
  sha256Hex: string,
): Promise<void> {
  const hash = createHash('sha256');
  let total = 0;
  for await (const chunk of body) {
    total += chunk.length;
    if (total > size) break;
    hash.update(chunk);
  }
  if (total !== size || hash.digest('hex') !== sha256Hex)
    throw transferErrors.TRANSFER_HASH_MISMATCH('the bytes do not hash to what was promised');
}
