/** Bytes of a file into memory that is there already. */
import { open } from 'node:fs/promises';
import { coerceError } from '@croft/contract';
import { transferErrors } from '../../errors.ts';

/**
 * Reads stretches of a file, each to its place in `memory`, which begins at byte `from` of the file. false when the file has
 * become shorter. TRANSFER_FILE_UNREADABLE.
 */
export async function readInto(
  memory: SharedArrayBuffer,
  path: string,
  from: number,
  stretches: readonly { start: number; length: number }[],
): Promise<boolean> {
  try {
    const file = await open(path, 'r');
    try {
      for (const { start, length } of stretches) {
        const bytes = new Uint8Array(memory, start - from, length);
        for (let done = 0; done < length; ) {
          const { bytesRead } = await file.read(bytes, done, length - done, start + done);
          if (bytesRead === 0) return false;
          done += bytesRead;
        }
      }
      return true;
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
