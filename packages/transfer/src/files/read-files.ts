/**
 * Looking at files and hashing ranges of them, with blocking calls: for threads that do nothing else. They load this file, so
 * it imports nothing but Node's own.
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';

/** Size in bytes and modification time of a plain file, or why there is none. */
export type FileLook = { size: number; mtimeMs: number } | { failure: string };

export interface RangeToHash {
  path: string;
  offset: number;
  length: number;
  /** Gets the bytes, from its start; null: they are only hashed. */
  into: SharedArrayBuffer | null;
}

export interface NamesToFind {
  folder: string;
  names: readonly string[];
}

/** How often a file that changes while it is read is read again before that becomes the user's problem. */
export const MAX_REREADS = 2;
const CHUNK_BYTES = 1024 * 1024;
const scratch = Buffer.allocUnsafeSlow(CHUNK_BYTES);

export function lookAt(path: string): FileLook {
  try {
    const facts = statSync(path);
    if (!facts.isFile()) return { failure: `${path} is not a file` };
    return { size: facts.size, mtimeMs: Math.max(0, facts.mtimeMs) };
  } catch (thrown) {
    return { failure: `${path} cannot be read: ${(thrown as Error).message}` };
  }
}

/** 1 for each name below the folder that is there, 0 for the others. */
export function lookForNames({ folder, names }: NamesToFind): Uint8Array {
  return Uint8Array.from(names, (name) => Number(existsSync(`${folder}/${name}`)));
}

/** Hex SHA-256 of the range; null when the file ended before it did. */
export function hashRange({ path, offset, length, into }: RangeToHash): string | null {
  const file = openSync(path, 'r');
  try {
    const hash = createHash('sha256');
    const whole = into === null ? null : Buffer.from(into, 0, length);
    for (let done = 0; done < length; ) {
      const wanted = Math.min(CHUNK_BYTES, length - done);
      const place = whole?.subarray(done, done + wanted) ?? scratch;
      const read = readSync(file, place, 0, wanted, offset + done);
      if (read === 0) return null;
      hash.update(place.subarray(0, read));
      done += read;
    }
    return hash.digest('hex');
  } finally {
    closeSync(file);
  }
}
