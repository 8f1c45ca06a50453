/**
 * The user's disk as `SceneFiles`. Paths are the platform's own. Reads go straight into the caller's buffers, so memory
 * is bounded by what the caller asks for.
 */
import { open, opendir, stat } from 'node:fs/promises';
import { isAbsolute, normalize } from 'node:path';
import type { FileStat, SceneFile, SceneFiles } from '../app.ts';
import { dccErrors } from '../errors.ts';

const MOST_NAMES = 100_000;

/** Reads local files. `style` follows the platform Croft runs on. */
export function diskSceneFiles(): SceneFiles {
  return {
    style: process.platform === 'win32' ? 'windows' : 'posix',
    stat: statOrNull,
    list: namesIn,
    open: openForRanges,
  };
}

async function statOrNull(path: string): Promise<FileStat | null> {
  if (!isAbsolute(path) || path.includes('\0')) return null;
  try {
    const found = await stat(normalize(path));
    if (found.isFile()) return { kind: 'file', size: found.size, mtimeMs: found.mtimeMs };
    if (found.isDirectory()) return { kind: 'folder', size: 0, mtimeMs: found.mtimeMs };
    return null;
  } catch {
    return null;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  if (!isAbsolute(folder) || folder.includes('\0')) return [];
  const names: string[] = [];
  try {
    for await (const entry of await opendir(folder)) {
      names.push(entry.name);
      if (names.length >= MOST_NAMES) break;
    }
  } catch {
    return names;
  }
  return names.sort();
}

async function openForRanges(path: string): Promise<SceneFile> {
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw dccErrors.DCC_NO_SUCH_FILE(`the file ${path} cannot be opened`, { cause });
  });
  const { size } = await handle.stat();
  return {
    size,
    async read(offset, length) {
      const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - offset)));
      let filled = 0;
      while (filled < buffer.length) {
        const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return filled === buffer.length ? buffer : buffer.subarray(0, filled);
    },
    close: () => handle.close(),
  };
}
