/**
 * Short files read and hashed in one go, and laid into a pack as they are: no file is opened twice. Blocking calls, for the
 * threads of `HashPool`.
 */
import { hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { packHeader } from '../formats/pack-header.ts';
import { MAX_REREADS } from './read-files.ts';

export interface FilesToPack {
  paths: readonly string[];
  /** Longer files are left out. */
  maxBytes: number;
  /** Gets the pack; files for which it has no room left are left out. null: they are only hashed. */
  into: SharedArrayBuffer | null;
}

/** What was read of a file, or why nothing was: `left-out` for lack of room, `changing` while it was read. */
export type PackedFile =
  | { size: number; mtimeMs: number; id: string }
  | { failure: string }
  | { state: 'left-out' | 'changing' };

export interface PackedFiles {
  /** In the order of the paths. */
  files: PackedFile[];
  /** How much of `into` the pack takes. Bytes that several files have are in it once. */
  packBytes: number;
  /** Of the whole pack. */
  packSha256: string;
}

export function packFiles({ paths, maxBytes, into }: FilesToPack): PackedFiles {
  const room = into === null ? null : Buffer.from(into);
  const packed = new Set<string>();
  let packBytes = 0;
  const files = paths.map((path): PackedFile => {
    try {
      const read = readSteady(path, maxBytes, room?.subarray(packBytes) ?? null);
      if ('id' in read && room !== null && !packed.has(read.id)) {
        packed.add(read.id);
        packBytes += packHeader(read.id, read.size).copy(room, packBytes) + read.size;
      }
      return read;
    } catch (thrown) {
      return { failure: `${path} cannot be read: ${(thrown as Error).message}` };
    }
  });
  const packSha256 = room === null ? '' : hash('sha256', room.subarray(0, packBytes), 'hex');
  return { files, packBytes, packSha256 };
}

/** Reads the file behind the room for its header. One whose size or time moves meanwhile is read again. */
function readSteady(path: string, maxBytes: number, room: Buffer | null): PackedFile {
  const file = openSync(path, 'r');
  try {
    for (let reading = 0; reading <= MAX_REREADS; reading++) {
      const before = fstatSync(file);
      if (!before.isFile()) return { failure: `${path} is not a file` };
      const { size, mtimeMs } = before;
      const start = room === null ? 0 : HEADER_BYTES + String(size).length;
      if (size > maxBytes || (room !== null && start + size > room.length)) return { state: 'left-out' };
      const bytes = room?.subarray(start, start + size) ?? Buffer.allocUnsafe(size);
      const isWhole = fill(file, bytes);
      const after = fstatSync(file);
      if (isWhole && after.size === size && after.mtimeMs === mtimeMs)
        return { size, mtimeMs: Math.max(0, mtimeMs), id: idOf(hash('sha256', bytes, 'hex')) };
    }
    return { state: 'changing' };
  } finally {
    closeSync(file);
  }
}

/** A header is so long, and as many bytes as its size has digits. */
const HEADER_BYTES = packHeader(idOf('0'.repeat(64)), 0).length - 1;

/** Short blobs have the hash of their bytes as id. */
function idOf(sha256Hex: string): string {
  return `sha256-${sha256Hex}`;
}

/** false when the file ends before. */
function fill(file: number, bytes: Buffer): boolean {
  for (let done = 0; done < bytes.length; ) {
    const read = readSync(file, bytes, done, bytes.length - done, done);
    if (read === 0) return false;
    done += read;
  }
  return true;
}
