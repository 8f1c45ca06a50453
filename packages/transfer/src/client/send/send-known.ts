/**
 * A file over 1 MiB that was hashed before: sent by its id, and looked at again. The receiver's hash tells of changes in
 * between; a file that changed is read again at most twice.
 */
import { type BlobId, partCountOf } from '@croft/contract';
import { hashFile, partSpan, statFile, WHOLE_MAX_BYTES } from '../../blob-hash.ts';
import type { DeltaPlan } from '../../delta/delta-plan.ts';
import { transferErrors } from '../../errors.ts';
import { MAX_REREADS } from '../../files/read-files.ts';
import { inLanes } from '../lanes.ts';
import { throwIfInterrupted } from '../wire/retry.ts';
import { contentOf, isBaseLost, unsentBytes } from './delta-content.ts';
import { isMismatch } from './mismatch.ts';
import type { SendingParts } from './sending-parts.ts';
import type { OutgoingFile, ReadFile } from './upload-jobs.ts';

/** Reads the file and notes what is found. */
export async function rehash(parts: SendingParts, file: OutgoingFile): Promise<ReadFile> {
  const hashed = await hashFile(file.localPath, parts.pool, parts.signal);
  return Object.assign(file, { size: hashed.size, mtimeMs: hashed.mtimeMs, hashed });
}

/** `first` is how its bytes are told while it keeps still. TRANSFER_FILE_CHANGED where it does not. */
export async function sendKnown(parts: SendingParts, file: ReadFile, first: DeltaPlan | null): Promise<void> {
  for (let reading = 0; reading <= MAX_REREADS; reading++) {
    // A file that changed under the first try goes as it is.
    const isSent = await isSentOnce(parts, file, reading === 0 ? first : null);
    const after = await statFile(file.localPath);
    if (isSent && after.size === file.size && after.mtimeMs === file.mtimeMs) return;
    await rehash(parts, file);
  }
  throw transferErrors.TRANSFER_FILE_CHANGED(`${file.localPath} kept changing while it was sent`);
}

/** false when the bytes were not those of the id, or were told by a base that went away. */
async function isSentOnce(parts: SendingParts, file: ReadFile, plan: DeltaPlan | null): Promise<boolean> {
  try {
    return await (file.size <= WHOLE_MAX_BYTES ? sendWhole(parts, file, plan) : sendParts(parts, file, plan));
  } catch (thrown) {
    if (isMismatch(thrown) || (plan !== null && isBaseLost(thrown))) return false;
    throw thrown;
  }
}

function sendWhole(
  { gate, buffers, door, meter, sending }: SendingParts,
  { localPath, hashed }: ReadFile,
  plan: DeltaPlan | null,
): Promise<boolean> {
  return gate.run(() =>
    buffers.lend(hashed.size, async (memory) => {
      const content = await contentOf(plan, memory, localPath, { start: 0, length: hashed.size });
      if (content === null) return false;
      await door.putBlob(hashed.id, content, sending);
      meter.skipped(unsentBytes(content));
      return true;
    }),
  );
}

async function sendParts(
  parts: SendingParts,
  { localPath, hashed }: ReadFile,
  plan: DeltaPlan | null,
): Promise<boolean> {
  const { door, meter, gate, buffers, signal } = parts;
  const missing = await missingParts(parts, hashed);
  let isWhole = true;
  await inLanes(missing, gate.most, (part) =>
    gate.run(async () => {
      throwIfInterrupted(signal);
      const span = partSpan(hashed.size, part);
      await buffers.lend(span.length, async (memory) => {
        const content = isWhole ? await contentOf(plan, memory, localPath, span) : null;
        if (content === null) {
          isWhole = false;
          return;
        }
        await door.putPart(hashed, part, content, hashed.partHashes[part]!, parts.sending);
        meter.skipped(unsentBytes(content));
      });
    }),
  );
  if (isWhole) await door.complete(hashed.id, hashed.size, { signal });
  return isWhole;
}

/** Parts that did not arrive by an earlier try, in order. */
async function missingParts(
  { door, meter, signal }: SendingParts,
  { id, size }: { id: BlobId; size: number },
): Promise<number[]> {
  const arrived = await door.partsArrived(id, size, { signal });
  const missing: number[] = [];
  for (let part = 0; part < partCountOf(size); part++) {
    if (arrived.has(part)) meter.skipped(partSpan(size, part).length);
    else missing.push(part);
  }
  return missing;
}
