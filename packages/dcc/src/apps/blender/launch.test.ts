import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bench, drive, makeScene, noBlender, openBench, plainBlender, unit } from './blender-driver.ts';

const COMPOSITOR = `
scene.use_nodes = True
tree = scene.node_tree
layers, composite = tree.nodes['Render Layers'], tree.nodes['Composite']
blur = tree.nodes.new('CompositorNodeBlur')
blur.size_x = blur.size_y = 3
tree.links.new(layers.outputs['Image'], blur.inputs[0])
tree.links.new(blur.outputs[0], composite.inputs[0])
scene.view_settings.view_transform = 'Filmic'
scene.view_settings.look = 'High Contrast'
scene.view_settings.exposure = 0.7
`;

const MOTION_BLUR = `
render.use_motion_blur = True
render.motion_blur_shutter = 1.5
scene.cycles.samples = 3
scene.cycles.use_animated_seed = True
`;

const CLOTH = `
bpy.ops.mesh.primitive_grid_add(x_subdivisions=8, y_subdivisions=8, size=4, location=(0, 0, 2.2))
bpy.context.object.modifiers.new('cloth', 'CLOTH')
cube.modifiers.new('hit', 'COLLISION')
`;

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

const picture = (number: number, name = 'shot_') =>
  join(bench.outputs, `${name}${String(number).padStart(4, '0')}.png`);
const plainPicture = (number: number) =>
  join(bench.inputs, 'render', `shot_${String(number).padStart(4, '0')}.png`);

/** Header and picture data of a PNG; its texts carry times and paths, which always differ. */
async function pixelsOf(file: string): Promise<Buffer> {
  const png = await readFile(file);
  const kept: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const kind = png.toString('latin1', at + 4, at + 8);
    if (kind === 'IHDR' || kind === 'IDAT') kept.push(png.subarray(at, at + 12 + png.readUInt32BE(at)));
  }
  return Buffer.concat(kept);
}

describe.skipIf(noBlender)('a session', () => {
  test('renders frame after frame of an open scene', { timeout: 60_000 }, async () => {
    await makeScene(bench);
    const blender = drive(bench);
    expect(await blender.next('ready', 'frame-failed')).toEqual({ kind: 'ready' });
    for (const number of [2, 1, 3]) {
      expect(await blender.ask(unit(number))).toEqual({
        kind: 'frame-done',
        frameId: 1000 + number,
        outputs: [
          { file: picture(number), frame: number, kind: 'main', layer: 'ViewLayer', camera: 'Camera' },
        ],
      });
    }
    expect(blender.events.filter(({ kind }) => kind === 'frame-started')).toHaveLength(3);
    expect(blender.events.some(({ kind }) => kind === 'progress')).toBe(true);
    expect(await blender.end()).toBe(0);
  });

  test.each([
    ['plain', ''],
    ['compositor and view transform', COMPOSITOR],
    ['motion blur', MOTION_BLUR],
    ['workbench', `render.engine = 'BLENDER_WORKBENCH'`],
  ])('gives the pixels of plain Blender: %s', { timeout: 90_000 }, async (_name, python) => {
    const scene = await makeScene(bench, python);
    const blender = drive(bench);
    for (const number of [3, 1, 2]) expect((await blender.ask(unit(number))).kind).toBe('frame-done');
    await blender.end();
    plainBlender([scene, '-a']);
    for (const number of [1, 2, 3]) {
      expect(await pixelsOf(picture(number))).toEqual(await pixelsOf(plainPicture(number)));
    }
    plainBlender([scene, '-f', '3']);
    expect(await pixelsOf(picture(3))).toEqual(await pixelsOf(plainPicture(3)));
    expect(await pixelsOf(picture(1))).not.toEqual(await pixelsOf(picture(3)));
  });

  test('a unit of several frames names every picture', { timeout: 60_000 }, async () => {
    await makeScene(bench);
    const blender = drive(bench);
    const answer = await blender.ask(unit(1, 6, 2));
    expect(answer.kind === 'frame-done' && answer.outputs.map(({ file, frame }) => [frame, file])).toEqual(
      [1, 3, 5].map((number) => [number, picture(number)]),
    );
    await blender.end();
  });

  test('takes layers, camera and size from the settings', { timeout: 60_000 }, async () => {
    await makeScene(
      bench,
      `
scene.view_layers.new('Second')
other = bpy.data.objects.new('Other camera', bpy.data.cameras.new('c'))
scene.collection.objects.link(other)
marker = scene.timeline_markers.new('m', frame=1)
marker.camera = bpy.data.objects['Camera']
`,
    );
    const blender = drive(bench, {
      viewLayers: ['Second'],
      camera: 'Other camera',
      width: 20,
      height: 10,
      percent: 50,
    });
    const answer = await blender.ask(unit(1));
    expect(answer).toMatchObject({ outputs: [{ layer: 'Second', camera: 'Other camera' }] });
    await blender.end();
    const png = await readFile(picture(1));
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([10, 5]);
    const wrong = drive(bench, { viewLayers: ['Third'] });
    expect(await wrong.next('frame-failed')).toMatchObject({ frameId: null, code: 'DCC_LAYER_UNKNOWN' });
    expect(await wrong.ended).toBe(0);
  });
});

