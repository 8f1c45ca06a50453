/** Files as disks tell of them, quick ones and slow ones. */
import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/support/cleanup.ts';
import { FileLooker, whyUnreadable } from './look-at-files.ts';

let paths: string[];
beforeAll(() => {
  const folder = temporaryFolder();
  const at = (name: string) => join(folder, name);
  writeFileSync(at('a.txt'), 'one');
  writeFileSync(at('b.txt'), 'twelve bytes');
  symlinkSync(at('a.txt'), at('link'));
  symlinkSync(at('nowhere'), at('broken link'));
  mkdirSync(at('folder'));
  paths = ['a.txt', 'b.txt', 'link', 'broken link', 'folder', 'not there', 'a\0b'].map(at);
});

/** What is expected of the path, as text. */
function asText(path: string): string {
  try {
    const { size, mtimeNs, ino } = statSync(path, { bigint: true });
    return statSync(path).isFile() ? `${size} ${mtimeNs} ${ino}` : 'it is no plain file';
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code!;
  }
}

/** Looks with a clock that moves on by `stepMs` each time it is looked at; `looksAtClock` tells how often. */
async function look(count: number, stepMs: number) {
  let looksAtClock = 0;
  const clock = { now: () => stepMs * looksAtClock++, after: () => () => {} };
  const asked = Array.from({ length: count }, (_, index) => paths[index % paths.length]!);
  const found = await new FileLooker(clock).look(asked);
  const texts = found.map((facts) =>
    facts instanceof Error
      ? ((facts as NodeJS.ErrnoException).code ?? facts.message)
      : `${facts.size} ${facts.mtimeNs} ${facts.ino}`,
  );
  expect(texts).toEqual(asked.map(asText));
  for (const facts of found)
    if (!(facts instanceof Error)) expect(facts.mtimeMs).toBe(facts.mtimeNs / 1_000_000n);
  return looksAtClock;
}

it('finds the same in memory and on a slow disk, which is asked side by side for a while', async () => {
  const groups = 45;
  // A quick disk: each group of 250 is timed.
  expect(await look(groups * 250, 1)).toBe(2 * groups);
  // A slow one: the 1st, 22nd and 43rd are, and found slow; 20 after each are not.
  expect(await look(groups * 250, 60)).toBe(2 * 3);
  expect(await look(0, 1)).toBe(0);
});

it('says which files cannot be read, and why', async () => {
  const why = await whyUnreadable(paths);
  const codes = why.map((error) => (error as NodeJS.ErrnoException | undefined)?.code);
  const lost = ['ENOENT', undefined, 'ENOENT', 'ERR_INVALID_ARG_VALUE'];
  expect(codes).toEqual([undefined, undefined, undefined, ...lost]);
  expect(await whyUnreadable([])).toEqual([]);
});
