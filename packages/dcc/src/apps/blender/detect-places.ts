/** Where Blender may be installed: what the operator names, the PATH, and the usual places of each system. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { posix, win32 } from 'node:path';
import type { MachineProbe } from '../../app.ts';

/** Executables that exist, each once (links resolved), the operator's own choice first, then in PATH order. */
export async function blenderExecutables({ env, platform }: MachineProbe): Promise<string[]> {
  const windows = platform === 'win32';
  const { join, delimiter } = windows ? win32 : posix;
  const name = windows ? 'blender.exe' : 'blender';
  const foldersOf = (list: string | undefined) => (list ?? '').split(delimiter).filter((part) => part !== '');
  const path = foldersOf(env.PATH ?? env.Path);
  const candidates = [
    ...foldersOf(env.CROFT_BLENDER),
    ...path.map((folder) => join(folder, name)),
    ...(await usualPlaces({ env, platform })),
  ];
  const found = new Set<string>();
  for (const candidate of candidates) {
    const real = await realFile(candidate);
    if (real !== null) found.add(real);
  }
  return [...found];
}

/** Newest version first where folders carry their version. */
async function usualPlaces({ env, platform }: Pick<MachineProbe, 'env' | 'platform'>): Promise<string[]> {
  switch (platform) {
    case 'win32': {
      const roots = [env.ProgramFiles, env['ProgramFiles(x86)']].filter((root) => root !== undefined);
      const houses = roots.map((root) => win32.join(root, 'Blender Foundation'));
      return (
        await Promise.all(houses.map((house) => below(house, /^blender/i, ['blender.exe'], win32.join)))
      ).flat();
    }
    case 'darwin':
      return below('/Applications', /^blender.*\.app$/i, ['Contents', 'MacOS', 'Blender'], posix.join);
    default: {
      const houses = ['/opt', '/usr/local', ...(env.HOME === undefined ? [] : [env.HOME])];
      const unpacked = await Promise.all(
        houses.map((house) => below(house, /^blender/i, ['blender'], posix.join)),
      );
      return [...unpacked.flat(), '/usr/bin/blender', '/usr/local/bin/blender', '/snap/bin/blender'];
    }
  }
}

async function below(
  folder: string,
  like: RegExp,
  rest: readonly string[],
  join: (...parts: string[]) => string,
): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const newestFirst = names.filter((name) => like.test(name)).sort((a, b) => compareNumbered(b, a));
  return newestFirst.map((name) => join(folder, name, ...rest));
}

function compareNumbered(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

async function realFile(candidate: string): Promise<string | null> {
  try {
    const real = await realpath(candidate);
    return (await stat(real)).isFile() ? real : null;
  } catch {
    return null;
  }
}
