/**
 * Looking at many files: size, time and identity. Local disks answer `stat` from memory in about 2 µs, and every way that
 * leaves the thread costs several times that, so it is asked at once, some files between two breaths. Where the disk
 * turns out to be slow (a network share, a disk that sleeps), the next files are asked for side by side instead, since
 * waiting for them one by one would take for ever. Measured for 100,000 files in memory, processor time: at once 0.2 s,
 * side by side 1 s, one promise after the other 1.4 s.
 */
import { type BigIntStats, constants, statSync } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { type Clock, coerceError } from '@croft/contract';

/** Files between two breaths. */
const FILES_AT_ONCE = 250;
/** A group that took longer came from no memory: 0.2 ms a file. */
const SLOW_GROUP_MS = 50;
/** Groups asked for side by side before the quick way is tried again. */
const GROUPS_SIDE_BY_SIDE = 20;
/** As many as Node has threads for it, and some that wait for their turn. */
const LOOKS_AT_ONCE = 16;

/** A tenth of what the disk tells, since many are kept. */
export type FileFacts = Pick<BigIntStats, 'size' | 'mtimeNs' | 'mtimeMs' | 'ino'>;

export class FileLooker {
  readonly #clock: Clock;
  #slowGroups = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Facts of each plain file, in the order given; an Error says why there are none. */
  async look(paths: readonly string[]): Promise<(FileFacts | Error)[]> {
    const found: (FileFacts | Error)[] = [];
    for (let at = 0; at < paths.length; at += FILES_AT_ONCE)
      found.push(...(await this.#lookAtGroup(paths.slice(at, at + FILES_AT_ONCE))));
    return found;
  }

  async #lookAtGroup(paths: readonly string[]): Promise<(FileFacts | Error)[]> {
    if (this.#slowGroups > 0) {
      this.#slowGroups -= 1;
      return sideBySide(paths, lookAside);
    }
    const startedAt = this.#clock.now();
    const found = paths.map(lookAtOnce);
    if (this.#clock.now() - startedAt > SLOW_GROUP_MS) this.#slowGroups = GROUPS_SIDE_BY_SIDE;
    // Requests under way get their turn.
    await setImmediate();
    return found;
  }
}

/** Why each file cannot be read; undefined for those that can. */
export function whyUnreadable(paths: readonly string[]): Promise<(Error | undefined)[]> {
  return sideBySide(paths, (path) => access(path, constants.R_OK).then(() => undefined, coerceError));
}

function lookAtOnce(path: string): FileFacts | Error {
  try {
    return plainFile(statSync(path, { bigint: true }));
  } catch (thrown) {
    return coerceError(thrown);
  }
}

function lookAside(path: string): Promise<FileFacts | Error> {
  return stat(path, { bigint: true }).then(plainFile, coerceError);
}

function plainFile(facts: BigIntStats): FileFacts | Error {
  if (!facts.isFile()) return new Error('it is no plain file');
  const { size, mtimeNs, mtimeMs, ino } = facts;
  return { size, mtimeNs, mtimeMs, ino };
}

async function sideBySide<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = new Array(items.length);
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index]!);
  };
  await Promise.all(Array.from({ length: LOOKS_AT_ONCE }, lane));
  return results;
}
