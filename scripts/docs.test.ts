import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkout, stalePage } from './generated-page.ts';
import { cliPage, ENVIRONMENT } from './write-cli-docs.ts';
import { catalogues, errorPage, MEANINGS } from './write-error-docs.ts';

const source = (path: string) => readFileSync(join(checkout, path), 'utf8');

describe('docs/cli.md', () => {
  it('is what the commands say', () => {
    expect(stalePage(cliPage())).toBeNull();
  });

  it('names every variable that the programs read', () => {
    const text =
      source('packages/cli/src/config.ts') + source('packages/dcc/src/apps/blender/detect-places.ts');
    const read = [...text.matchAll(/\benv\.(CROFT_[A-Z_]+|RAYVISION_[A-Z_]+|NO_COLOR)\b/g)].map(
      ([, name]) => name!,
    );
    const page = JSON.stringify(ENVIRONMENT);
    expect(read.length).toBeGreaterThan(5);
    expect(read.filter((name) => !page.includes(name))).toEqual([]);
  });
});

describe('docs/errors.md', () => {
  it('is what the catalogues say', () => {
    expect(stalePage(errorPage())).toBeNull();
  });

  it('has a meaning for every error, and none for an error that is gone', () => {
    const codes = catalogues().flatMap(({ kinds }) => Object.keys(kinds));
    expect(codes.filter((code) => MEANINGS[code] === undefined)).toEqual([]);
    expect(Object.keys(MEANINGS).filter((code) => !codes.includes(code))).toEqual([]);
  });
});
