import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../../../tests/support/cleanup.ts';
import { QuickLook } from './quick-look.ts';

test('a look tells what is there, a link as a link, and nothing where nothing is', async () => {
  const folder = temporaryFolder();
  await writeFile(join(folder, 'a'), 'four');
  await symlink(join(folder, 'a'), join(folder, 'link'));
  const looks = new QuickLook();
  for (let time = 0; time < 100; time++) {
    expect((await looks.at(join(folder, 'a')))?.size).toBe(4);
    expect((await looks.at(join(folder, 'link')))?.isSymbolicLink()).toBe(true);
    expect(await looks.at(join(folder, 'none'))).toBeNull();
    expect(await looks.at(join(folder, 'a', 'below a file'))).toBeNull();
  }
});
