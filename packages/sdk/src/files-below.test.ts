import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../tests/support/cleanup.ts';
import { filesBelow } from './files-below.ts';

it('finds each file once, in groups, also through links, and walks in no circle', async () => {
  const folder = temporaryFolder();
  const names = Array.from({ length: 2001 }, (_, number) => `${number}.txt`);
  mkdirSync(join(folder, 'sub', 'deep'), { recursive: true });
  for (const name of names) writeFileSync(join(folder, name), '');
  for (const name of ['sub/a', 'sub/deep/b']) writeFileSync(join(folder, name), '');
  symlinkSync(folder, join(folder, 'sub', 'circle'));
  symlinkSync(join(folder, 'sub', 'deep'), join(folder, 'linked folder'));
  symlinkSync(join(folder, 'nowhere'), join(folder, 'linked to nothing'));
  const found: string[] = [];
  const lost: string[] = [];
  let most = 0;
  for await (const group of filesBelow(folder)) {
    if ('failure' in group) {
      lost.push(group.local);
      continue;
    }
    expect(group.folder).toBe(join(folder, ...group.below));
    most = Math.max(most, group.files.length);
    for (const file of group.files) found.push([...group.below, file].join('/'));
  }
  const others = ['sub/a', 'sub/deep/b', 'linked folder/b'];
  expect(found.toSorted()).toEqual([...names, ...others].toSorted());
  expect(most).toBeLessThanOrEqual(1000);
  expect(lost).toEqual([join(folder, 'linked to nothing')]);
});
