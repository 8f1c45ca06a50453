/** How files to send are gathered into requests, and their bytes read. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { coerceError, MiB, PACK_MAX_BLOBS } from '@croft/contract';
import type { HashedFile } from '../blob-hash.ts';
import { transferErrors } from '../errors.ts';

/** Files up to here travel in packs. */
export const PACK_FILE_MAX_BYTES = MiB;
/** A pack is sent when it has this much, well below the wire's limit, so that a lost one costs little. */
export const PACK_TARGET_BYTES = 8 * MiB;

/** A file with what was found when it was last hashed. */
export interface OutgoingFile {
  localPath: string;
  treePath: string;
  hashed: HashedFile;
}

export type Job = { kind: 'pack'; files: OutgoingFile[] } | { kind: 'file'; file: OutgoingFile };

/** Long files first, since their parts keep all lanes busy; then packs. */
export function* jobsOf(files: OutgoingFile[]): Generator<Job> {
  const small: OutgoingFile[] = [];
  for (const file of files) {
    if (file.hashed.size <= PACK_FILE_MAX_BYTES) small.push(file);
    else yield { kind: 'file', file };
  }
  let pack: OutgoingFile[] = [];
  let bytes = 0;
  for (const file of small) {
    if (
      pack.length === PACK_MAX_BLOBS / 4 ||
      (pack.length > 0 && bytes + file.hashed.size > PACK_TARGET_BYTES)
    ) {
      yield { kind: 'pack', files: pack };
      pack = [];
      bytes = 0;
    }
    pack.push(file);
    bytes += file.hashed.size;
  }
  if (pack.length > 0) yield { kind: 'pack', files: pack };
}

/** Reads into `into`, or into fresh memory; null when the file has become shorter. */
export async function readRange(
  path: string,
  start: number,
  length: number,
  into?: Uint8Array,
): Promise<Uint8Array | null> {
  try {
    const file = await open(path, 'r');
    try {
      const bytes = into ?? Buffer.allocUnsafeSlow(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await file.read(bytes, done, length - done, start + done);
        if (bytesRead === 0) return null;
        done += bytesRead;
      }
      return bytes;
    } finally {
      await file.close();
    }
  } catch (thrown) {
    const cause = coerceError(thrown);
    throw transferErrors.TRANSFER_FILE_UNREADABLE(`${path} cannot be read: ${cause.message}`, { cause });
  }
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function sumOf(files: readonly { size: number }[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}
