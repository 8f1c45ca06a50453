/** Adding files to upload.json and cutting it in pieces (seed 002 "append_to_upload"; compat-api 6.1, 6.2). */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Json, listOf } from '../reading.ts';
import { diskError } from '../task-files.ts';
import { convertPath } from './convert-path.ts';
import { CLIENT_CODES, RayvisionError } from './exceptions.ts';
import { existsOrCreate, jsonLoad, jsonSave } from './json-files.ts';

/**
 * Adds files, and all files below folders, to `asset` of an upload.json; one that is there already is left out. All else
 * in it stays. Gives how many were added. RayvisionError 1000006: no upload.json; 1000004: no such file; 1000005:
 * neither a path nor a list of them.
 */
export async function appendToUpload(
  filesPaths: string | readonly string[],
  uploadPath: string,
): Promise<number> {
  const wanted = typeof filesPaths === 'string' ? [filesPaths] : filesPaths;
  if (!Array.isArray(wanted) || wanted.some((one) => typeof one !== 'string'))
    throw new RayvisionError(CLIENT_CODES.pathsType, 'filesPaths must be a path or a list of paths');
  const upload = await jsonLoad(uploadPath, CLIENT_CODES.uploadJsonMissing);
  const assets = listOf(upload.asset, 'asset');
  const known = new Set(assets.map((asset) => (asset as Json | null)?.local));
  const before = assets.length;
  for (const local of await extractFile(wanted)) {
    if (known.has(local)) continue;
    known.add(local);
    assets.push({ local, server: convertPath(local) });
  }
  if (assets.length > before) await jsonSave(uploadPath, { ...upload, asset: assets });
  return assets.length - before;
}

/** The files of a list of files and folders, folders walked, as absolute paths with slashes. */
export async function extractFile(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const one of paths) {
    const absolute = path.resolve(one);
    let facts: Awaited<ReturnType<typeof stat>>;
    try {
      facts = await stat(absolute);
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') throw diskError(thrown, `${one} cannot be read`);
      throw new RayvisionError(CLIENT_CODES.fileMissing, `${one} is not exist`);
    }
    if (facts.isDirectory()) for await (const file of walkFiles(absolute)) files.push(slashed(file));
    else files.push(slashed(absolute));
  }
  return files;
}

/** All files below a folder, in the order of their names. Links to folders are not followed: they may lead in a ring. */
export async function* walkFiles(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((thrown) => {
    throw diskError(thrown, `the folder ${folder} cannot be read`);
  });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* walkFiles(full);
    else if (entry.isFile() || (entry.isSymbolicLink() && (await isFile(full)))) yield full;
  }
}

/**
 * Cuts an upload.json into `upload_1.json`, `upload_2.json`, … of at most `maxResourcesNumber` assets each, beside it or
 * in `afterCuttingPosition`, which is made; gives their paths. Without a number, or where it is large enough, the file
 * itself is the only piece. Other keys (`scene`) go into the first piece. RayvisionError 200001: there is no such file;
 * 600: the number is below 1.
 */
export async function cuttingUpload(
  uploadPath: string,
  maxResourcesNumber?: number,
  afterCuttingPosition: string = path.dirname(uploadPath),
): Promise<string[]> {
  const { asset, ...rest } = await jsonLoad(uploadPath, CLIENT_CODES.uploadFileMissing);
  const assets = listOf(asset, 'asset');
  if (maxResourcesNumber === undefined) return [uploadPath];
  if (!Number.isSafeInteger(maxResourcesNumber) || maxResourcesNumber < 1)
    throw new RayvisionError(
      CLIENT_CODES.parameterInvalid,
      'maxResourcesNumber must be a whole number above 0',
    );
  if (maxResourcesNumber >= assets.length) return [uploadPath];
  await existsOrCreate(afterCuttingPosition);
  const pieces: string[] = [];
  for (let from = 0; from < assets.length; from += maxResourcesNumber) {
    const piece = path.join(afterCuttingPosition, `upload_${pieces.length + 1}.json`);
    const some = assets.slice(from, from + maxResourcesNumber);
    await jsonSave(piece, { ...(from === 0 ? rest : {}), asset: some });
    pieces.push(piece);
  }
  return pieces;
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (facts) => facts.isFile(),
    () => false,
  );
}

/** Windows' paths with slashes; elsewhere a backslash is a letter of a name like any other. */
function slashed(file: string): string {
  return path.sep === '\\' ? file.replaceAll('\\', '/') : file;
}
