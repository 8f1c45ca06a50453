/** Reading what `-L` names: upload.json, lists of paths, files and folders. Lists come from outside and are bounded. */
import { readFile, stat } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { coerceError, MiB } from '@croft/contract';
import { sdkErrors } from '../errors.ts';
import { filesBelow } from '../files-below.ts';
import { placesBelow, remotePath, uploadedFilePath, uploadedFolder } from './keep-path.ts';

const LARGEST_LIST_BYTES = 512 * MiB;
const PAIRS_AT_ONCE = 1000;

/** A file to send. `remote` is not confined yet where a list gives it. */
export type Outgoing =
  | { readonly local: string; readonly remote: string }
  /** Something named that cannot be sent, and why. */
  | { readonly local: string; readonly failure: string };

/** In groups, the pairs below `asset` of an upload.json; other keys are not looked at. Throws SDK_TRANSMIT_LIST. */
export async function* jsonPairs(file: string): AsyncGenerator<Outgoing[]> {
  const text = await listText(file, 'load local-path-pairs');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw sdkErrors.SDK_TRANSMIT_LIST(`parse local-path-pairs (${file}) failed: it is not JSON`, { cause });
  }
  const asset = (parsed as { asset?: unknown } | null)?.asset;
  if (!Array.isArray(asset))
    throw sdkErrors.SDK_TRANSMIT_LIST(`read local-path-pairs (${file}) failed: it has no list "asset"`);
  for (const [index, pair] of asset.entries()) {
    const { local, server } = (pair ?? {}) as { local?: unknown; server?: unknown };
    if (typeof local !== 'string' || typeof server !== 'string' || local === '')
      throw sdkErrors.SDK_TRANSMIT_LIST(
        `read local-path-pairs (${file}) failed: asset[${index}].local and asset[${index}].server must be texts`,
      );
  }
  const pairs = asset as { local: string; server: string }[];
  for (let at = 0; at < pairs.length; at += PAIRS_AT_ONCE)
    yield pairs
      .slice(at, at + PAIRS_AT_ONCE)
      .map(({ local, server }) => outgoing(localPath(local), () => remotePath(server)));
}

/** The lines of a list of paths, trimmed, without empty ones. Throws SDK_TRANSMIT_LIST. */
export async function pathLines(
  file: string,
  range: readonly [number, number] | null,
  what: 'local' | 'remote',
): Promise<string[]> {
  const text = await listText(file, `open ${what}-path-list`);
  const lines = text
    .split('\n')
    .map((line) => line.replace(/^[ \t\r]+|[ \t\r]+$/g, ''))
    .filter((line) => line !== '');
  return range === null ? lines : lines.slice(range[0], range[1]);
}

/** Every file of a path, in groups: itself, or all below it. `upload_list` keeps full paths, whatever `-K` says. */
export async function* filesOf(
  path: string,
  remote: string,
  keep: 'nothing' | 'path',
): AsyncGenerator<Outgoing[]> {
  const local = resolve(path);
  const facts = await stat(local).catch((thrown: unknown) => coerceError(thrown));
  if (facts instanceof Error) yield [{ local, failure: facts.message }];
  else if (!facts.isDirectory())
    yield [outgoing(local, () => uploadedFilePath(local, remote, keep === 'path'))];
  else yield* folderFiles(local, () => uploadedFolder(local, remote, keep === 'path'));
}

async function* folderFiles(folder: string, place: () => string): AsyncGenerator<Outgoing[]> {
  let uploaded: string | Error;
  try {
    uploaded = place();
  } catch (thrown) {
    uploaded = coerceError(thrown);
  }
  for await (const found of filesBelow(folder)) {
    if ('failure' in found) yield [found];
    else yield groupOf(found.folder, found.files, uploaded, found.below);
  }
}

function groupOf(
  folder: string,
  files: readonly string[],
  uploaded: string | Error,
  below: readonly string[],
): Outgoing[] {
  // What `join` would put there; the folder is whole already.
  const start = folder.endsWith(sep) ? folder : `${folder}${sep}`;
  if (uploaded instanceof Error)
    return files.map((name) => ({ local: `${start}${name}`, failure: uploaded.message }));
  const placeOf = placesBelow(uploaded, below);
  return files.map((name) => outgoing(`${start}${name}`, () => placeOf(name)));
}

function outgoing(local: string, remote: () => string): Outgoing {
  try {
    return { local, remote: remote() };
  } catch (thrown) {
    return { local, failure: coerceError(thrown).message };
  }
}

/** Files written on Windows name its way; elsewhere a backslash is a character like others. */
function localPath(local: string): string {
  return resolve(process.platform === 'win32' ? local.replaceAll('/', '\\') : local);
}

async function listText(file: string, what: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > LARGEST_LIST_BYTES) throw new Error('it is far too long');
    return (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  } catch (cause) {
    throw sdkErrors.SDK_TRANSMIT_LIST(`${what} (${file}) failed: ${coerceError(cause).message}`, { cause });
  }
}
