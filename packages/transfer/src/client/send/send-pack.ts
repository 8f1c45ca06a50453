/** Short files on their way out, by the pack: read, hashed and laid side by side by a thread, each opened once. */
import type { BlobId } from '@croft/contract';
import { transferErrors } from '../../errors.ts';
import type { PackedFile } from '../../files/read-packs.ts';
import { againIfDamaged } from './mismatch.ts';
import type { SendingParts } from './sending-parts.ts';
import { type OutgoingFile, PACK_FILE_MAX_BYTES, PACK_ROOM_BYTES, sumOf } from './upload-jobs.ts';

/** Sends what fits, whatever the files hold by now; returns those that have become too long for it. */
export function sendPack(parts: SendingParts, files: readonly OutgoingFile[]): Promise<OutgoingFile[]> {
  const { door, pool, gate, buffers, sending, meter } = parts;
  return gate.run(() =>
    buffers.lend(PACK_ROOM_BYTES, async (into) => {
      const paths = files.map(({ localPath }) => localPath);
      const read = await pool.pack({ paths, maxBytes: PACK_FILE_MAX_BYTES, into });
      const packed = files.filter((file, index) => isNoted(file, read.files[index]!));
      if (packed.length > 0) {
        const pack = { bytes: new Uint8Array(into, 0, read.packBytes), sha256Hex: read.packSha256 };
        await againIfDamaged(() => door.putPack(pack, sending));
        const unique = new Map(packed.map((file) => [file.hashed?.id, file]));
        meter.skipped(sumOf(packed) - sumOf([...unique.values()]));
      }
      return files.filter((file) => !packed.includes(file));
    }),
  );
}

/** Hashes short files; of those that are no longer short nothing is noted. */
export async function hashShort(parts: SendingParts, files: readonly OutgoingFile[]): Promise<void> {
  const paths = files.map(({ localPath }) => localPath);
  const read = await parts.pool.pack({ paths, maxBytes: PACK_FILE_MAX_BYTES, into: null });
  for (const [index, file] of files.entries()) isNoted(file, read.files[index]!);
}

/** Nobody asks for the parts of a short file, and there are many such files. */
const NO_PARTS: string[] = [];

/** Notes what was read of a file; false where it was left out. TRANSFER_FILE_UNREADABLE, TRANSFER_FILE_CHANGED. */
function isNoted(file: OutgoingFile, read: PackedFile): boolean {
  if ('failure' in read) throw transferErrors.TRANSFER_FILE_UNREADABLE(read.failure);
  if ('state' in read) {
    if (read.state === 'changing')
      throw transferErrors.TRANSFER_FILE_CHANGED(`${file.localPath} kept changing while it was sent`);
    return false;
  }
  const { size, mtimeMs, id } = read;
  file.size = size;
  file.mtimeMs = mtimeMs;
  file.hashed = { id: id as BlobId, size, mtimeMs, partHashes: NO_PARTS };
  return true;
}
