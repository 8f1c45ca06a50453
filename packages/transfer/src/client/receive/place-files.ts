/**
 * Putting many short files into their places, in one go without waiting between calls: a call of its own through the event
 * loop for each open, write and rename costs ten times the work itself. So it belongs in a thread, or to a few files.
 *
 * A file is written under a hidden name of its own beside the target, and renamed when whole. It is not synced: a power cut
 * may leave it empty, which its hash tells whoever looks.
 */
import { closeSync, futimesSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

export interface ShortFile {
  partial: string;
  target: string;
  bytes: Uint8Array;
  /** null keeps the time of receiving. */
  mtimeMs: number | null;
}

/** What stopped a file; the others are in place. */
export interface PlaceFailure {
  number: number;
  message: string;
  code: string | undefined;
}

export function placeFiles(files: readonly ShortFile[]): PlaceFailure[] {
  const failures: PlaceFailure[] = [];
  for (const [number, file] of files.entries()) {
    try {
      place(file);
    } catch (thrown) {
      const { message, code } = thrown as NodeJS.ErrnoException;
      failures.push({ number, message, code });
      rmSync(file.partial, { force: true });
    }
  }
  return failures;
}

function place({ partial, target, bytes, mtimeMs }: ShortFile): void {
  const file = openSync(partial, 'w', 0o666);
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
    if (mtimeMs !== null) futimesSync(file, mtimeMs / 1000, mtimeMs / 1000);
  } finally {
    closeSync(file);
  }
  renameSync(partial, target);
}
