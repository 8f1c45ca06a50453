import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EMPTY_CATALOGUE, readCatalogueFile } from './catalogue-file.ts';
import { dccOfName, OWN_CG_IDS } from './sdk-constants.ts';

const problemOf = (content: unknown): string => {
  try {
    readCatalogueFile(typeof content === 'string' ? content : JSON.stringify(content));
    return '';
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'CATALOGUE_INVALID' });
    return (thrown as Error).message;
  }
};

describe('catalogue.json', () => {
  test('may be empty, and what comes out goes in again unchanged', () => {
    expect(readCatalogueFile('{}')).toEqual(EMPTY_CATALOGUE);
    expect(readCatalogueFile('\ufeff{"hardware": [{"id": 1, "platform": 2}]}').hardware).toMatchObject([
      { model: 'Default', ramGb: 64, gpus: 0, enabled: true, type: 'cpu' },
    ]);
  });

  test('the example of the guide is right, and comes through a second reading', () => {
    const guide = readFileSync(new URL('../../../docs/catalogue.md', import.meta.url), 'utf8');
    const example = readCatalogueFile(/```json\n([\s\S]*?)```/.exec(guide)![1]!);
    expect(readCatalogueFile(JSON.stringify(example))).toEqual(example);
    expect(example.packages[0]?.accounts).toEqual(['ada']);
  });

  test.each([
    ['{', 'is no JSON'],
    ['[]', 'the whole file'],
    [{ plattforms: [] }, 'plattforms'],
    [{ platforms: [{ id: 2 }, { id: 2 }] }, 'platforms.1.id: is there twice'],
    [{ platforms: [{ id: 2, nodes: [] }] }, 'platforms.0.nodes'],
    [{ apps: [{ cgId: 5 }] }, 'apps.0.name: is needed'],
    [{ apps: [{ cgId: 1_000_000 }] }, 'apps.0.cgId'],
    [{ apps: [{ cgId: 2000 }, { cgId: 2000 }] }, 'apps.1.cgId: is there twice'],
    [{ hardware: [{ id: 1_000_000, platform: 2 }] }, 'hardware.0.id'],
    [{ hardware: [{ id: 1, platform: 2, notSupportPlugins: ['('] }] }, 'is no regular expression'],
    [{ packages: [{ id: 1, name: 'x' }] }, 'packages.0.nodes'],
    [`{"a": "${'x'.repeat(1024 * 1024)}"}`, 'is longer than'],
  ])('%j is refused with its place', (content, told) => {
    expect(problemOf(content)).toContain(told);
  });

  test('apps that Renderbus lacks have ids that it cannot give away', () => {
    const { cgId } = dccOfName('POV-Ray')!;
    expect(cgId).toBeGreaterThanOrEqual(OWN_CG_IDS.first);
    expect(dccOfName('pov-ray')).toBe(dccOfName('povray'));
  });
});
