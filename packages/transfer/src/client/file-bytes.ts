/** Bytes of a file into memory that is there already. */
import { open } from 'node:fs/promises';
import { coerceError } from '@croft/contract';
import { transferErrors } from '../errors.ts';

/** Reads into the start of `memory`; null when the file has become shorter. TRANSFER_FILE_UNREADABLE. */
export async function readInto(
  memory: SharedArrayBuffer,
  path: string,
  start: number,
  length: number,
): Promise<Uint8Array | null> {
  try {
    const file = await open(path, 'r');
    try {
      const bytes = new Uint8Array(memory, 0, length);
      for (let done = 0; done < length; ) {
        const { bytesRead } = await file.read(bytes, done, length - done, start + done);
        if (bytesRead === 0) return null;
        done += bytesRead;
      }
      return bytes;
    } finally {
      await file.close();
    }
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
}

/** What the file system says about a file that a user named. */
export function unreadable(path: string, thrown: unknown): Error {
  const cause = coerceError(thrown);
  return transferErrors.TRANSFER_FILE_UNREADABLE(`${path} cannot be read: ${cause.message}`, { cause });
}
