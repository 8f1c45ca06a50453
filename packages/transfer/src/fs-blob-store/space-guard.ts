/** Refuses bytes before the disk is full, because a full disk stops the farm's database as well. */
import { statfs } from 'node:fs/promises';
import { MiB } from '@croft/contract';
import { transferErrors } from '../errors.ts';

/** What is left free for everything else on the disk. */
export const KEEP_FREE_BYTES = 512 * MiB;

export class SpaceGuard {
  readonly #folder: string;
  readonly #keepFreeBytes: number;
  #promisedBytes = 0;

  constructor(folder: string, keepFreeBytes: number) {
    this.#folder = folder;
    this.#keepFreeBytes = keepFreeBytes;
  }

  /** Sets `bytes` aside for a write or throws TRANSFER_NO_SPACE; the caller gives them back when the write is over. */
  async reserve(bytes: number): Promise<() => void> {
    this.#promisedBytes += bytes;
    const release = () => {
      this.#promisedBytes -= bytes;
    };
    try {
      const disk = await statfs(this.#folder);
      const freeBytes = disk.bavail * disk.bsize;
      if (freeBytes - this.#promisedBytes < this.#keepFreeBytes) {
        const [freeMiB, wantedMiB, keptMiB] = [freeBytes, bytes, this.#keepFreeBytes].map((size) =>
          Math.ceil(size / MiB),
        );
        throw transferErrors.TRANSFER_NO_SPACE(
          `the disk of ${this.#folder} has ${freeMiB} MiB left, too little for ${wantedMiB} MiB more (${keptMiB} MiB stay free)`,
        );
      }
    } catch (thrown) {
      release();
      throw thrown;
    }
    return release;
  }
}
