/**
 * The apps there are: the folders of `apps/`. Adding an app is adding a folder whose `index.ts` exports `app`; no list names it.
 */
import { readdir } from 'node:fs/promises';
import { KiB } from '@croft/contract';
import type { App, SceneFiles } from './app.ts';
import { dccErrors } from './errors.ts';

const HEAD_BYTES = 4 * KiB;
const APPS = new URL('./apps/', import.meta.url);

let loaded: Promise<App[]> | undefined;

/** All apps, by id. Loaded once. */
export function loadApps(): Promise<App[]> {
  loaded ??= loadFolders();
  return loaded;
}

async function loadFolders(): Promise<App[]> {
  const entries = await readdir(APPS, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    folders.sort().map(async (folder) => {
      const module: { app?: App } = await import(new URL(`${folder}/index.ts`, APPS).href);
      if (module.app?.id !== folder)
        throw new Error(`apps/${folder}/index.ts exports no app named "${folder}"`);
      return module.app;
    }),
  );
}

/** The app of a folder name. Throws DCC_APP_UNKNOWN. */
export async function appById(id: string): Promise<App> {
  const app = (await loadApps()).find((candidate) => candidate.id === id);
  if (app === undefined) throw dccErrors.DCC_APP_UNKNOWN(`there is no app "${id}"`);
  return app;
}

/** The app of a `cgId`, given as the number or its digits. Throws DCC_APP_UNKNOWN. */
export async function appByCgId(cgId: number | string): Promise<App> {
  const app = (await loadApps()).find((candidate) => candidate.cgId === Number(cgId));
  if (app === undefined) throw dccErrors.DCC_APP_UNKNOWN(`no app has the cgId ${cgId}`);
  return app;
}

/**
 * The app whose scene the file is; its content decides, not its name. Throws DCC_NO_SUCH_FILE, DCC_LFS_POINTER, or
 * DCC_NOT_A_SCENE.
 */
export async function recognise(files: SceneFiles, scenePath: string): Promise<App> {
  const stat = await files.stat(scenePath);
  if (stat === null) throw dccErrors.DCC_NO_SUCH_FILE(`there is no file ${scenePath}`);
  if (stat.kind === 'folder') throw dccErrors.DCC_NOT_A_SCENE(`${scenePath} is a folder, not a scene file`);
  const file = await files.open(scenePath);
  const head = await file.read(0, HEAD_BYTES).finally(() => file.close());
  const extension = /\.([^./\\]*)$/.exec(scenePath)?.[1]?.toLowerCase() ?? '';
  const apps = await loadApps();
  const app = apps.find((candidate) => candidate.recognises(head, extension));
  if (app !== undefined) return app;
  if (Buffer.from(head).toString('latin1', 0, 24).startsWith('version https://git-lfs')) {
    throw dccErrors.DCC_LFS_POINTER(`${scenePath} is only a Git LFS pointer to the scene, not the scene`);
  }
  if (head.length === 0) throw dccErrors.DCC_SCENE_TRUNCATED(`${scenePath} is empty`);
  const named = apps.find((candidate) => candidate.extensions.includes(extension));
  throw dccErrors.DCC_NOT_A_SCENE(
    named
      ? `${scenePath} is no ${named.name} scene, whatever its name says`
      : `${scenePath} is no scene of any app that Croft knows`,
  );
}
