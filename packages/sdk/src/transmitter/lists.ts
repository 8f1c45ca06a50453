/** Reading what `-L` names: upload.json, lists of paths, files and folders. Lists come from outside and are bounded. */
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { coerceError, MiB } from '@croft/contract';
import { sdkErrors } from '../errors.ts';
import { filesBelow } from '../files-below.ts';
import { remotePath, uploadedFilePath, uploadedFolder, uploadedFolderPath } from './keep-path.ts';

const LARGEST_LIST_BYTES = 512 * MiB;

/** A file to send. `remote` is not confined yet where a list gives it. */
export type Outgoing =
  | { readonly local: string; readonly remote: string }
  /** Something named that cannot be sent, and why. */
  | { readonly local: string; readonly failure: string };

/** The pairs below `asset` of an upload.json; other keys are not looked at. Throws SDK_TRANSMIT_LIST. */
export async function* jsonPairs(file: string): AsyncGenerator<Outgoing> {
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
  for (const { local, server } of asset as { local: string; server: string }[]) {
    yield outgoing(localPath(local), () => remotePath(server));
  }
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

/** Every file of a path: itself, or all below it. `upload_list` keeps full paths, whatever `-K` says. */
export async function* filesOf(
  path: string,
  remote: string,
  keep: 'nothing' | 'path',
): AsyncGenerator<Outgoing> {
  const local = resolve(path);
  const facts = await stat(local).catch((thrown: unknown) => coerceError(thrown));
  if (facts instanceof Error) yield { local, failure: facts.message };
  else if (!facts.isDirectory())
    yield outgoing(local, () => uploadedFilePath(local, remote, keep === 'path'));
  else yield* folderFiles(local, () => uploadedFolder(local, remote, keep === 'path'));
}

async function* folderFiles(folder: string, place: () => string): AsyncGenerator<Outgoing> {
  let uploaded: string | Error;
  try {
    uploaded = place();
  } catch (thrown) {
    uploaded = coerceError(thrown);
  }
  for await (const below of filesBelow(folder)) {
    if ('failure' in below) yield below;
    else if (uploaded instanceof Error) yield { local: below.local, failure: uploaded.message };
    else yield outgoing(below.local, uploadedFolderPath.bind(null, uploaded, below.names));
  }
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
