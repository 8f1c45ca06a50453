/**
 * Takes what an app wrote away from it. Each named file must be a plain file with one name, below the outputs folder
 * also after links are followed, and written since `sinceMs`; it is moved into the spool, out of the way of the next
 * frame, and looked at again there.
 */
import { lstat, mkdir, opendir, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { confinedPath } from '@croft/contract';
import type { AppOutput } from '@croft/dcc';
import { nodeErrors } from '../errors.ts';

export interface ClaimedOutput {
  readonly output: AppOutput;
  /** Path below the outputs folder, a tree path. */
  readonly path: string;
  /** Where the file is now. */
  readonly file: string;
}

/** Stamps of a file system are as old as the last clock tick of the kernel. */
const STAMP_SLACK_MS = 50;

/**
 * Claims all outputs of a frame below `folder`, a path without links (an app may have put a link in its place since).
 * `sinceMs` is a time of the same file system (`stampOf`).
 * Throws NODE_NO_OUTPUT, NODE_OUTPUT_REFUSED.
 */
export async function claimOutputs(
  outputs: readonly AppOutput[],
  folder: string,
  spool: string,
  sinceMs: number,
): Promise<ClaimedOutput[]> {
  if (!outputs.some((output) => output.kind === 'main')) {
    throw nodeErrors.NODE_NO_OUTPUT('the app wrote no picture for the frame');
  }
  await mkdir(spool, { recursive: true });
  const claimed: ClaimedOutput[] = [];
  for (const [index, output] of outputs.entries()) {
    const path = treePathOf(output.file, folder);
    const real = await plainFileBelow(folder, output.file, path, sinceMs);
    const file = join(spool, `${index}-${basename(path)}`.slice(-200));
    await rename(real, file);
    const moved = await lstat(file);
    if (!moved.isFile() || moved.nlink !== 1) throw refused(path, 'is no plain file');
    claimed.push({ output, path, file });
  }
  return claimed;
}

/** A time as the file system of `folder` tells it, milliseconds: makes the folder anew and reads its stamp. */
export async function stampOf(folder: string): Promise<number> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  return (await lstat(folder)).ctimeMs;
}

/** Makes `folder` a real, existing folder again where an app removed or replaced it, and empties it of files. */
export async function freshOutputs(folder: string): Promise<void> {
  const stat = await lstat(folder).catch(() => null);
  if (stat?.isDirectory()) return await emptyOfFiles(folder);
  await rm(folder, { force: true });
  await mkdir(folder, { recursive: true });
}

/** Removes all files and links below `folder`; real folders stay, since an app may have made them once at its start. */
async function emptyOfFiles(folder: string): Promise<void> {
  for await (const entry of await opendir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await emptyOfFiles(path);
    else await rm(path, { force: true });
  }
}

function treePathOf(file: string, folder: string): string {
  const below = relative(folder, file);
  if (below === '' || isAbsolute(below) || below.split(sep)[0] === '..') {
    throw refused(basename(file), 'does not lie in the output folder');
  }
  return confinedPath(below.split(sep).join('/'));
}

async function plainFileBelow(folder: string, file: string, path: string, sinceMs: number): Promise<string> {
  const stat = await lstat(file).catch(() => null);
  if (stat === null)
    throw nodeErrors.NODE_NO_OUTPUT(`the app said it wrote ${path}, but there is no such file`);
  if (!stat.isFile() || stat.nlink !== 1) throw refused(path, 'is no plain file');
  const real = join(await realpath(dirname(file)), basename(file));
  if (!real.startsWith(folder + sep)) throw refused(path, 'does not lie in the output folder');
  if (stat.ctimeMs < sinceMs - STAMP_SLACK_MS) throw refused(path, 'was not written by this attempt');
  return real;
}

function refused(path: string, why: string): Error {
  return nodeErrors.NODE_OUTPUT_REFUSED(`the output ${path} ${why}`);
}
