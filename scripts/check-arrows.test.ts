import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkArrows } from './check-arrows.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
let copy: string;

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'croft-arrows-'));
  cpSync(join(root, 'packages'), join(copy, 'packages'), {
    recursive: true,
    filter: (source) => !source.includes('node_modules'),
  });
});
afterEach(() => rmSync(copy, { recursive: true, force: true }));

function plant(file: string, code: string): string[] {
  mkdirSync(dirname(join(copy, file)), { recursive: true });
  writeFileSync(join(copy, file), code);
  return checkArrows(copy).filter(
    (complaint) => complaint.startsWith(file) || complaint.startsWith('packages/attic'),
  );
}

describe('the map of rooms', () => {
  it('holds for the checkout', () => {
    expect(checkArrows(root)).toEqual([]);
  });

  it.each([
    ['an arrow up', "import { openFarm } from '@croft/farm';", 'is an arrow up'],
    ['an arrow up in a re-export', "export * from '@croft/server';", 'is an arrow up'],
    ['an arrow up at run time', "const farm = await import('@croft/farm');", 'is an arrow up'],
    [
      'a way around the entry point',
      "import { x } from '@croft/contract/src/units.ts';",
      'is not an entry point',
    ],
    ['a relative path out of the room', "import { x } from '../../farm/src/index.ts';", 'leaves its room'],
    [
      'a worker of another room',
      "const w = new URL('../../farm/src/worker.ts', import.meta.url);",
      'leaves its room',
    ],
    ['an undeclared package', "import Fastify from 'fastify';", 'is not declared'],
    ['a built-in without node:', "import fs from 'fs';", 'write it with node:'],
  ])('refuses %s', (_name, code, complaint) => {
    expect(plant('packages/dcc/src/planted.ts', `${code}\n`)).toEqual([expect.stringContaining(complaint)]);
  });

  it('takes an arrow down, and words in comments for no import', () => {
    const code =
      "// import { x } from '@croft/farm';\nimport { MiB } from '@croft/contract';\nexport const size = MiB;\n";
    expect(plant('packages/dcc/src/planted.ts', code)).toEqual([]);
  });

  it('refuses a room that is not on the map', () => {
    expect(plant('packages/attic/src/index.ts', 'export {};\n')).toEqual([
      expect.stringContaining('no room of the map'),
    ]);
  });
});
