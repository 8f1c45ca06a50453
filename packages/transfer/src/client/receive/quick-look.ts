/**
 * Size and kind of files that may lie where others are to go. Through Node's threads each look costs twenty times the look itself,
 * so it is taken in this thread while that is quick. On a slow disk (a network share) looks are awaited instead, several at once;
 * after LOOKS_AWAITED of them it is tried again.
 */
import { lstatSync, type Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';

/** Looks that are judged together: a single one may be late because others have the processor. */
const LOOKS_JUDGED = 64;
const SLOW_MS = LOOKS_JUDGED * 0.3;
const LOOKS_AWAITED = 2000;

export class QuickLook {
  #looks = 0;
  #tookMs = 0;
  #toAwait = 0;

  /** null where nothing is. Links are not followed. Throws what the disk says where nobody may look. */
  async at(path: string): Promise<Stats | null> {
    if (this.#toAwait > 0) {
      this.#toAwait -= 1;
      return lstat(path).catch(absent);
    }
    const from = performance.now();
    try {
      return lstatSync(path, { throwIfNoEntry: false }) ?? null;
    } catch (thrown) {
      return absent(thrown as NodeJS.ErrnoException);
    } finally {
      this.#judge(performance.now() - from);
    }
  }

  #judge(tookMs: number): void {
    this.#looks += 1;
    this.#tookMs += tookMs;
    if (this.#looks < LOOKS_JUDGED) return;
    if (this.#tookMs > SLOW_MS) this.#toAwait = LOOKS_AWAITED;
    this.#looks = 0;
    this.#tookMs = 0;
  }
}

function absent(thrown: NodeJS.ErrnoException): null {
  if (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR') return null;
  throw thrown;
}
