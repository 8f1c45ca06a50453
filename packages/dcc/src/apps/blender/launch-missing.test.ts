/** Every kind of file that a frame may lack is named before it is rendered: never a picture that is wrong in silence. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bench, drive, makeScene, noBlender, openBench, unit } from './blender-driver.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

/** Pictures that the scenes load; removed again to be missing. */
const PICTURES = `
def picture(name):
    path = os.path.join(HERE, name)
    made = bpy.data.images.new('made', 4, 4)
    made.filepath_raw, made.file_format = path, 'PNG'
    made.save()
    bpy.data.images.remove(made)
    return path

def shown(image):
    material = bpy.data.materials.new('Shown')
    material.use_nodes = True
    node = material.node_tree.nodes.new('ShaderNodeTexImage')
    node.image = image
    bpy.data.objects['Cube'].data.materials.append(material)
    return node
`;

const SCENES: [what: string, python: string, missing: string, frame: number][] = [
  [
    'a tile of a UDIM picture',
    `
for tile in (1001, 1002): picture('wall.%d.png' % tile)
image = bpy.data.images.load(os.path.join(HERE, 'wall.1001.png'))
image.source = 'TILED'
image.filepath = '//wall.<UDIM>.png'
if len(image.tiles) < 2: image.tiles.new(1002)
shown(image)`,
    'wall.1002.png',
    1,
  ],
  [
    'a picture of a sequence',
    `
for number in (1, 2, 3): picture('seq_%03d.png' % number)
image = bpy.data.images.load(os.path.join(HERE, 'seq_001.png'))
image.source = 'SEQUENCE'
node = shown(image)
node.image_user.frame_duration, node.image_user.frame_start = 3, 1`,
    'seq_002.png',
    2,
  ],
  [
    'a picture of a clip',
    `
for number in (1, 2, 3): picture('clip_%03d.png' % number)
clip = bpy.data.movieclips.load(os.path.join(HERE, 'clip_001.png'))
scene.active_clip = clip`,
    'clip_002.png',
    2,
  ],
  [
    'a volume',
    `
volume = bpy.data.volumes.new('Cloud')
volume.filepath = '//cloud.vdb'
scene.collection.objects.link(bpy.data.objects.new('Cloud', volume))`,
    'cloud.vdb',
    1,
  ],
  [
    'an Alembic cache',
    `
open(os.path.join(HERE, 'cube.abc'), 'wb').close()
bpy.ops.cachefile.open(filepath=os.path.join(HERE, 'cube.abc'))
cache = bpy.data.cache_files[0]
cache.filepath = '//cube.abc'
modifier = bpy.data.objects['Cube'].modifiers.new('Cache', 'MESH_SEQUENCE_CACHE')
modifier.cache_file = cache`,
    'cube.abc',
    1,
  ],
];

describe.skipIf(noBlender)('a file that a frame lacks', () => {
  test.each(SCENES)('%s is named', { timeout: 60_000 }, async (_what, python, missing, frame) => {
    await makeScene(bench, `${PICTURES}\n${python}`);
    await rm(join(bench.inputs, missing), { force: true });
    const blender = drive(bench);
    const answer = await blender.ask(unit(frame));
    await blender.end();
    expect(answer, blender.text.join('\n')).toMatchObject({
      kind: 'frame-failed',
      code: 'DCC_INPUT_MISSING',
      reason: expect.stringContaining(missing),
    });
  });

  test('and a frame that does not need it is rendered', { timeout: 60_000 }, async () => {
    const [, python] = SCENES[1]!;
    await makeScene(bench, `${PICTURES}\n${python}`);
    await rm(join(bench.inputs, 'seq_002.png'));
    const blender = drive(bench);
    expect((await blender.ask(unit(1))).kind).toBe('frame-done');
    expect((await blender.ask(unit(2))).kind).toBe('frame-failed');
    expect((await blender.ask(unit(3))).kind).toBe('frame-done');
    await blender.end();
  });

  test('a folder or a pipe in its place counts as missing and stops nothing', {
    timeout: 60_000,
  }, async () => {
    const [, python] = SCENES[0]!;
    await makeScene(bench, `${PICTURES}\n${python}`);
    await rm(join(bench.inputs, 'wall.1002.png'));
    await mkdir(join(bench.inputs, 'wall.1002.png'));
    await writeFile(join(bench.inputs, 'wall.1002.png', 'x'), '');
    const blender = drive(bench);
    expect(await blender.ask(unit(1))).toMatchObject({ code: 'DCC_INPUT_MISSING' });
    await blender.end();
  });
});
