import { readFile } from 'node:fs/promises';
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

  test('renders frames below zero', { timeout: 60_000 }, async () => {
    const scene = await makeScene(bench, MOTION_BLUR);
    const blender = drive(bench);
    const answer = await blender.ask(unit(-3, -1, 2));
    const files = [-3, -1].map((number) => join(bench.outputs, `shot_-000${-number}.png`));
    expect(answer).toMatchObject({
      outputs: [
        { file: files[0], frame: -3 },
        { file: files[1], frame: -1 },
      ],
    });
    expect((await blender.ask(unit(2))).kind).toBe('frame-done');
    await blender.end();
    // Blender's own `-f -3` means three before the end, so there is nothing to compare these two with.
    plainBlender([scene, '-f', '2']);
    expect(await pixelsOf(files[0]!)).not.toEqual(await pixelsOf(files[1]!));
    expect(await pixelsOf(picture(2))).toEqual(await pixelsOf(plainPicture(2)));
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
