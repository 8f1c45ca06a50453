import { describe, expect, test } from 'vitest';
import { memorySceneFiles } from '../scene-files/memory.ts';
import { FileFinder } from './finder.ts';
import { namePattern, type Shape } from './patterns.ts';
import { anchorOf, folderOf, tidy, treePathOf } from './scene-path.ts';

describe('paths of scenes', () => {
  test.each([
    ['C:\\work\\..\\tex\\a.png', 'C:/tex/a.png', '/C/tex/a.png', 'drive'],
    ['\\\\srv\\share\\a.png', '//srv/share/a.png', '/srv/share/a.png', 'share'],
    ['/home/u/./x//a.png', '/home/u/x/a.png', '/home/u/x/a.png', 'root'],
    ['/../../etc/passwd', '/etc/passwd', '/etc/passwd', 'root'],
    ['/a\0b', '/a\0b', null, 'root'],
  ])('%j', (raw, tidied, tree, anchor) => {
    expect([tidy(raw), treePathOf(raw), anchorOf(raw)]).toEqual([tidied, tree, anchor]);
  });

  test('know their folders', () => {
    expect(['C:/a.png', '/a.png', '/x/a.png', 'a.png'].map(folderOf)).toEqual(['C:/', '/', '/x', '.']);
  });
});

describe('names that stand for several files', () => {
  test.each<[string, Shape, string[], string[]]>([
    ['s.0001.png', 'sequence', ['s.0001.png', 's.12345.png'], ['s.png', 's.0001.jpg', 'xs.0001.png']],
    ['t.<UDIM>.png', 'tiles', ['t.1001.png', 't.1011.png'], ['t.0001.png', 't.1001.jpg']],
    ['t.<UVTILE>.png', 'tiles', ['t.u1_v2.png'], ['t.1001.png']],
    ['t.1001.png', 'tiles', ['t.1001.png', 't.1002.png'], ['t.png']],
    ['fluid(1)', 'prefix', ['fluid(1)_0001.bobj'], ['fluid1']],
  ])('%s as %s', (name, shape, fitting, others) => {
    const pattern = namePattern(name, shape)!;
    expect(fitting.filter((each) => !pattern.test(each))).toEqual([]);
    expect(others.filter((each) => pattern.test(each))).toEqual([]);
  });
});

describe('finding', () => {
  const wanted = (path: string, local: string | null, shape: Shape = 'file') => ({
    path,
    local,
    shape,
    kind: 'image',
  });

  test('takes the longest end of a foreign path', async () => {
    const files = memorySceneFiles({
      '/p/tex/a.png': 'right',
      '/p/a.png': 'wrong',
      '/more/x/a.png': 'also wrong',
    });
    const found = await new FileFinder(files, ['/p', '/more']).find(wanted('C:/work/tex/a.png', null));
    expect(found).toMatchObject({
      insteadAt: '/p/tex/a.png',
      assets: [{ local: '/p/tex/a.png', server: '/C/work/tex/a.png' }],
    });
  });

  test('looks in the search folders', async () => {
    const files = memorySceneFiles({ '/more/work/a.png': 'bytes' });
    const found = await new FileFinder(files, ['/p', '/more']).find(wanted('//srv/work/a.png', null));
    expect(found?.assets[0]).toMatchObject({ local: '/more/work/a.png', server: '/srv/work/a.png' });
  });

  test('works on Windows', async () => {
    const files = memorySceneFiles(
      { 'D:\\Proj\\Tex\\A.1001.png': 'x', 'D:\\Proj\\Tex\\A.1002.png': 'x' },
      'windows',
    );
    const path = 'D:/proj/tex/A.<UDIM>.png';
    const found = await new FileFinder(files, ['D:/proj']).find(wanted(path, path, 'tiles'));
    expect(found?.assets.map(({ server }) => server)).toEqual([
      '/D/proj/tex/A.1001.png',
      '/D/proj/tex/A.1002.png',
    ]);
  });

  test('takes whole folders, and nothing where there is nothing', async () => {
    const files = memorySceneFiles({ '/p/cache/a/1.vdb': 'x', '/p/cache/2.vdb': 'x' });
    const finder = new FileFinder(files, ['/p']);
    const found = await finder.find(wanted('/p/cache', '/p/cache', 'folder'));
    expect(found?.assets.map(({ server }) => server)).toEqual(['/p/cache/2.vdb', '/p/cache/a/1.vdb']);
    expect(await finder.find(wanted('/p/none.png', '/p/none.png'))).toBeNull();
  });
});
