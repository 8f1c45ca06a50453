/**
 * A backup: a folder with the files of a home under their own paths, and `manifest.json`, written last, so that a folder
 * without one is an unfinished backup. A disk format: it stays.
 *
 *   {"format": "croft-backup-1", "madeAt": ms, "files": [{"path": "farm/farm.sqlite", "size": n, "sha256": hex}, …]}
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, opendir, readFile, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { confinedPath } from '@croft/contract';
import { cliErrors } from '../errors.ts';

export const MANIFEST = 'manifest.json';
const FORMAT = 'croft-backup-1';

export interface BackupFile {
  /** Below the folder, with `/` between names. */
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

/** Copies one file, synced, and says what was copied: the hash is of the bytes that were written. */
export async function copyHashed(from: string, to: string): Promise<Pick<BackupFile, 'size' | 'sha256'>> {
  await mkdir(path.dirname(to), { recursive: true, mode: 0o700 });
  const hash = createHash('sha256');
  let size = 0;
  await pipeline(
    createReadStream(from),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    },
    createWriteStream(to, { mode: 0o600, flags: 'wx', flush: true }),
  );
  return { size, sha256: hash.digest('hex') };
}

export async function writeManifest(
  folder: string,
  madeAt: number,
  files: readonly BackupFile[],
): Promise<void> {
  const file = path.join(folder, MANIFEST);
  await using handle = await open(`${file}.part`, 'wx', 0o600);
  await handle.writeFile(`${JSON.stringify({ format: FORMAT, madeAt, files })}\n`);
  await handle.sync();
  await rename(`${file}.part`, file);
}

/** Reads the manifest and confines its paths; throws CLI_BACKUP_DAMAGED. */
export async function readManifest(folder: string): Promise<BackupFile[]> {
  const damaged = (why: string, cause?: unknown) =>
    cliErrors.CLI_BACKUP_DAMAGED(`${folder} is no complete backup: ${why}`, { cause });
  let manifest: { format?: unknown; files?: unknown };
  try {
    manifest = JSON.parse(await readFile(path.join(folder, MANIFEST), 'utf8'));
  } catch (thrown) {
    throw damaged('its manifest.json is missing or unreadable', thrown);
  }
  if (manifest.format !== FORMAT || !Array.isArray(manifest.files))
    throw damaged('of a format this Croft does not know');
  return manifest.files.map((file: Partial<BackupFile>) => {
    const { path: name, size, sha256 } = file;
    if (typeof name !== 'string' || typeof size !== 'number' || typeof sha256 !== 'string') {
      throw damaged('its manifest names no file in one place');
    }
    return { path: confinedPath(name).slice(1), size, sha256 };
  });
}

/** Whether the folder is absent or holds nothing. */
export async function isEmptyFolder(folder: string): Promise<boolean> {
  try {
    const entries = await opendir(folder);
    const first = await entries.read();
    await entries.close();
    return first === null;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw cliErrors.CLI_HOME_UNUSABLE(`${folder} is no folder that can be read`, { cause: thrown });
  }
}

/** Every regular file below a folder, as paths with `/`; links and other things are left out. */
export async function* filesBelow(root: string, below = ''): AsyncGenerator<string> {
  let entries: Awaited<ReturnType<typeof opendir>>;
  try {
    entries = await opendir(path.join(root, below));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw thrown;
  }
  for await (const entry of entries) {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(root, name);
    else if (entry.isFile()) yield name;
  }
}

export async function isFile(file: string): Promise<boolean> {
  return (await stat(file).catch(() => null))?.isFile() ?? false;
}
