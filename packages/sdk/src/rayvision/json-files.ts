/**
 * JSON files of scripts (seed 002 "JsonHandle" and the file helpers of compat-api 6.1): UTF-8, indented by 4, non-ASCII
 * kept, a file appears whole or not at all. A file with a byte order mark is read, as editors on Windows write one.
 */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { coerceError } from '@croft/contract';
import type { Json } from '../reading.ts';
import { diskError } from '../task-files.ts';
import { CLIENT_CODES, RayvisionError } from './exceptions.ts';

/**
 * The object in a file. Throws RayvisionError: `missingCode` (1000004) for a file that is not there, 1000000 for one
 * that holds no JSON object.
 */
export async function jsonLoad(file: string, missingCode: number = CLIENT_CODES.fileMissing): Promise<Json> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw diskError(thrown, `${file} cannot be read`);
    throw new RayvisionError(missingCode, `${file} is not found`);
  }
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  } catch (thrown) {
    throw new RayvisionError(CLIENT_CODES.general, `${file} is no JSON: ${coerceError(thrown).message}`);
  }
  throw new RayvisionError(CLIENT_CODES.general, `${file} holds no JSON object`);
}

/** Writes an object; throws the CroftErrors SDK_FILE_FAILED and SDK_DISK_FULL. */
export async function jsonSave(file: string, data: object): Promise<void> {
  const temporary = `${file}.${process.pid}.part`;
  try {
    {
      await using handle = await open(temporary, 'w');
      await handle.writeFile(`${JSON.stringify(data, null, 4)}\n`);
      await handle.sync();
    }
    await rename(temporary, file);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw diskError(thrown, `${file} cannot be written`);
  }
}

/** Makes a folder with all above it, where it is not there yet; gives its path. */
export async function existsOrCreate(folder: string): Promise<string> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (thrown) {
    throw diskError(thrown, `the folder ${folder} cannot be made`);
  }
  return folder;
}

/** One JSON file: read, written, and asked for keys that it must have. */
export class JsonHandle {
  readonly file: string;

  constructor(file: string) {
    this.file = path.resolve(file);
  }

  load(): Promise<Json> {
    return jsonLoad(this.file);
  }

  save(data: object): Promise<void> {
    return jsonSave(this.file, data);
  }

  /** The object in the file; throws RayvisionError 1000002 where it lacks one of the keys. */
  async loadWith(keys: readonly string[]): Promise<Json> {
    const data = await this.load();
    const missing = keys.filter((key) => !Object.hasOwn(data, key));
    if (missing.length === 0) return data;
    throw new RayvisionError(CLIENT_CODES.key, `${this.file} has no ${missing.join(', no ')}`);
  }
}