describe.skipIf(noBlender)('a batch', () => {
  test('steps a simulation through as plain Blender does', { timeout: 90_000 }, async () => {
    const scene = await makeScene(bench, `scene.frame_end = 12\n${CLOTH}`);
    const numbers = Array.from({ length: 12 }, (_, index) => index + 1);
    const blender = drive(
      bench,
      { mode: 'batch' },
      numbers.map((number) => unit(number)),
    );
    expect(await blender.ended).toBe(0);
    const done = blender.events.filter((event) => event.kind === 'frame-done');
    expect(done.map(({ frameId }) => frameId)).toEqual(numbers.map((number) => 1000 + number));
    plainBlender([scene, '-a']);
    for (const number of numbers) {
      expect(await pixelsOf(picture(number))).toEqual(await pixelsOf(plainPicture(number)));
    }
  });

  test('keeps units, gaps and steps apart', { timeout: 60_000 }, async () => {
    await makeScene(bench);
    const blender = drive(bench, { mode: 'batch' }, [unit(1, 2), unit(3, 4), unit(9), unit(12), unit(20)]);
    expect(await blender.ended).toBe(0);
    const done = blender.events.filter((event) => event.kind === 'frame-done');
    expect(done.map(({ outputs }) => outputs.map(({ frame }) => frame))).toEqual([
      [1, 2],
      [3, 4],
      [9],
      [12],
      [20],
    ]);
  });
});

describe.skipIf(noBlender)('writers of the scene', () => {
  test('File Output nodes with paths outside end up below the outputs', { timeout: 60_000 }, async () => {
    const outside = join(bench.root, 'outside');
    await makeScene(
      bench,
      `
scene.use_nodes = True
tree = scene.node_tree
layers = tree.nodes['Render Layers']
scene.view_layers[0].use_pass_z = True
out = tree.nodes.new('CompositorNodeOutputFile')
out.base_path = ${JSON.stringify(outside)}
out.file_slots[0].path = '../../../up/beauty_'
out.file_slots.new('/root/depth')
out.format.file_format = 'OPEN_EXR'
tree.links.new(layers.outputs['Image'], out.inputs[0])
tree.links.new(layers.outputs['Depth'], out.inputs[1])
again = tree.nodes.new('CompositorNodeOutputFile')
again.base_path = '//render/'
again.file_slots[0].path = 'shot_####'
tree.links.new(layers.outputs['Image'], again.inputs[0])
many = tree.nodes.new('CompositorNodeOutputFile')
many.format.file_format = 'OPEN_EXR_MULTILAYER'
many.base_path = '//render/passes/all_'
tree.links.new(layers.outputs['Image'], many.inputs[0])
`,
    );
    const blender = drive(bench);
    const answer = await blender.ask(unit(2));
    await blender.end();
    const layer = 'ViewLayer';
    expect(
      answer.kind === 'frame-done' && answer.outputs.map(({ file, kind, layer }) => [file, kind, layer]),
    ).toEqual([
      [picture(2), 'main', layer],
      [join(bench.outputs, 'outside/root/depth0002.exr'), 'element', layer],
      [join(bench.outputs, 'outside/up/beauty_0002.exr'), 'element', layer],
      [join(bench.outputs, 'shot_0002_2.png'), 'element', layer],
      [join(bench.outputs, 'passes/all_0002.exr'), 'element', null],
    ]);
    await expect(readFile(join(outside, 'beauty_0002.exr'))).rejects.toThrow();
  });

  test('a scene cannot write over its own texture', { timeout: 60_000 }, async () => {
    await makeScene(
      bench,
      `
image = bpy.data.images.new('tex', 4, 4)
image.filepath_raw = os.path.join(HERE, 'tex_0001.png')
image.file_format = 'PNG'
image.save()
image.source = 'FILE'
material = cube.active_material
node = material.node_tree.nodes.new('ShaderNodeTexImage')
node.image = image
material.node_tree.links.new(node.outputs[0], material.node_tree.nodes['Principled BSDF'].inputs[0])
render.filepath = os.path.join(HERE, 'tex_####')
`,
    );
    const texture = join(bench.inputs, 'tex_0001.png');
    const before = await readFile(texture);
    const blender = drive(bench);
    expect(await blender.ask(unit(1))).toMatchObject({
      kind: 'frame-done',
      outputs: [{ file: picture(1, 'tex_') }],
    });
    await blender.end();
    expect(await readFile(texture)).toEqual(before);
  });

  test('a movie becomes pictures', { timeout: 60_000 }, async () => {
    await makeScene(bench, `render.image_settings.file_format = 'FFMPEG'\nrender.filepath = '//film.mp4'`);
    const blender = drive(bench);
    expect(await blender.ask(unit(1))).toMatchObject({ outputs: [{ file: picture(1, 'film') }] });
    await blender.end();
  });

  test('each view is a picture', { timeout: 60_000 }, async () => {
    await makeScene(bench, `render.use_multiview = True\nrender.image_settings.views_format = 'INDIVIDUAL'`);
    const blender = drive(bench);
    expect(await blender.ask(unit(1))).toMatchObject({
      outputs: [
        { file: join(bench.outputs, 'shot_0001_L.png'), camera: 'Camera' },
        { file: join(bench.outputs, 'shot_0001_R.png'), camera: 'Camera' },
      ],
    });
    await blender.end();
  });
});

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
shutil.copy(glob.glob('/usr/share/**/*.ttf', recursive=True)[0], HERE + '/gone.ttf')
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
    expect(answer.kind === 'frame-failed' && answer.reason).toContain(join(bench.inputs, file));
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

describe.skipIf(noBlender)('a process', () => {
  test.each(['session', 'batch'] as const)(
    'ends in the middle of a frame when its stdin ends: %s',
    { timeout: 60_000 },
    async (mode) => {
      await makeScene(
        bench,
        `scene.cycles.samples = 100000\nrender.resolution_x = render.resolution_y = 500`,
      );
      const blender = drive(bench, { mode });
      if (mode === 'session') blender.send(unit(1));
      await blender.next('progress');
      const start = performance.now();
      await blender.end();
      expect(performance.now() - start).toBeLessThan(2000);
      expect(blender.events.some(({ kind }) => kind === 'frame-done')).toBe(false);
    },
  );
});
