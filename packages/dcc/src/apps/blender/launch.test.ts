import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Bench, drive, noBlender, plainBlender, unit } from './testing/blender-driver.ts';
import { sessionsOf } from './testing/blender-sessions.ts';

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

const LAYERS = `
scene.view_layers.new('Second')
other = bpy.data.objects.new('Other camera', bpy.data.cameras.new('c'))
scene.collection.objects.link(other)
marker = scene.timeline_markers.new('m', frame=1)
marker.camera = bpy.data.objects['Camera']
`;

const CLOTH_FRAMES = Array.from({ length: 12 }, (_, index) => index + 1);

// `plain` and `cloth` are rendered by their tests.
const session = sessionsOf({
  plain: { python: '', units: [] },
  compositor: { python: COMPOSITOR, units: [[3], [1], [2]] },
  blur: { python: MOTION_BLUR, units: [[3], [1], [2]] },
  workbench: { python: `render.engine = 'BLENDER_WORKBENCH'`, units: [[3], [1], [2]] },
  unit: { python: '', units: [[1, 6, 2]] },
  belowZero: { python: MOTION_BLUR, units: [[-3, -1, 2], [2]] },
  layers: {
    python: LAYERS,
    settings: { viewLayers: ['Second'], camera: 'Other camera', width: 20, height: 10, percent: 50 },
  },
  cloth: { python: `scene.frame_end = 12\n${CLOTH}`, units: [] },
});

const picture = ({ outputs }: Bench, number: number) =>
  join(outputs, `shot_${String(number).padStart(4, '0')}.png`);
const plainPicture = ({ inputs }: Bench, number: number, name = 'shot_') =>
  join(inputs, 'render', `${name}${String(number).padStart(4, '0')}.png`);

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

async function expectPlainPixels(bench: Bench, numbers: readonly number[]): Promise<void> {
  for (const number of numbers)
    expect(await pixelsOf(picture(bench, number)), `frame ${number}`).toEqual(
      await pixelsOf(plainPicture(bench, number)),
    );
}

const SAME_AS_PLAIN = ['plain', 'compositor', 'blur', 'workbench'] as const;

/** One plain Blender renders what ours is compared with: each scene's animation, and one frame of it alone. */
beforeAll(() => {
  if (noBlender) return;
  const scene = (name: Parameters<typeof session>[0]) => join(session(name).bench.inputs, 'scene.blend');
  plainBlender([
    ...SAME_AS_PLAIN.flatMap((name) => [scene(name), '-a', '-o', '//render/alone_####', '-f', '3']),
    ...[scene('cloth'), '-a'],
    ...[scene('belowZero'), '-f', '2'],
  ]);
});

describe.skipIf(noBlender)('a session', () => {
  test('renders frame after frame of an open scene, as plain Blender does', { timeout: 60_000 }, async () => {
    const { bench } = session('plain');
    const blender = drive(bench);
    expect(await blender.next('ready', 'frame-failed')).toEqual({ kind: 'ready' });
    for (const number of [3, 1, 2]) {
      expect(await blender.ask(unit(number))).toEqual({
        kind: 'frame-done',
        frameId: 1000 + number,
        outputs: [
          { file: picture(bench, number), frame: number, kind: 'main', layer: 'ViewLayer', camera: 'Camera' },
        ],
      });
    }
    expect(blender.events.filter(({ kind }) => kind === 'frame-started')).toHaveLength(3);
    expect(blender.events.some(({ kind }) => kind === 'progress')).toBe(true);
    expect(await blender.end()).toBe(0);
  });

  test.each(SAME_AS_PLAIN)('gives the pixels of plain Blender: %s', async (name) => {
    const { bench, answers } = session(name);
    for (const answer of answers) expect(answer.kind).toBe('frame-done');
    await expectPlainPixels(bench, [1, 2, 3]);
    expect(await pixelsOf(picture(bench, 3))).toEqual(await pixelsOf(plainPicture(bench, 3, 'alone_')));
    expect(await pixelsOf(picture(bench, 1))).not.toEqual(await pixelsOf(picture(bench, 3)));
  });

  test('a unit of several frames names every picture', () => {
    const { bench, answer } = session('unit');
    expect(answer.kind === 'frame-done' && answer.outputs.map(({ file, frame }) => [frame, file])).toEqual(
      [1, 3, 5].map((number) => [number, picture(bench, number)]),
    );
  });

  test('renders frames below zero', async () => {
    const { bench, answers } = session('belowZero');
    const files = [-3, -1].map((number) => join(bench.outputs, `shot_-000${-number}.png`));
    expect(answers).toMatchObject([
      {
        outputs: [
          { file: files[0], frame: -3 },
          { file: files[1], frame: -1 },
        ],
      },
      { kind: 'frame-done' },
    ]);
    // Blender's own `-f -3` means three before the end, so there is nothing to compare these two with.
    expect(await pixelsOf(files[0]!)).not.toEqual(await pixelsOf(files[1]!));
    await expectPlainPixels(bench, [2]);
  });

  test('takes layers, camera and size from the settings', { timeout: 60_000 }, async () => {
    const { bench, answer } = session('layers');
    expect(answer).toMatchObject({ outputs: [{ layer: 'Second', camera: 'Other camera' }] });
    const png = await readFile(picture(bench, 1));
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([10, 5]);
    const wrong = drive(bench, { viewLayers: ['Third'] });
    expect(await wrong.next('frame-failed')).toMatchObject({ frameId: null, code: 'DCC_LAYER_UNKNOWN' });
    expect(await wrong.ended).toBe(0);
  });
});

describe.skipIf(noBlender)('a batch', () => {
  test('steps a simulation through as plain Blender does', { timeout: 90_000 }, async () => {
    const { bench } = session('cloth');
    const blender = drive(
      bench,
      { mode: 'batch' },
      CLOTH_FRAMES.map((number) => unit(number)),
    );
    expect(await blender.ended).toBe(0);
    const done = blender.events.filter((event) => event.kind === 'frame-done');
    expect(done.map(({ frameId }) => frameId)).toEqual(CLOTH_FRAMES.map((number) => 1000 + number));
    await expectPlainPixels(bench, CLOTH_FRAMES);
  });

  test('keeps units, gaps and steps apart', { timeout: 60_000 }, async () => {
    const { bench } = session('unit');
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
