/**
 * Follows a scene into its libraries, and theirs, and finds every file on the way. A library is read once however often
 * it is linked; one that is missing or damaged ends its own branch only.
 */
import { CroftError } from '@croft/contract';
import type { Asset, MissingAsset, SceneFiles } from '../../app.ts';
import { FileFinder, type Found, tidyFolders } from '../../references/finder.ts';
import { folderOf, nameOf } from '../../references/scene-path.ts';
import { type BlendPlace, resolveRaw } from './blender-path.ts';
import type { BlendFacts, Reference } from './facts/blend-facts.ts';
import { readBlendFacts } from './facts/read-facts.ts';

export interface Collected {
  readonly assets: readonly Asset[];
  readonly missing: readonly MissingAsset[];
  /** Files that lie elsewhere than the scene says. */
  readonly moved: readonly { readonly raw: string; readonly from: string }[];
  /** Libraries that are there but cannot be read. */
  readonly unreadable: readonly { readonly file: string; readonly why: string }[];
  /** Facts of the libraries, in the order they were opened. */
  readonly libraries: readonly BlendFacts[];
}

const MOST_LIBRARIES = 10_000;

/** `scene`: facts of the scene at the tidy path `scenePath`. */
export async function collectFiles(
  files: SceneFiles,
  scenePath: string,
  scene: BlendFacts,
  searchFolders: readonly string[],
): Promise<Collected> {
  const finder = new FileFinder(files, tidyFolders([folderOf(scenePath), ...searchFolders]));
  const assets = new Map<string, Asset>();
  const missing = new Map<string, MissingAsset>();
  const moved = new Map<string, { raw: string; from: string }>();
  const unreadable: { file: string; why: string }[] = [];
  const libraries: BlendFacts[] = [];
  const opened = new Set([scenePath]);
  const queue: { place: BlendPlace; facts: BlendFacts; inside: string }[] = [
    { place: { expected: scenePath, local: scenePath }, facts: scene, inside: '' },
  ];

  for (let blend = queue.shift(); blend !== undefined; blend = queue.shift()) {
    for (const reference of blend.facts.references) {
      const { path, local } = resolveRaw(reference.raw, blend.place, files.style);
      const found = await finder.find({ path, local, shape: reference.shape, kind: reference.kind });
      if (found === null) {
        if (reference.used) noteMissing(reference, path, blend.inside, missing);
        continue;
      }
      for (const asset of found.assets) if (!assets.has(asset.server)) assets.set(asset.server, asset);
      noteMoved(reference, found, moved);
      const library = reference.kind === 'library' ? found.assets[0] : undefined;
      if (library === undefined || opened.has(library.local) || opened.size > MOST_LIBRARIES) continue;
      opened.add(library.local);
      const facts = await openLibrary(files, library.local, unreadable);
      if (facts === null) continue;
      libraries.push(facts);
      const inside = ` in ${nameOf(library.local)}`;
      queue.push({ place: { expected: path, local: library.local }, facts, inside });
    }
  }
  // A library may link back to the scene, which goes up as the scene.
  const others = [...assets.values()].filter((asset) => asset.local !== scenePath);
  return {
    assets: others,
    missing: [...missing.values()],
    moved: [...moved.values()],
    unreadable,
    libraries,
  };
}

async function openLibrary(
  files: SceneFiles,
  path: string,
  unreadable: { file: string; why: string }[],
): Promise<BlendFacts | null> {
  const file = await files.open(path);
  try {
    return await readBlendFacts(file, nameOf(path));
  } catch (thrown) {
    if (!(thrown instanceof CroftError)) throw thrown;
    unreadable.push({ file: path, why: thrown.message });
    return null;
  } finally {
    await file.close();
  }
}

function noteMissing(
  reference: Reference,
  expected: string,
  inside: string,
  missing: Map<string, MissingAsset>,
): void {
  const { raw, kind } = reference;
  if (missing.has(expected)) return;
  missing.set(expected, { raw, expected, kind, owner: reference.owner + inside });
}

function noteMoved(
  reference: Reference,
  found: Found,
  moved: Map<string, { raw: string; from: string }>,
): void {
  if (found.insteadAt === null) return;
  moved.set(reference.raw, { raw: reference.raw, from: found.insteadAt });
}
