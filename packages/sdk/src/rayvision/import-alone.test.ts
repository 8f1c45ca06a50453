import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';

const modules = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.startsWith('testing'))
  .map((name) => path.join(import.meta.dirname, name));

it.each([
  ['first to last', modules],
  ['last to first', modules.toReversed()],
])('every module can be the first one imported, and importing does nothing (%s)', (_order, files) => {
  const home = mkdtempSync(path.join(tmpdir(), 'croft-import-'));
  try {
    const script = `
      for (const file of ${JSON.stringify(files)}) await import(file);
      const open = process.getActiveResourcesInfo().filter((one) => !/^(TTY|Pipe|FS)/.test(one));
      if (open.length > 0) throw new Error('left open: ' + open.join(', '));`;
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: { HOME: home, RAYVISION_LOG_ROOT: path.join(home, 'logs') },
      cwd: home,
    });
    expect([run.status, run.stdout, run.stderr]).toEqual([0, '', '']);
    expect(readdirSync(home)).toEqual([]);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
