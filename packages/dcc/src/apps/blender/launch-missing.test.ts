/** Every kind of file that a frame may lack is named before it is rendered: never a picture that is wrong in silence. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { drive, noBlender, unit } from './testing/blender-driver.ts';
import { type SessionCase, sessionsOf } from './testing/blender-sessions.ts';

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

const UDIM = `
for tile in (1001, 1002): picture('wall.%d.png' % tile)
image = bpy.data.images.load(os.path.join(HERE, 'wall.1001.png'))
image.source = 'TILED'
image.filepath = '//wall.<UDIM>.png'
if len(image.tiles) < 2: image.tiles.new(1002)
shown(image)`;

const SEQUENCE = `
for number in (1, 2, 3): picture('seq_%03d.png' % number)
image = bpy.data.images.load(os.path.join(HERE, 'seq_001.png'))
image.source = 'SEQUENCE'
node = shown(image)
node.image_user.frame_duration, node.image_user.frame_start = 3, 1`;

const CLIP = `
for number in (1, 2, 3): picture('clip_%03d.png' % number)
clip = bpy.data.movieclips.load(os.path.join(HERE, 'clip_001.png'))
scene.active_clip = clip`;

const VOLUME = `
volume = bpy.data.volumes.new('Cloud')
volume.filepath = '//cloud.vdb'
scene.collection.objects.link(bpy.data.objects.new('Cloud', volume))`;

const ALEMBIC = `
open(os.path.join(HERE, 'cube.abc'), 'wb').close()
bpy.ops.cachefile.open(filepath=os.path.join(HERE, 'cube.abc'))
cache = bpy.data.cache_files[0]
cache.filepath = '//cube.abc'
modifier = bpy.data.objects['Cube'].modifiers.new('Cache', 'MESH_SEQUENCE_CACHE')
modifier.cache_file = cache`;

const without = (python: string, missing: string, frame: number): SessionCase => ({
  python: `${PICTURES}\n${python}`,
  meanwhile: ({ inputs }) => rm(join(inputs, missing), { force: true }),
  units: [[frame]],
});

const session = sessionsOf({
  udim: without(UDIM, 'wall.1002.png', 1),
  sequence: without(SEQUENCE, 'seq_002.png', 2),
  clip: without(CLIP, 'clip_002.png', 2),
  volume: without(VOLUME, 'cloud.vdb', 1),
  alembic: without(ALEMBIC, 'cube.abc', 1),
  folder: {
    python: `${PICTURES}\n${UDIM}`,
    async meanwhile({ inputs }) {
      await rm(join(inputs, 'wall.1002.png'));
      await mkdir(join(inputs, 'wall.1002.png'));
      await writeFile(join(inputs, 'wall.1002.png', 'x'), '');
    },
  },
});

describe.skipIf(noBlender)('a file that a frame lacks', () => {
  test.each([
    ['a tile of a UDIM picture', 'udim', 'wall.1002.png'],
    ['a picture of a sequence', 'sequence', 'seq_002.png'],
    ['a picture of a clip', 'clip', 'clip_002.png'],
    ['a volume', 'volume', 'cloud.vdb'],
    ['an Alembic cache', 'alembic', 'cube.abc'],
  ] as const)('%s is named', (_what, name, missing) => {
    expect(session(name).answer).toMatchObject({
      kind: 'frame-failed',
      code: 'DCC_INPUT_MISSING',
      reason: expect.stringContaining(missing),
    });
  });

  test('and a frame that does not need it is rendered', { timeout: 60_000 }, async () => {
    const blender = drive(session('sequence').bench);
    expect((await blender.ask(unit(1))).kind).toBe('frame-done');
    expect((await blender.ask(unit(2))).kind).toBe('frame-failed');
    expect((await blender.ask(unit(3))).kind).toBe('frame-done');
    await blender.end();
  });

  test('a folder or a pipe in its place counts as missing and stops nothing', () => {
    expect(session('folder').answer).toMatchObject({ code: 'DCC_INPUT_MISSING' });
  });
});
