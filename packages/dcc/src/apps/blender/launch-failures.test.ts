/** What a scene lacks, and what is wrong with it: the frame fails, by a code and with a name. */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { drive, noBlender } from './testing/blender-driver.ts';
import { type SessionCase, sessionsOf } from './testing/blender-sessions.ts';

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

const FONT = `
import shutil, glob
shutil.copy(glob.glob('/usr/share/fonts/**/*.ttf', recursive=True)[0], HERE + '/gone.ttf')
curve = bpy.data.curves.new('text', 'FONT')
curve.font = bpy.data.fonts.load(HERE + '/gone.ttf')
scene.collection.objects.link(bpy.data.objects.new('text', curve))
os.remove(HERE + '/gone.ttf')
`;

const VOLUME = `
v = bpy.data.volumes.new('v')
v.filepath = '//gone.vdb'
scene.collection.objects.link(bpy.data.objects.new('v', v))
`;

const STRAY = `
stray = bpy.data.images.new('stray', 4, 4)
stray.source = 'FILE'
stray.filepath = '//gone.png'
stray.use_fake_user = True
texture = bpy.data.textures.new('t', 'IMAGE')
texture.image = stray
bpy.data.brushes[0].texture = texture
`;

const library = (name: string) => ({ name: 'lib.blend', python: `cube.name = '${name}'` });
const LINKING = {
  python: `
with bpy.data.libraries.load(os.path.join(HERE, 'lib.blend'), link=True) as (held, wanted):
    wanted.objects = ['Linked']
scene.collection.objects.link(wanted.objects[0])
bpy.ops.file.make_paths_relative() if bpy.data.filepath else None
`,
};
const LIBRARY = [library('Linked'), LINKING];

const third = (python: string): SessionCase => ({ python, units: [[3]] });
const session = sessionsOf({
  texture: third(textured('//gone/wood.png')),
  font: third(FONT),
  sequence: third(textured('//seq/a_0001.png', 'SEQUENCE')),
  meshCache: third(`cube.modifiers.new('m', 'MESH_CACHE').filepath = '//gone.pc2'`),
  volume: third(VOLUME),
  stray: { python: STRAY },
  library: { python: LIBRARY },
  lostObject: { python: [...LIBRARY, library('Other')] },
  lostLibrary: {
    python: LIBRARY,
    meanwhile: ({ inputs }) => rename(join(inputs, 'lib.blend'), join(inputs, 'lib.blend.away')),
  },
  blind: { python: `bpy.data.objects.remove(bpy.data.objects['Camera'])` },
});

describe.skipIf(noBlender)('failures', () => {
  test.each([
    ['texture', 'texture', 'gone/wood.png'],
    ['font', 'font', 'gone.ttf'],
    ['frame of a sequence', 'sequence', 'seq/a_0003.png'],
    ['mesh cache', 'meshCache', 'gone.pc2'],
    ['volume', 'volume', 'gone.vdb'],
  ] as const)('a missing %s fails the frame and names the file', (_what, name, file) => {
    const { answer } = session(name);
    expect(answer).toMatchObject({
      kind: 'frame-failed',
      frameId: 1003,
      failure: 'scene',
      code: 'DCC_INPUT_MISSING',
    });
    expect(answer.kind === 'frame-failed' && answer.reason).toContain(`the file /${file},`);
  });

  test('pictures that no scene shows are not needed', () => {
    expect(session('stray').answer.kind).toBe('frame-done');
  });

  test('a missing library, and one that lost what is linked', () => {
    expect(session('library').answer.kind).toBe('frame-done');
    expect(session('lostObject').answer).toMatchObject({ code: 'DCC_INPUT_MISSING', reason: /"Linked"/ });
    expect(session('lostLibrary').answer).toMatchObject({ code: 'DCC_INPUT_MISSING', reason: /lib\.blend/ });
  });

  test('no camera', () => {
    expect(session('blind').answer).toMatchObject({
      kind: 'frame-failed',
      failure: 'scene',
      code: 'DCC_RENDER_FAILED',
      reason: /camera/i,
    });
  });

  test('a file that is no scene', { timeout: 60_000 }, async () => {
    const { bench } = session('blind');
    await writeFile(join(bench.inputs, 'scene.blend'), 'BLENDER-v304');
    const blender = drive(bench);
    expect(await blender.next('frame-failed', 'ready')).toMatchObject({
      frameId: null,
      code: 'DCC_SCENE_UNREADABLE',
    });
    await blender.ended;
  });
});
