/**
 * The four json files of a task on disk: task.json, asset.json, upload.json, tips.json, as the checker and the uploader
 * of the real SDK take them: UTF-8, indented by 4, non-ASCII kept.
 */
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { type CroftError, coerceError } from '@croft/contract';
import { sdkErrors } from './errors.ts';
import type { TaskFileName } from './operators/task.ts';

export const TASK_FILE_NAMES: readonly TaskFileName[] = [
  'task.json',
  'tips.json',
  'asset.json',
  'upload.json',
];

/** Contents of the four files. An `Analysis` of the dcc room is one. */
export interface TaskFiles {
  readonly task: object;
  readonly tips: object;
  readonly asset: object;
  readonly upload: object;
}

/** Paths of the written files, in the order of TASK_FILE_NAMES. */
export type WrittenTaskFiles = readonly { readonly name: TaskFileName; readonly file: string }[];

/** The text of one of the files. */
export function taskFileText(files: TaskFiles, name: TaskFileName): string {
  const key = name.slice(0, -'.json'.length) as keyof TaskFiles;
  return `${JSON.stringify(files[key], null, 4)}\n`;
}

/** Writes the four files into `folder`, which is made; each appears whole or not at all. */
export async function writeTaskFiles(folder: string, files: TaskFiles): Promise<WrittenTaskFiles> {
  try {
    await mkdir(folder, { recursive: true });
    const written = [];
    for (const name of TASK_FILE_NAMES) {
      const file = path.join(folder, name);
      await writeWhole(file, taskFileText(files, name));
      written.push({ name, file });
    }
    return written;
  } catch (thrown) {
    throw diskError(thrown, `the task files cannot be written to ${folder}`);
  }
}

async function writeWhole(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}.part`;
  try {
    await using handle = await open(temporary, 'w');
    await handle.writeFile(text);
    await handle.sync();
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw thrown;
  }
  await rename(temporary, file);
}

/** A failure of the user's disk as an error for the user. */
export function diskError(thrown: unknown, what: string): CroftError {
  const cause = coerceError(thrown);
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return sdkErrors.SDK_DISK_FULL(`${what}: the disk is full`, { cause });
  const why: Record<string, string> = {
    EACCES: 'access is not allowed',
    EPERM: 'access is not allowed',
    EROFS: 'the disk is read-only',
    ENOTDIR: 'part of the path is a file',
    EEXIST: 'a file of that name is in the way',
    EISDIR: 'a folder of that name is in the way',
    ENAMETOOLONG: 'the name is too long',
    EMFILE: 'too many files are open',
  };
  return sdkErrors.SDK_FILE_FAILED(`${what}: ${why[code ?? ''] ?? cause.message}`, { cause });
}
