/**
 * Room for the content cache of inputs: `blobs/<two hex>/<id>`, filled by the transfer engine. A file's modification time
 * is when it was last used; under want of disk the longest unused go first.
 */
import { opendir, rm, stat, statfs, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { type BlobId, type Clock, CroftError, coerceError, GiB, type TreeEntry } from '@croft/contract';

/** What the cache leaves free on the disk for outputs and everybody else. */
const DISK_RESERVE_BYTES = 4 * GiB;

export class InputCache {
  readonly folder: string;
  readonly #clock: Clock;
  #users = 0;

  constructor(folder: string, clock: Clock) {
    this.folder = folder;
    this.#clock = clock;
  }

  /** Runs a fetch that fills the cache: makes room before it, and once more, as much as there is, when the disk is full. */
  async fill(fetch: (onInput: (input: TreeEntry) => Promise<void>) => Promise<void>): Promise<void> {
    const onInput = ({ id }: TreeEntry) => this.#used(id);
    await this.#makeRoom(DISK_RESERVE_BYTES);
    this.#users += 1;
    try {
      await fetch(onInput);
    } catch (thrown) {
      if (!isDiskFull(coerceError(thrown)) || this.#users > 1) throw thrown;
      this.#users -= 1;
      await this.#makeRoom(Number.POSITIVE_INFINITY);
      this.#users += 1;
      await fetch(onInput);
    } finally {
      this.#users -= 1;
    }
  }

  async #used(id: BlobId): Promise<void> {
    const now = new Date(this.#clock.now());
    const hash = id.slice(id.indexOf('-') + 1);
    await utimes(join(this.folder, hash.slice(0, 2), id), now, now).catch(() => {});
  }

  /** Drops the longest unused until `bytes` are free; nothing while a fetch may be reading what would go. */
  async #makeRoom(bytes: number): Promise<void> {
    if (this.#users > 0 || (await freeBytes(this.folder)) >= bytes) return;
    for (const file of await this.#byLastUse()) {
      await rm(file, { force: true });
      if ((await freeBytes(this.folder)) >= bytes) return;
    }
  }

  async #byLastUse(): Promise<string[]> {
    const found: { file: string; usedMs: number }[] = [];
    for await (const folder of await opendir(this.folder)) {
      for await (const entry of await opendir(join(this.folder, folder.name))) {
        const file = join(this.folder, folder.name, entry.name);
        const facts = await stat(file).catch(() => null);
        if (facts !== null) found.push({ file, usedMs: facts.mtimeMs });
      }
    }
    return found.sort((a, b) => a.usedMs - b.usedMs).map(({ file }) => file);
  }
}

/** Whether an error means that a disk of this machine is full. */
export function isDiskFull(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return true;
  if (error instanceof CroftError && error.code === 'TRANSFER_NO_SPACE') return true;
  return error.cause instanceof Error && isDiskFull(error.cause);
}

/** Bytes that a program may still write on the disk of `folder`. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
