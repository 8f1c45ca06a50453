/**
 * A file over 1 MiB whose size no blob of the account has: sent while it is read. Each part is hashed in the memory from which
 * it goes, so what arrives is what was hashed; which blob the parts make is said in the end, and the receiver compares.
 *
 * Parts of a long file go below a name made of the file's place, size, time and number on its disk. A sender that was killed
 * asks what arrived below that name, hashes those parts again and sends the others: had the file other bytes then, the
 * receiver finds that they do not make the id. A file that changed meanwhile is nobody's blob yet: its parts are
 * dropped, and the caller hashes it and sends it as one that is known.
 */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { partCountOf, type UploadName } from '@croft/contract';
import { compositeId, type HashedFile, partSpan, WHOLE_MAX_BYTES, wholeId } from '../../blob-hash.ts';
import { inLanes } from '../lanes.ts';
import type { BlobContent } from '../wire/door-bodies.ts';
import { throwIfInterrupted } from '../wire/retry.ts';
import { unreadable } from './file-bytes.ts';
import { againIfDamaged, isMismatch } from './mismatch.ts';
import type { SendingParts } from './sending-parts.ts';
import type { OutgoingFile } from './upload-jobs.ts';

/** false where the file changed, or its parts did not make what they were to make: then nothing is noted. */
export async function isSentNew(parts: SendingParts, file: OutgoingFile): Promise<boolean> {
  const before = await identityOf(file.localPath);
  if (before.size !== file.size || before.mtimeMs !== file.mtimeMs) return false;
  const isSteady = async () => JSON.stringify(await identityOf(file.localPath)) === JSON.stringify(before);
  const hashed = await (file.size <= WHOLE_MAX_BYTES
    ? sendWhole(parts, file, isSteady)
    : sendParts(parts, file, nameOf(file, before), isSteady));
  file.hashed = hashed;
  return hashed !== null;
}

type IsSteady = () => Promise<boolean>;

function sendWhole(
  { pool, gate, buffers, door, meter, sent, sending }: SendingParts,
  { localPath, size, mtimeMs }: OutgoingFile,
  isSteady: IsSteady,
): Promise<HashedFile | null> {
  return gate.run(() =>
    buffers.lend(size, async (memory) => {
      const hex = await pool.hashRange(localPath, 0, size, memory);
      if (hex === null || !(await isSteady())) return null;
      const id = wholeId(hex);
      if (sent.has(id)) meter.skipped(size);
      else await againIfDamaged(() => door.putBlob(id, inMemory(memory, size), sending));
      sent.add(id);
      return { id, size, mtimeMs, partHashes: [hex] };
    }),
  );
}

async function sendParts(
  parts: SendingParts,
  { localPath, size, mtimeMs }: OutgoingFile,
  name: UploadName,
  isSteady: IsSteady,
): Promise<HashedFile | null> {
  const { door, pool, gate, buffers, meter, signal } = parts;
  const arrived = await door.partsArrived(name, size, { signal });
  const partHashes: string[] = new Array(partCountOf(size));
  let isWhole = true;
  let bytes = 0;
  await inLanes(partHashes.keys(), gate.most, (part) =>
    gate.run(async () => {
      throwIfInterrupted(signal);
      if (!isWhole) return;
      const { start, length } = partSpan(size, part);
      await buffers.lend(length, async (memory) => {
        const hex = await pool.hashRange(localPath, start, length, memory);
        if (hex === null) {
          isWhole = false;
          return;
        }
        partHashes[part] = hex;
        bytes += length;
        if (arrived.has(part)) return meter.skipped(length);
        const upload = { id: name, size };
        await againIfDamaged(() => door.putPart(upload, part, inMemory(memory, length), hex, parts.sending));
      });
    }),
  );
  const id = isWhole ? compositeId(partHashes.map((hex) => Buffer.from(hex, 'hex'))) : null;
  try {
    if (id !== null && (await isSteady())) {
      await door.completeNamed(name, size, id, { signal });
      return { id, size, mtimeMs, partHashes };
    }
    await door.forgetNamed(name, size, { signal });
  } catch (thrown) {
    if (!isMismatch(thrown)) throw thrown;
  }
  // They go again.
  meter.moved(-bytes);
  return null;
}

function inMemory(memory: SharedArrayBuffer, size: number): BlobContent {
  return { size, pieces: [new Uint8Array(memory, 0, size)] };
}

interface FileIdentity {
  size: number;
  mtimeMs: number;
  changedMs: number;
  device: number;
  inode: number;
}

async function identityOf(path: string): Promise<FileIdentity> {
  try {
    const { size, mtimeMs, ctimeMs, dev, ino } = await stat(path);
    return { size, mtimeMs: Math.max(0, mtimeMs), changedMs: ctimeMs, device: dev, inode: ino };
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
}

function nameOf({ localPath }: OutgoingFile, identity: FileIdentity): UploadName {
  const words = JSON.stringify([localPath, identity]);
  return `named-${createHash('sha256').update(words).digest('hex')}` as UploadName;
}
