/**
 * A log file that starts anew when it is full: `x.log` becomes `x.log.1`, that becomes `x.log.2`, and so on up to
 * `x.log.<backupCount>`; the oldest is gone. Several programs may write one file: each line is one append to whatever
 * file has the name now, and a folder `x.log.lock` says who renames. Whoever finds it appends without renaming, so a file
 * may grow past its size by the lines of a moment, but no line is lost.
 */
import { appendFileSync, mkdirSync, renameSync, rmdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Clock, SECOND, systemClock } from '@croft/contract';

/** Whoever holds the lock for longer than this has died. */
const STALE_LOCK_MS = 10 * SECOND;

export class RotatingFile {
  readonly path: string;
  readonly #maxBytes: number;
  readonly #backupCount: number;
  readonly #clock: Clock;

  /** Makes the file's folder; the file itself comes with the first line. */
  constructor(
    file: string,
    { maxBytes, backupCount, clock = systemClock }: { maxBytes: number; backupCount: number; clock?: Clock },
  ) {
    this.path = file;
    this.#maxBytes = maxBytes;
    this.#backupCount = backupCount;
    this.#clock = clock;
    mkdirSync(path.dirname(file), { recursive: true });
  }

  /** Appends one line; a line end is added. */
  write(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    if (this.#isFullFor(bytes.length)) this.#rotate(bytes.length);
    appendFileSync(this.path, bytes);
  }

  #isFullFor(bytes: number): boolean {
    const size = statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
    return size > 0 && size + bytes > this.#maxBytes;
  }

  #rotate(bytes: number): void {
    const lock = `${this.path}.lock`;
    if (!this.#lock(lock)) return;
    try {
      // Another program may have renamed between the first look and the lock.
      if (!this.#isFullFor(bytes)) return;
      for (let number = this.#backupCount; number > 1; number--)
        renameIfThere(`${this.path}.${number - 1}`, `${this.path}.${number}`);
      if (this.#backupCount > 0) renameIfThere(this.path, `${this.path}.1`);
    } finally {
      removeIfThere(lock);
    }
  }

  #lock(lock: string): boolean {
    for (let attempt = 1; attempt <= 2; attempt++) {
      try {
        mkdirSync(lock);
        return true;
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
        const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0;
        if (this.#clock.now() - since < STALE_LOCK_MS) return false;
        removeIfThere(lock);
      }
    }
    return false;
  }
}

/** Another program may have taken a stale lock away first. */
function removeIfThere(lock: string): void {
  try {
    rmdirSync(lock);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
  }
}
