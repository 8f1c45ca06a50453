import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CroftError } from './croft-error.ts';
import { confinedBelow, confinedPath, hostileToWindows, serverPathOf } from './tree-path.ts';

function confinedOrRefused(raw: string): string | null {
  return orRefused(() => confinedPath(raw));
}

function orRefused(confine: () => string): string | null {
  try {
    return confine();
  } catch (thrown) {
    if (thrown instanceof CroftError && thrown.code === 'PATH_REFUSED') return null;
    throw thrown;
  }
}

const hostilePiece = fc.oneof(
  fc.constantFrom(
    '..',
    '.',
    '',
    'a',
    'C:',
    'c:x',
    '\\',
    '\0',
    '\n',
    '/',
    '//',
    '~',
    'aux',
    '...',
    '%2e%2e',
    '\ud800',
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
);

it('a name below a folder is confined as the whole path is', () => {
  const name = fc.oneof(hostilePiece, fc.constantFrom('x'.repeat(86), '红'.repeat(85), '红'.repeat(86)));
  const folder = fc.oneof(
    fc.constant(''),
    fc.array(hostilePiece).map((names) => `/${names.join('/')}`),
  );
  fc.assert(
    fc.property(folder, fc.array(name, { minLength: 1, maxLength: 2 }), (raw, names) => {
      const tree = raw === '' ? '' : confinedOrRefused(raw);
      if (tree === null) return;
      const below = names.join('');
      expect(orRefused(() => confinedBelow(tree, below))).toBe(confinedOrRefused(`${tree}/${below}`));
    }),
  );
  const long = `/${Array.from({ length: 45 }, () => '红'.repeat(30)).join('/')}`;
  expect(orRefused(() => confinedBelow(long, 'x'))).toBeNull();
});

describe('confinedPath', () => {
  it.each([
    ['/a/b.png', '/a/b.png'],
    ['a/b.png', '/a/b.png'],
    ['/D/场景/x y.blend', '/D/场景/x y.blend'],
    ['/take:2/...', '/take:2/...'],
    ['/aux.png', '/aux.png'],
  ])('%s is %s', (raw, tree) => expect(confinedPath(raw)).toBe(tree));

  it.each([
    '',
    '/',
    '//',
    '../../etc/x',
    '/a/../b',
    '/a/..',
    '..',
    '/./a',
    '/a//b',
    '//server/share',
    '/a/',
    'C:x',
    'C:/x',
    '/c:/x',
    '/a/C:x',
    'a\\b',
    '..\\..\\x',
    '\\\\server\\share',
    '/a\0b',
    '/a\nb',
    '/a\x7f',
    '/\ud800',
    `/${'x'.repeat(256)}`,
    `/${'é'.repeat(128)}`,
    '/abc'.repeat(1100),
  ])('refuses %j', (raw) => expect(confinedOrRefused(raw)).toBeNull());

  it('never leaves its root, on either kind of disk, and is stable', () => {
    fc.assert(
      fc.property(fc.array(hostilePiece, { maxLength: 8 }), fc.constantFrom('/', ''), (pieces, joiner) => {
        const tree = confinedOrRefused(pieces.join(joiner));
        if (tree === null) return;
        expect(path.posix.join('/root/of', tree)).toBe(`/root/of${tree}`);
        expect(path.win32.join('Q:\\root\\of', tree)).toBe(`Q:\\root\\of${tree.replaceAll('/', '\\')}`);
        expect(confinedPath(tree)).toBe(tree);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('hostileToWindows', () => {
  it.each(['CON', 'nul.txt', 'com1', 'LPT9.log', 'COM¹', 'a:b', 'what?', 'dot.', 'space '])('%j is', (name) =>
    expect(hostileToWindows(name)).toBe(true),
  );
  it.each(['console', 'com10', 'a.con', '.hidden', 'x y'])('%j is not', (name) =>
    expect(hostileToWindows(name)).toBe(false),
  );
});

describe('serverPathOf', () => {
  it.each([
    ['D:\\x\\y', '/D/x/y'],
    ['D:/a/b.txt', '/D/a/b.txt'],
    ['D:/a:b', '/D/ab'],
    ['/home/u/a.ma', 'home/u/a.ma'],
    ['\\\\srv\\share\\f', '/srv/share/f'],
    ['relative/a', 'elative/a'],
  ])('%s is %s', (local, server) => expect(serverPathOf(local)).toBe(server));

  it.each(['', 'x'])('refuses %j', (local) => expect(() => serverPathOf(local)).toThrow(CroftError));
});
