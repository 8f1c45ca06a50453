import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bench, drive, makeScene, noBlender, openBench, unit } from './blender-driver.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

describe.skipIf(noBlender)('failures', () => {
  const textured = (path: string, source = 'FILE') => `
image = bpy.data.images.new('tex', 4, 4)
image.source = '${source}'
image.filepath = ${JSON.stringify(path)}
material = cube.active_material
node = material.node_tree.nodes.new('ShaderNodeTexImage')
node.image = image
node.image_user.frame_duration = 10
node.image_user.frame_start = 1
material.node_tree.links.new(node.outputs[0], material.node_tree.nodes['Principled BSDF'].inputs[0])
`;

  test.each([
    ['texture', textured('//gone/wood.png'), 'gone/wood.png'],
    [
      'font',
      `
import shutil, glob
shutil.copy(glob.glob('/usr/share/fonts/**/*.ttf', recursive=True)[0], HERE + '/gone.ttf')
curve = bpy.data.curves.new('text', 'FONT')
curve.font = bpy.data.fonts.load(HERE + '/gone.ttf')
scene.collection.objects.link(bpy.data.objects.new('text', curve))
os.remove(HERE + '/gone.ttf')
`,
      'gone.ttf',
    ],
    ['frame of a sequence', textured('//seq/a_0001.png', 'SEQUENCE'), 'seq/a_0003.png'],
    ['mesh cache', `cube.modifiers.new('m', 'MESH_CACHE').filepath = '//gone.pc2'`, 'gone.pc2'],
    [
      'volume',
      `v = bpy.data.volumes.new('v')\nv.filepath = '//gone.vdb'\nscene.collection.objects.link(bpy.data.objects.new('v', v))`,
      'gone.vdb',
    ],
  ])('a missing %s fails the frame and names the file', { timeout: 60_000 }, async (_name, python, file) => {
    await makeScene(bench, python);
    const blender = drive(bench);
    const answer = await blender.ask(unit(3));
    await blender.end();
    expect(answer).toMatchObject({
      kind: 'frame-failed',
      frameId: 1003,
      failure: 'scene',
      code: 'DCC_INPUT_MISSING',
    });
    expect(answer.kind === 'frame-failed' && answer.reason).toContain(`the file /${file},`);
  });

  test('pictures that no scene shows are not needed', { timeout: 60_000 }, async () => {
    await makeScene(
      bench,
      `
stray = bpy.data.images.new('stray', 4, 4)
stray.source = 'FILE'
stray.filepath = '//gone.png'
stray.use_fake_user = True
texture = bpy.data.textures.new('t', 'IMAGE')
texture.image = stray
bpy.data.brushes[0].texture = texture
`,
    );
    const blender = drive(bench);
    expect((await blender.ask(unit(1))).kind).toBe('frame-done');
    await blender.end();
  });

  test('a missing library, and one that lost what is linked', { timeout: 90_000 }, async () => {
    const library = join(bench.inputs, 'lib.blend');
    const making = (name: string) => `cube.name = '${name}'`;
    await makeScene(bench, making('Linked'), 'lib.blend');
    await makeScene(
      bench,
      `
with bpy.data.libraries.load(os.path.join(HERE, 'lib.blend'), link=True) as (held, wanted):
    wanted.objects = ['Linked']
scene.collection.objects.link(wanted.objects[0])
bpy.ops.file.make_paths_relative() if bpy.data.filepath else None
`,
    );
    const whole = drive(bench);
    expect((await whole.ask(unit(1))).kind).toBe('frame-done');
    await whole.end();

    await makeScene(bench, making('Other'), 'lib.blend');
    const lost = drive(bench);
    expect(await lost.ask(unit(1))).toMatchObject({ code: 'DCC_INPUT_MISSING', reason: /"Linked"/ });
    await lost.end();

    await rename(library, `${library}.away`);
    const gone = drive(bench);
    expect(await gone.ask(unit(1))).toMatchObject({ code: 'DCC_INPUT_MISSING', reason: /lib\.blend/ });
    await gone.end();
  });

  test('no camera', { timeout: 60_000 }, async () => {
    await makeScene(bench, `bpy.data.objects.remove(bpy.data.objects['Camera'])`);
    const blender = drive(bench);
    expect(await blender.ask(unit(1))).toMatchObject({
      kind: 'frame-failed',
      failure: 'scene',
      code: 'DCC_RENDER_FAILED',
      reason: /camera/i,
    });
    await blender.end();
  });

  test('a file that is no scene', { timeout: 60_000 }, async () => {
    await writeFile(join(bench.inputs, 'scene.blend'), 'BLENDER-v304');
    const blender = drive(bench);
    expect(await blender.next('frame-failed', 'ready')).toMatchObject({
      frameId: null,
      code: 'DCC_SCENE_UNREADABLE',
    });
    await blender.ended;
  });
});
