/**
 * Makes a scene find its files in a work folder. The tree path `/a/b` lies at `inputs/a/b`, so paths relative to the .blend
 * work as they are; absolute ones, those of another system, and those with backslashes are rewritten in the file as
 * relative paths, in the scene and in every library below it.
 *
 * Only fields of fixed size are touched, so nothing moves inside the file. The new file is written beside the old one and
 * renamed over it, since the old one may be a link to bytes that others use. A second run finds nothing to do.
 */
import { join as joinHere } from 'node:path';
import type { WorkFolder } from '../../app.ts';
import { dccErrors } from '../../errors.ts';
import { FileFinder } from '../../references/finder.ts';
import { folderOf, join, nameOf, tidy, treePathOf } from '../../references/scene-path.ts';
import { diskSceneFiles } from '../../scene-files/disk.ts';
import { blendBytes } from './blend/blend-bytes.ts';
import { type Patch, rewritePatched } from './blend/rewrite.ts';
import { isRelative, resolveRaw } from './blender-path.ts';
import type { Reference } from './facts/blend-facts.ts';
import { readBlendFacts } from './facts/read-facts.ts';

/** Rewrites the scene and its libraries in place. Throws the errors of a file that is no usable scene. */
export async function localise({ inputs, scenePath }: WorkFolder): Promise<void> {
  const files = diskSceneFiles();
  const finder = new FileFinder(files, []);
  const root = tidy(inputs);
  const done = new Set<string>();
  const queue = [join(root, scenePath)];
  for (let blend = queue.shift(); blend !== undefined; blend = queue.shift()) {
    if (done.has(blend)) continue;
    done.add(blend);
    queue.push(...(await localiseOne(blend, root, finder, blend === join(root, scenePath))));
  }
}

/** Returns the libraries that the file links. A damaged library is left as it is: Blender says what it thinks of it. */
async function localiseOne(
  blend: string,
  root: string,
  finder: FileFinder,
  isScene: boolean,
): Promise<string[]> {
  const files = diskSceneFiles();
  if ((await files.stat(blend))?.kind !== 'file') {
    if (isScene) throw dccErrors.DCC_NO_SUCH_FILE(`the scene ${nameOf(blend)} is not among the inputs`);
    return [];
  }
  const file = await files.open(blend);
  const libraries: string[] = [];
  try {
    const facts = await readBlendFacts(file, nameOf(blend)).catch((thrown: unknown) => {
      if (isScene) throw thrown;
      return null;
    });
    if (facts === null) return [];
    const patches = new Map<number, Patch>();
    for (const reference of facts.references) {
      const target = placeBelow(root, reference.raw, blend);
      if (target === null) continue;
      if (reference.kind === 'library') libraries.push(target);
      if (!needsChange(reference)) continue;
      const { shape, kind } = reference;
      if ((await finder.find({ path: target, local: target, shape, kind })) === null) continue;
      const patch = patchOf(reference, target, blend);
      if (patch) patches.set(patch.offset, patch);
    }
    if (patches.size > 0) await rewritePatched(blend, await blendBytes(file), [...patches.values()]);
  } finally {
    await file.close();
  }
  return libraries;
}

/** Where a reference lies in the work folder; null where its path leaves it. */
function placeBelow(root: string, raw: string, blend: string): string | null {
  if (isRelative(raw)) {
    const { path } = resolveRaw(raw, { expected: blend, local: blend }, 'posix');
    return path.startsWith(`${root}/`) ? path : null;
  }
  const treePath = treePathOf(raw);
  return treePath && tidy(joinHere(root, ...treePath.split('/')));
}

/** Idempotence rests on this: what we write is relative, anchored with `//`, and without backslashes. */
function needsChange({ raw, place }: Reference): boolean {
  return place !== null && (!raw.startsWith('//') || raw.includes('\\'));
}

function patchOf({ raw, place }: Reference, target: string, blend: string): Patch | null {
  if (place === null) return null;
  const folderOnly = place.holds === 'folder';
  const relative = relativePath(folderOf(blend), folderOnly ? folderOf(target) : target);
  const text = `//${relative}${folderOnly || /[\\/]$/.test(raw) ? '/' : ''}`;
  const bytes = Buffer.from(text, 'utf8');
  // Too long for the field, as a path of 2.4x can be: it stays, and the file counts as missing where it renders.
  return bytes.length < place.length ? { offset: place.offset, length: place.length, bytes } : null;
}

/** From one tidy folder to a tidy path, with `/`. */
function relativePath(from: string, to: string): string {
  const here = from.split('/');
  const there = to.split('/');
  let same = 0;
  while (same < here.length && same < there.length && here[same] === there[same]) same++;
  return [...here.slice(same).map(() => '..'), ...there.slice(same)].join('/');
}
