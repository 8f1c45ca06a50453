/** Files on their way out, and how they are gathered into requests. */
import { MiB, PACK_MAX_BLOBS } from '@croft/contract';
import type { HashedFile } from '../../blob-hash.ts';
import { PACK_OVERHEAD_BYTES } from '../../formats/pack.ts';
import type { RememberedFile } from './upload-file.ts';

/** Files up to here travel in packs. */
export const PACK_FILE_MAX_BYTES = MiB;
/** A pack is sent when it has this much, well below the wire's limit, so that a lost one costs little. */
export const PACK_TARGET_BYTES = 8 * MiB;
export const PACK_MAX_FILES = PACK_MAX_BLOBS / 4;
/** Room for a pack whose files grew a little since they were looked at. */
export const PACK_ROOM_BYTES = PACK_TARGET_BYTES + PACK_MAX_FILES * PACK_OVERHEAD_BYTES + PACK_FILE_MAX_BYTES;

export interface OutgoingFile {
  localPath: string;
  treePath: string;
  size: number;
  mtimeMs: number;
  /** What was found when it was last read; null until then. Of a file that is only remembered, without hashes of parts. */
  hashed: HashedFile | null;
}

/** A file that was read. */
export type ReadFile = OutgoingFile & { hashed: HashedFile };

/** Stands for the hashes of a file that nobody has read yet. */
const NOT_READ: string[] = [];

export function onlyRemembered({ id, size, mtimeMs }: RememberedFile): HashedFile {
  return { id, size, mtimeMs, partHashes: NOT_READ };
}

/** Whether the file's bytes were not read, but only remembered. */
export function isOnlyRemembered({ hashed }: OutgoingFile): boolean {
  return hashed?.partHashes === NOT_READ;
}

export type Job<File> = { kind: 'pack'; files: File[] } | { kind: 'file'; file: File };

/** Long files first, since their parts keep all lanes busy; then packs. */
export function* jobsOf<File extends { size: number }>(files: readonly File[]): Generator<Job<File>> {
  for (const file of files) if (file.size > PACK_FILE_MAX_BYTES) yield { kind: 'file', file };
  let pack: File[] = [];
  let bytes = 0;
  for (const file of files) {
    if (file.size > PACK_FILE_MAX_BYTES) continue;
    if (pack.length === PACK_MAX_FILES || (pack.length > 0 && bytes + file.size > PACK_TARGET_BYTES)) {
      yield { kind: 'pack', files: pack };
      pack = [];
      bytes = 0;
    }
    pack.push(file);
    bytes += file.size;
  }
  if (pack.length > 0) yield { kind: 'pack', files: pack };
}

export function sumOf(files: readonly { size: number }[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}
