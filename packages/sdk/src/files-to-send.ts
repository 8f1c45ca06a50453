/** Files and folders of this machine, as an upload of them takes them. */
import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { coerceError, confinedPath, serverPathOf } from '@croft/contract';
import { sdkErrors } from './errors.ts';
import { filesBelow } from './files-below.ts';
import type { OutgoingFile } from './mover.ts';

export interface FilesToSend {
  readonly files: readonly OutgoingFile[];
  /** What lies in the folders and cannot be sent: links to nothing, pipes, sockets, folders that may not be read. */
  readonly unsendable: readonly { readonly path: string; readonly why: string }[];
}

/**
 * Every file of the paths, with those below folders. Without `to` each lies on the farm where scenes expect it, by its own
 * path (`/home/ada/wood.png`, `D:\wood.png` as `/D/wood.png`); with it, below that folder by the name of what was given:
 * `textures` to `/shared` is `/shared/textures/wood.png`. A path given twice counts once. Throws SDK_UPLOAD_SOURCE for
 * a given path that cannot be read, PATH_REFUSED for a name that the farm does not take.
 */
export async function filesToSend(paths: readonly string[], to?: string): Promise<FilesToSend> {
  const byPath = new Map<string, OutgoingFile>();
  const unsendable: { path: string; why: string }[] = [];
  const add = (local: string, below: readonly string[]) => {
    const path = confinedPath(
      to === undefined ? serverPathOf(local) : [to.replace(/[\\/]+$/, ''), ...below].join('/'),
    );
    byPath.set(path, { local, path });
  };
  for (const given of paths) {
    // It would name the folder that happens to be the current one.
    if (given === '') throw sdkErrors.SDK_UPLOAD_SOURCE('an empty path names no file');
    const local = resolve(given);
    const facts = await stat(local).catch((thrown: unknown) => {
      throw unreadable(given, thrown);
    });
    const name = basename(local);
    if (!facts.isDirectory()) {
      if (!facts.isFile()) throw sdkErrors.SDK_UPLOAD_SOURCE(`${given} is neither a file nor a folder`);
      add(local, [name]);
      continue;
    }
    for await (const found of filesBelow(local)) {
      if ('failure' in found) {
        unsendable.push({ path: found.local, why: found.failure });
        continue;
      }
      const below = [name, ...found.below];
      for (const file of found.files) add(join(found.folder, file), [...below, file]);
    }
  }
  return { files: [...byPath.values()], unsendable };
}

function unreadable(path: string, thrown: unknown) {
  const cause = coerceError(thrown);
  const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read';
  return sdkErrors.SDK_UPLOAD_SOURCE(`${path} ${why}`, { cause });
}
