import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { MINUTE } from '@croft/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { treePathOf } from '../../references/scene-path.ts';
import { diskSceneFiles } from '../../scene-files/disk.ts';
import { analyse } from './analyse.ts';
import { localise } from './localise.ts';
import { factsByBlender, noBlender, runBlender } from './test-blender.ts';

describe.skipIf(noBlender)('a scene moved to a work folder', () => {
  let root: string;
  let inputs: string;
  let scenePath: string;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'croft-localise-'));
    inputs = join(root, 'work', 'inputs');
    const project = join(root, 'project');
    await mkdir(project);
    await runBlender('made-scene.py', project);
    const scene = join(project, 'proj/scene.blend');
    const { upload } = await analyse(diskSceneFiles(), scene, {});
    for (const { local, server } of upload.asset) {
      const place = join(inputs, server);
      await mkdir(dirname(place), { recursive: true });
      await copyFile(local, place);
    }
    scenePath = treePathOf(scene)!;
    await rename(project, join(root, 'gone'));
    await localise({ inputs, scenePath });
  }, 2 * MINUTE);
  afterAll(() => rm(root, { recursive: true, force: true }));

  test('opens in Blender with everything found', { timeout: MINUTE }, async () => {
    const scene = join(inputs, scenePath);
    const says = (await factsByBlender([scene]))[scene]!;
    // Blender loads a sequence only for a frame of its user.
    const lost = says.places
      .filter(([name, exists, loads]) => !exists || (!loads && name !== 'sequence'))
      .map(([name]) => name);
    expect(lost.sort()).toEqual(['lost', 'only fake', 'packed']);
    expect(says.places.map(([name]) => name)).toContain('windows');
    expect(says.objects).toEqual(expect.arrayContaining(['outer', 'windows', 'absolute']));
    expect(says.libraries.every((path) => path.startsWith('//'))).toBe(true);
  });

  test('is not changed by a second run', async () => {
    const before = await readFile(join(inputs, scenePath));
    await localise({ inputs, scenePath });
    expect(before.equals(await readFile(join(inputs, scenePath)))).toBe(true);
  });
});
