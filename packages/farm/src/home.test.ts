import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { prepareHome } from './home.ts';

test('a home is made with all folders above it, and twice is no harm', () => {
  const folder = mkdtempSync(join(tmpdir(), 'croft-home-'));
  const home = join(folder, 'a', 'b');
  prepareHome(home);
  prepareHome(home);
  expect(statSync(join(home, 'farm')).mode & 0o777).toBe(0o700);
  rmSync(folder, { recursive: true });
});

test.runIf(process.platform === 'linux')(
  'a home where nothing can be made is refused, and not tried for ever',
  () => {
    expect(() => prepareHome('/proc/x')).toThrow(expect.objectContaining({ code: 'FARM_STORE_FAILED' }));
  },
);
