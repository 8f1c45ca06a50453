/**
 * Content cache of inputs: `blobs/ab/<id>`, one file a blob. A file is there whole or not at all (fetched beside, then
 * renamed). Its modification time is when it was last used; under want of disk the longest unused go first.
 */
import { constants } from 'node:fs';
import { copyFile, mkdir, opendir, rename, rm, stat, statfs, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BlobId, type Clock, GiB, type Log } from '@croft/contract';
import { nodeErrors } from '../errors.ts';
import type { NodeTransfer } from '../ports.ts';

export interface Blob {
  readonly id: BlobId;
  readonly size: number;
}

/** What the cache leaves free on the disk for outputs and everybody else. */
export const DISK_RESERVE_BYTES = 2 * GiB;

export class BlobCache {
  readonly #folder: string;
  readonly #transfer: NodeTransfer;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #inUse = new Map<string, number>();
  #nextPart = 0;

  constructor(folder: string, transfer: NodeTransfer, clock: Clock, log: Log) {
    this.#folder = folder;
    this.#transfer = transfer;
    this.#clock = clock;
    this.#log = log;
  }

  /** Runs `use` while all blobs are in the cache and stay there. Throws NODE_DISK_FULL. */
  async withBlobs(
    token: string,
    blobs: readonly Blob[],
    signal: AbortSignal,
    use: () => Promise<void>,
  ): Promise<void> {
    const wanted = [...new Map(blobs.map((blob) => [blob.id, blob])).values()];
    for (const { id } of wanted) this.#inUse.set(id, (this.#inUse.get(id) ?? 0) + 1);
    try {
      const missing: Blob[] = [];
      for (const blob of wanted) if (!(await this.#has(blob))) missing.push(blob);
      if (missing.length > 0) await this.#fetch(token, missing, signal);
      await use();
    } finally {
      for (const { id } of wanted) {
        const left = (this.#inUse.get(id) ?? 1) - 1;
        if (left > 0) this.#inUse.set(id, left);
        else this.#inUse.delete(id);
      }
    }
  }

  /** Clones (where the file system can) or copies a cached blob. Never a hardlink: an app could write through it. */
  async copyTo(id: BlobId, file: string): Promise<void> {
    await copyFile(this.#fileOf(id), file, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  }

  /** Makes room for `bytes` beyond the reserve by dropping unused blobs. Throws NODE_DISK_FULL. */
  async makeRoom(bytes: number): Promise<void> {
    const wanted = bytes + DISK_RESERVE_BYTES;
    if ((await freeBytes(this.#folder)) >= wanted) return;
    for (const { file, id } of await this.#byLastUse()) {
      if (this.#inUse.has(id)) continue;
      await rm(file, { force: true });
      if ((await freeBytes(this.#folder)) >= wanted) return;
    }
    const free = await freeBytes(this.#folder);
    if (free >= bytes) return;
    throw nodeErrors.NODE_DISK_FULL(
      `the inputs need ${bytes} bytes and the disk of the node has ${free} free`,
    );
  }

  async #has(blob: Blob): Promise<boolean> {
    const file = this.#fileOf(blob.id);
    const found = await stat(file).catch(() => null);
    if (found === null || found.size !== blob.size) return false;
    const now = new Date(this.#clock.now());
    await utimes(file, now, now).catch(() => {});
    return true;
  }

  async #fetch(token: string, blobs: readonly Blob[], signal: AbortSignal): Promise<void> {
    await this.makeRoom(2 * blobs.reduce((sum, blob) => sum + blob.size, 0));
    const run = `${process.pid}-${this.#nextPart++}`;
    const partOf = (id: BlobId) => `${this.#fileOf(id)}.part-${run}`;
    for (const folder of new Set(blobs.map(({ id }) => dirname(this.#fileOf(id))))) {
      await mkdir(folder, { recursive: true });
    }
    try {
      await this.#transfer.fetchBlobs(token, blobs, partOf, signal);
      for (const { id } of blobs) await rename(partOf(id), this.#fileOf(id));
      this.#log.debug({ blobs: blobs.length }, 'inputs fetched');
    } finally {
      await Promise.all(blobs.map(({ id }) => rm(partOf(id), { force: true })));
    }
  }

  async #byLastUse(): Promise<{ file: string; id: string; usedMs: number }[]> {
    const found: { file: string; id: string; usedMs: number }[] = [];
    for await (const folder of await opendir(this.#folder)) {
      for await (const entry of await opendir(join(this.#folder, folder.name))) {
        const file = join(this.#folder, folder.name, entry.name);
        const facts = await stat(file).catch(() => null);
        if (facts !== null) found.push({ file, id: entry.name, usedMs: facts.mtimeMs });
      }
    }
    return found.sort((a, b) => a.usedMs - b.usedMs);
  }

  #fileOf(id: BlobId): string {
    const hash = id.slice(id.indexOf('-') + 1);
    return join(this.#folder, hash.slice(0, 2), id);
  }
}

/** Bytes that a program may still write on the disk of `folder`. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
