import { createHash } from 'node:crypto';
import type { BlobId, TreeEntry } from '@croft/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EntrySpool } from './entry-spool.ts';

const ID = `sha256-${'a'.repeat(64)}` as BlobId;
const entry = (number: number, wide: boolean): TreeEntry => ({
  path: `/${wide ? 'w'.repeat(4000) : ''}${number}`,
  id: ID,
  size: number,
  mtimeMs: 1,
});

test('however entries come, the commits have all of them in order, none too long, each with its hash', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 8 }),
      async (mostLines, batches) => {
        const spool = new EntrySpool(mostLines);
        const all: string[] = [];
        for (const length of batches) {
          const entries = Array.from({ length }, (_, index) => entry(all.length + index, false));
          all.push(...entries.map(({ path }) => path));
          await spool.add(entries);
        }
        expect(pathsOf(spool, mostLines)).toEqual(all);
        expect(spool.isEmpty && batches.some((length) => length > 0)).toBe(false);
        await spool.close();
      },
    ),
    { numRuns: 100 },
  );
});

test('what waits on the disk is read like the rest, as often as a commit is tried', async () => {
  const spool = new EntrySpool(2500);
  const entries = Array.from({ length: 6000 }, (_, number) => entry(number, true));
  for (let at = 0; at < entries.length; at += 1000) await spool.add(entries.slice(at, at + 1000));
  for (const _try of [1, 2]) expect(pathsOf(spool, 2500)).toEqual(entries.map(({ path }) => path));
  await spool.close();
});

/** Paths of all commits, whose bounds and hashes are checked on the way. */
function pathsOf(spool: EntrySpool, mostLines: number): string[] {
  return spool.bodies().flatMap(({ pieces, bytes, sha256Hex }) => {
    const body = Buffer.concat([...pieces]);
    expect([body.length, createHash('sha256').update(body).digest('hex')]).toEqual([bytes, sha256Hex]);
    const lines = body.toString('utf8').split('\n').slice(0, -1);
    expect(lines.length).toBeLessThanOrEqual(mostLines);
    return lines.map((line) => (JSON.parse(line) as TreeEntry).path);
  });
}
