/** Where a tree path lies on this disk, and refusing to write anywhere else. */
import { lstat, mkdir, realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { coerceError, confinedPath, hostileToWindows } from '@croft/contract';
import { transferErrors } from '../../errors.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { PlaceSet } from './place-set.ts';
import { QuickLook } from './quick-look.ts';

/** More are looked at again. */
const FOLDERS_KNOWN = 20_000;

/** A folder that downloads stay below. */
export class ConfinedFolder {
  /** At the places of files below the folder. */
  readonly looks = new QuickLook();
  readonly #root: string;
  /** Folders that were checked or made in this run; links put there meanwhile are beyond what we defend against. */
  readonly #known = new Set<string>();

  private constructor(root: string) {
    this.#root = root;
  }

  /** Opens (and makes) the folder. The folder itself may be a link: the user named it. */
  static async open(folder: string): Promise<ConfinedFolder> {
    try {
      makeFolder(folder, 0o777);
    } catch (thrown) {
      const cause = coerceError(thrown);
      throw transferErrors.TRANSFER_PLACE_REFUSED(`the folder ${folder} cannot be made: ${cause.message}`, {
        cause,
      });
    }
    return new ConfinedFolder(await realpath(folder));
  }

  /**
   * The local path of a tree path, its folder made. TRANSFER_PLACE_REFUSED where a link on the way leads out, the
   * file's place is a link or a folder, or Windows would take the name for something else.
   */
  async place(treePath: string): Promise<string> {
    const names = confinedPath(treePath).slice(1).split('/');
    if (process.platform === 'win32') {
      const hostile = names.find(hostileToWindows);
      if (hostile !== undefined)
        throw refused(`Windows cannot store a file named ${JSON.stringify(hostile)}`);
    }
    const target = join(this.#root, ...names);
    await this.#enter(dirname(target));
    const there = await this.looks.at(target).catch(() => null);
    if (there?.isSymbolicLink()) throw refused(`${target} is a link; nothing is written through it`);
    if (there?.isDirectory()) throw refused(`${target} is a folder`);
    return target;
  }

  async #enter(folder: string): Promise<void> {
    if (folder === this.#root || this.#known.has(folder)) return;
    await this.#enter(dirname(folder));
    try {
      await mkdir(folder);
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
    }
    const real = await realpath(folder);
    if (real !== this.#root && !real.startsWith(this.#root + sep)) {
      throw refused(`${folder} is a link that leads out of ${this.#root}`);
    }
    if (!(await lstat(real)).isDirectory()) throw refused(`${folder} is not a folder`);
    if (this.#known.size === FOLDERS_KNOWN) this.#known.clear();
    this.#known.add(folder);
  }
}

/** The places that a download wants, as this machine's disks tell names apart. */
export class WantedPlaces {
  readonly #foldsCase: boolean;
  readonly #places = new PlaceSet();

  constructor(platform: NodeJS.Platform = process.platform) {
    this.#foldsCase = platform === 'win32' || platform === 'darwin';
  }

  /** false: it is, almost certainly, one file with a place that was added before. */
  add(place: string): boolean {
    return this.#places.add(this.#fold(place));
  }
  has(place: string): boolean {
    return this.#places.has(this.#fold(place));
  }

  /**
   * Refuses two of `places` that are one file with `place` on this disk, such as `A.png` and `a.png` where case does not count:
   * the second would silently replace the first.
   */
  async refuseTwins(places: AsyncIterable<string>, place: string): Promise<void> {
    let first: string | null = null;
    for await (const other of places) {
      if (this.#fold(other) !== this.#fold(place)) continue;
      if (first !== null) throw refused(`${first} and ${other} would be one file on this machine`);
      first = other;
    }
  }

  #fold(place: string): string {
    return this.#foldsCase ? place.normalize('NFC').toLowerCase() : place;
  }
}

function refused(why: string) {
  return transferErrors.TRANSFER_PLACE_REFUSED(why);
}
