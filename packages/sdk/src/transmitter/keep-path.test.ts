import { confinedPath, serverPathOf } from '@croft/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { downloadPlace, placesBelow, remotePath, uploadedFilePath, uploadedFolder } from './keep-path.ts';

describe('where an uploaded file lands', () => {
  it.each([
    ['/w/task.json', '/77/cfg/task.json', false, '/77/cfg/task.json'],
    ['/w/task.json', '77/cfg/task.json', false, '/77/cfg/task.json'],
    ['/w/task.json', '/', false, '/task.json'],
    ['/w/task.json', '/p/', false, '/p/task.json'],
    ['/w/task.json', '\\p\\', false, '/p/task.json'],
    ['/w/task.json', '/', true, '/w/task.json'],
    ['/w/task.json', '/p', true, '/p/w/task.json'],
    ['D:/w/task.json', '/p', true, '/p/D/w/task.json'],
    ['/w/task.json', '//a//b', false, '/a/b'],
  ] as const)('%s with -R %s and -K %s: %s', (local, remote, keep, want) => {
    expect(uploadedFilePath(local, remote, keep)).toBe(want);
  });

  it.each([
    [false, '/q/in/x.txt'],
    [true, '/q/w/set/in/x.txt'],
  ])('of a folder with -K %s: %s', (keep, want) => {
    expect(placesBelow(uploadedFolder('/w/set', '/q', keep), ['in'])('x.txt')).toBe(want);
  });

  it.each(['/../x', 'a/../../x', '..\\x', 'a/\u0000b'])('%j is refused', (remote) => {
    expect(() => uploadedFilePath('/w/a', remote, false)).toThrow(
      expect.objectContaining({ code: 'PATH_REFUSED' }),
    );
  });

  const name = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }).filter((text) => {
    try {
      return confinedPath(`/${text}`).split('/').length === 2;
    } catch {
      return false;
    }
  });

  it('is the server path of the SDK, whichever way it is written', () => {
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), (names) => {
        const local = `/${names.join('/')}`;
        expect(remotePath(serverPathOf(local))).toBe(local);
        expect(uploadedFilePath(local, '/', true)).toBe(local);
        expect(remotePath(`${local.replaceAll('/', '\\')}`)).toBe(local);
      }),
    );
  });

  it('of a folder is what it would be by itself', () => {
    const any = fc.oneof(
      name,
      fc.string({ minLength: 1 }),
      fc.constantFrom('..', '.', 'a\\b', '\\', 'C:', '\0'),
    );
    // No disk tells a name of these.
    const file = any.filter((text) => text !== '.' && !text.includes('/'));
    const orRefused = (place: () => string) => {
      try {
        return place();
      } catch (thrown) {
        return (thrown as { code?: string }).code;
      }
    };
    fc.assert(
      fc.property(fc.constantFrom('', '/q', '/q/w'), fc.array(any), file, (uploaded, below, name) => {
        const alone = orRefused(() => remotePath([uploaded, ...below, name].join('/')));
        expect(orRefused(() => placesBelow(uploaded, below)(name))).toBe(alone);
      }),
    );
  });

  it('never leaves its root', () => {
    fc.assert(
      fc.property(fc.string(), fc.boolean(), (remote, keep) => {
        try {
          const path = uploadedFilePath('/w/a', remote, keep);
          expect(confinedPath(path)).toBe(path);
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'PATH_REFUSED' });
        }
      }),
    );
  });
});

describe('where a downloaded file lands', () => {
  it.each([
    ['/18_t/l/0001.png', '/18_t', false, '/l/0001.png'],
    ['/18_t/l/0001.png', '/18_t', true, '/18_t/l/0001.png'],
    ['/18_t/l/0001.png', '/18_t/l', true, '/18_t/l/0001.png'],
    ['/18_t/l/0001.png', '/18_t/l', false, '/0001.png'],
    ['/18_t/l/0001.png', '/18_t/l/0001.png', false, '/0001.png'],
  ] as const)('%s of %s with -K %s: %s', (path, prefix, keep, want) => {
    expect(downloadPlace({ path }, prefix, keep)).toBe(want);
  });
});
