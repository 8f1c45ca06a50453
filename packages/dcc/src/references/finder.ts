/**
 * Finds the files that a scene refers to. A reference is first looked for where the scene says; a path of another machine
 * (another system's, or one that is not here) then by the longest end of it below the scene's folder and the search
 * folders. The farm puts a file found elsewhere where the scene expects it, so the scene needs no change.
 */
import type { Asset, SceneFiles } from '../app.ts';
import { namePattern, type Shape } from './patterns.ts';
import { folderOf, join, nameOf, tidy, treePathOf } from './scene-path.ts';

export interface Wanted {
  /** Absolute tidy path where the scene expects it; a pattern's last name as the scene spells it. */
  readonly path: string;
  /** Absolute tidy path on this machine where it should then be; null where that path cannot be one of this machine. */
  readonly local: string | null;
  readonly shape: Shape;
  readonly kind: string;
}

export interface Found {
  readonly assets: readonly Asset[];
  /** The path under which it was found instead; null where it was where the scene says. */
  readonly insteadAt: string | null;
}

const MOST_FILES = 1_000_000;
const MOST_DEPTH = 32;
/** A listing of this many names may be cut (`SceneFiles.list`). */
const MOST_LISTED = 100_000;

export class FileFinder {
  readonly #files: SceneFiles;
  readonly #searchFolders: readonly string[];
  readonly #listings = new Map<string, Promise<ReadonlySet<string>>>();
  #collected = 0;

  /** `searchFolders`: tidy absolute paths, the scene's own folder first. */
  constructor(files: SceneFiles, searchFolders: readonly string[]) {
    this.#files = files;
    this.#searchFolders = searchFolders;
  }

  /** The files behind a reference; null where there are none. */
  async find(wanted: Wanted): Promise<Found | null> {
    if (wanted.local !== null) {
      const assets = await this.#collect(wanted.local, wanted);
      if (assets.length > 0) return { assets, insteadAt: null };
    }
    for (const candidate of this.#elsewhere(wanted.path)) {
      if (!(await this.#mayBeThere(candidate, wanted.shape))) continue;
      const assets = await this.#collect(candidate, wanted);
      if (assets.length > 0) return { assets, insteadAt: candidate };
    }
    return null;
  }

  /** Longest end of the path first, in each folder. */
  *#elsewhere(path: string): Generator<string> {
    const names = path.split('/').filter((name) => name !== '' && !/^[A-Za-z]:$/.test(name));
    for (let from = Math.max(0, names.length - MOST_DEPTH); from < names.length; from++) {
      for (const folder of this.#searchFolders) {
        const candidate = join(folder, names.slice(from).join('/'));
        if (candidate !== path) yield candidate;
      }
    }
  }

  /** Whether a listing of its folder speaks against it: thousands of lost files must not cost a stat for each guess. */
  async #mayBeThere(path: string, shape: Shape): Promise<boolean> {
    const names = await this.#list(folderOf(path));
    const exact = shape === 'file' && this.#files.style === 'posix' && names.size < MOST_LISTED;
    return exact ? names.has(nameOf(path)) : names.size > 0;
  }

  async #collect(at: string, wanted: Wanted): Promise<Asset[]> {
    if (wanted.shape === 'folder') return this.#below(at, wanted.path, wanted.kind, 0);
    const pattern = namePattern(nameOf(at), wanted.shape);
    const names = pattern
      ? [...(await this.#list(folderOf(at)))].filter((name) => pattern.test(name))
      : [nameOf(at)];
    const assets: Asset[] = [];
    for (const name of names) {
      const asset = await this.#asset(
        join(folderOf(at), name),
        join(folderOf(wanted.path), name),
        wanted.kind,
      );
      if (asset) assets.push(asset);
    }
    return assets;
  }

  async #below(folder: string, expected: string, kind: string, depth: number): Promise<Asset[]> {
    if (depth > MOST_DEPTH) return [];
    const assets: Asset[] = [];
    for (const name of await this.#list(folder)) {
      const here = join(folder, name);
      const asset = await this.#asset(here, join(expected, name), kind);
      if (asset) assets.push(asset);
      else assets.push(...(await this.#below(here, join(expected, name), kind, depth + 1)));
    }
    return assets;
  }

  async #asset(local: string, expected: string, kind: string): Promise<Asset | null> {
    const stat = await this.#files.stat(local);
    const server = treePathOf(expected);
    if (stat?.kind !== 'file' || server === null || this.#collected >= MOST_FILES) return null;
    this.#collected++;
    return { local, server, size: stat.size, mtimeMs: stat.mtimeMs, kind };
  }

  #list(folder: string): Promise<ReadonlySet<string>> {
    const known = this.#listings.get(folder) ?? this.#files.list(folder).then((names) => new Set(names));
    this.#listings.set(folder, known);
    return known;
  }
}

/** Folders given by a user or a caller, in the form the finder takes. */
export function tidyFolders(folders: readonly string[]): string[] {
  return [...new Set(folders.map(tidy))];
}
