import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { API_CODES, type ApiCodeFacts } from '../packages/contract/src/api-codes.ts';
import { sha256Hex, signNative } from '../packages/contract/src/signing/index.ts';
import { checkout, stalePage } from './generated-page.ts';
import { accountPage } from './write-account-docs.ts';
import { analysisPage } from './write-analysis-docs.ts';
import { cliPage, ENVIRONMENT } from './write-cli-docs.ts';
import { catalogues, errorPage, MEANINGS } from './write-error-docs.ts';
import { nativePage } from './write-native-docs.ts';
import { renderbusPage } from './write-renderbus-docs.ts';

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

describe('docs/renderbus-api.md', () => {
  it('is what the endpoints say', async () => {
    expect(stalePage(await renderbusPage())).toBeNull();
  });

  it('has a sentence for every call', async () => {
    const { text } = await renderbusPage();
    const calls = text.split('\n### ').slice(1);
    expect(calls.filter((call) => /^\w+\n\n- `\/api/.test(call)).map((call) => call.split('\n')[0])).toEqual(
      [],
    );
  });

  it('lists no code as impossible that the farm can answer', () => {
    const answered = new Set(
      catalogues().flatMap(({ kinds }) => Object.values(kinds).map(({ apiCode }) => apiCode)),
    );
    const wrong = Object.values(API_CODES).filter((facts: ApiCodeFacts) => {
      return (facts.never !== undefined || facts.raisedBy === 'client') && answered.has(facts.code);
    });
    expect(wrong).toEqual([]);
  });
});

describe('docs/analysis-codes.md', () => {
  it('is what the catalogue says', async () => {
    expect(stalePage(await analysisPage())).toBeNull();
  });
});

describe('docs/account-fields.md', () => {
  it('is what the table of fields says', () => {
    expect(stalePage(accountPage())).toBeNull();
  });
});

describe('docs/native-api.md', () => {
  it('is what the routes say', () => {
    expect(stalePage(nativePage())).toBeNull();
  });
});

describe('docs/api.md', () => {
  it('has an example of signing whose numbers are right', () => {
    const page = source('docs/api.md');
    const body = '{"name":"my script"}';
    expect(page).toContain(`\`${body}\``);
    const signed = signNative({
      method: 'POST',
      host: 'farm.example:8420',
      target: '/api/v1/keys',
      accessId: 'exampleAccessId',
      secret: 'exampleAccessKey',
      timestampSeconds: 1_767_225_600,
      nonce: 'n0nce-0001',
      bodySha256: sha256Hex(body),
    });
    const headers = Object.entries(signed).map(([name, value]) => `${name}: ${value}`);
    expect(page).toContain(headers.join('\n'));
    const lines = [
      'CROFT1',
      'POST',
      'farm.example:8420',
      '/api/v1/keys',
      '1767225600',
      'n0nce-0001',
      sha256Hex(body),
    ];
    expect(page).toContain(`\n${lines.join('\n')}\n`);
  });
});

describe('links of the documentation', () => {
  const pages = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md'].concat(
    readdirSync(join(checkout, 'docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  );

  it.each(pages)('of %s lead somewhere', (page) => {
    const links = [...source(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, to]) => to!);
    const broken = links.filter((link) => {
      if (/^https?:/.test(link)) return false;
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? page : join(dirname(page), file);
      if (!existsSync(join(checkout, target))) return true;
      return anchor !== undefined && !anchorsOf(source(target)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});

/** Anchors of a page's headings, as GitHub makes them. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
