/**
 * Which files the farm cannot have: those whose size no blob of the account has. They need no hashing before they are sent, so
 * they are read once instead of twice.
 */

import { WHOLE_MAX_BYTES } from '../../blob-hash.ts';
import type { SendingParts } from './sending-parts.ts';
import { type OutgoingFile, PACK_FILE_MAX_BYTES, sumOf } from './upload-jobs.ts';

/** Fewer bytes are hashed sooner than asked about. */
const WORTH_ASKING_BYTES = PACK_FILE_MAX_BYTES;

/**
 * Files of up to `unaskedBytes` are new without a question. Of long files of one size only one is new, since the others may have
 * the same bytes.
 */
export async function newFiles(
  parts: SendingParts,
  files: readonly OutgoingFile[],
  unaskedBytes: number,
): Promise<Set<OutgoingFile>> {
  const { door, signal, limit } = parts;
  const unread = files.filter((file) => file.hashed === null);
  const found = new Set(unread.filter(({ size }) => size <= unaskedBytes));
  const asked = unread.filter(({ size }) => size > unaskedBytes);
  if (sumOf(asked) < WORTH_ASKING_BYTES) return found;
  const sizes = [...new Set(asked.map(({ size }) => size))];
  const answer = await door.sizes(sizes, { signal, limit });
  const longSizes = new Set<number>();
  for (const file of asked) {
    if (answer.referred.has(file.size)) continue;
    if (file.size > WHOLE_MAX_BYTES) {
      if (!answer.takesNames || longSizes.has(file.size)) continue;
      longSizes.add(file.size);
    }
    found.add(file);
  }
  return found;
}
