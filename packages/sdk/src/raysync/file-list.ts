/**
 * The list of an `upload-list` task, as rayvision_sync writes it beside upload.json: a line `local:"PATH" server:"PATH"` for
 * each file, without any escaping. So the last `" server:"/` of a line parts the two.
 */
import { open } from 'node:fs/promises';
import { coerceError } from '@croft/contract';
import { raysyncFailure } from './failures.ts';
import { type StoragePlace, storagePlace } from './storage-path.ts';

/** `place` is null where the line is not such a line. */
export interface ListedFile {
  readonly local: string;
  readonly place: StoragePlace | null;
}

const LINE = /^\s*local:"(.*)" server:"(.*)"\s*$/s;
const LONGEST_LINE = 70_000;

/** Reads line by line; throws code 404 where the list cannot be read. */
export async function* listedFiles(list: string): AsyncGenerator<ListedFile> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(list);
  } catch (cause) {
    throw raysyncFailure(404, `the list ${list} cannot be read: ${coerceError(cause).message}`, cause);
  }
  try {
    for await (const line of file.readLines()) if (line.trim() !== '') yield listedFile(line);
  } finally {
    await file.close();
  }
}

export function listedFile(line: string): ListedFile {
  const found = line.length > LONGEST_LINE ? null : LINE.exec(line);
  if (found === null) return { local: line.slice(0, 300), place: null };
  try {
    return { local: found[1]!, place: storagePlace(found[2]!) };
  } catch {
    return { local: found[1]!, place: null };
  }
}
