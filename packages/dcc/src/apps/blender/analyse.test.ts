import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MINUTE } from '@croft/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Analysis } from '../../app.ts';
import { diskSceneFiles } from '../../scene-files/disk.ts';
import { analyse } from './analyse.ts';
import { type BlenderSays, factsByBlender, noBlender, runBlender } from './test-blender.ts';

type Common = Record<string, string & string[]>;
const commonOf = (analysis: Analysis) => (analysis.task.scene_info as { common: Common }).common;

describe.skipIf(noBlender)('a project made by Blender', () => {
  let root: string;
  let scene: Analysis;
  let says: Record<string, BlenderSays>;
  const at = (path: string) => join(root, path);

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'croft-analyse-'));
    await runBlender('made-scene.py', root);
    scene = await analyse(diskSceneFiles(), at('proj/scene.blend'), { projectName: 'made' });
    says = await factsByBlender([at('proj/scene.blend'), at('small/packed.blend')]);
  }, 2 * MINUTE);
  afterAll(() => rm(root, { recursive: true, force: true }));

  test('has the facts that Blender itself finds', () => {
    const blender = says[at('proj/scene.blend')]!;
    expect(commonOf(scene)).toMatchObject({
      frames: `${blender.frames[0]}-${blender.frames[1]}[${blender.frames[2]}]`,
      width: String(blender.size[0]),
      height: String(blender.size[1]),
      percentage: String(blender.size[2]),
      fps: String(blender.fps),
      engine: blender.engine,
      Render_Format: blender.format,
      Output_path: blender.output,
      camera_name: blender.camera,
      view_layers: blender.layers,
      scene_name: blender.scenes,
      active_scene: blender.scene,
      marker_cameras: blender.markers.map(([frame, camera]) => `${frame}:${camera}`),
      file_extension: blender.extension ? '1' : '0',
      multiview: blender.multiview ? '1' : '0',
      denoising: blender.denoising ? '1' : '0',
      file_outputs: ['/elsewhere/passes'],
      unbaked_simulation: '1',
      frame_handlers: '1',
    });
  });

  test('finds every file, in libraries too, and says where the scene expects it', () => {
    const servers = scene.upload.asset.map((pair) => pair.server);
    const expected = [
      'abs/b.png',
      'libs/deep/inner.blend',
      'libs/deep/tex/f.png',
      'libs/lib.blend',
      'libs/libtex/e.png',
      'proj/cache/cube.mdd',
      'proj/scene.blend',
      'proj/seq/s.0001.png',
      'proj/seq/s.0002.png',
      'proj/seq/s.0003.png',
      'proj/tex/a.png',
      'proj/tex/d.png',
      'proj/udim/t.1001.png',
      'proj/udim/t.1002.png',
      'proj/vdb/smoke.vdb',
    ].map(at);
    expect([...servers].sort()).toEqual([...expected, '/C/work/tex/c.png'].sort());
    const windows = scene.upload.asset.find((pair) => pair.server.startsWith('/C/'));
    expect(windows?.local).toBe(at('proj/tex/c.png'));
    expect(scene.notes.join('\n')).toContain('C:\\work\\tex\\c.png');
  });

  test('ends upload.json with the scene and gives its MD5', () => {
    expect(scene.upload.asset.at(-1)?.local).toBe(at('proj/scene.blend'));
    expect(scene.upload.scene).toMatchObject([{ local: at('proj/scene.blend'), hash: /^[0-9a-f]{32}$/ }]);
  });

  test('counts only files with users as missing', () => {
    expect(scene.missing.map(({ raw, kind, owner }) => ({ raw, kind, owner }))).toEqual([
      { raw: '//tex/lost.png', kind: 'image', owner: 'Image "lost"' },
    ]);
    expect(scene.tips['10012']).toEqual(['//tex/lost.png']);
  });

  test('reads a compressed file alike', async () => {
    const [plain, packed] = await Promise.all(
      ['small/plain.blend', 'small/packed.blend'].map((path) => analyse(diskSceneFiles(), at(path), {})),
    );
    expect(commonOf(packed!)).toEqual({ ...commonOf(plain!), saved_compressed: 'zstd' });
  });

  test('tells of movie formats and missing cameras', async () => {
    const movie = await analyse(diskSceneFiles(), at('small/movie.blend'), {});
    expect(Object.keys(movie.tips)).toContain('46000');
    const blind = await analyse(diskSceneFiles(), at('small/no-camera.blend'), {});
    expect(Object.keys(blind.tips)).toContain('46003');
  });

  test.each([
    ['cloth', '1', 0],
    ['cloth-disk', '0', 3],
    ['cloth-memory', '0', 0],
    ['soft', '1', 0],
    ['particles', '1', 0],
    ['hair', '0', 0],
  ])('knows whether the simulation of %s is baked, and its cache', async (name, unbaked, caches) => {
    const analysis = await analyse(diskSceneFiles(), at(`sim/${name}.blend`), {});
    expect(commonOf(analysis).unbaked_simulation).toBe(unbaked);
    expect(analysis.assets.filter(({ kind }) => kind === 'cache')).toHaveLength(caches);
  });

  test('takes frames from the options and refuses wrong ones', async () => {
    const some = await analyse(diskSceneFiles(), at('small/plain.blend'), { frames: '2,8-10' });
    expect(commonOf(some).frames).toBe('2,8-10[1]');
    await expect(analyse(diskSceneFiles(), at('small/plain.blend'), { frames: '5-1' })).rejects.toMatchObject(
      {
        code: 'FRAMES_INVALID',
      },
    );
  });
});
