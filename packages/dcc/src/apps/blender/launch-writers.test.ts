/** All that a scene writes ends up below the outputs, under a name that can be told. */
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Bench, drive, noBlender, unit } from './testing/blender-driver.ts';
import { sessionsOf } from './testing/blender-sessions.ts';

const picture = ({ outputs }: Bench, number: number, name = 'shot_') =>
  join(outputs, `${name}${String(number).padStart(4, '0')}.png`);

/** Beside the inputs, where nothing may be written. */
const OUTSIDE = `OUTSIDE = os.path.join(os.path.dirname(HERE), 'outside')`;
const outsideOf = ({ root }: Bench) => join(root, 'outside');

const FILE_OUTPUTS = `
${OUTSIDE}
scene.use_nodes = True
tree = scene.node_tree
layers = tree.nodes['Render Layers']
scene.view_layers[0].use_pass_z = True
out = tree.nodes.new('CompositorNodeOutputFile')
out.base_path = OUTSIDE
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
`;

const GROUP_LIBRARY = `
${OUTSIDE}
group = bpy.data.node_groups.new('Writers', 'CompositorNodeTree')
group.use_fake_user = True
group.inputs.new('NodeSocketColor', 'Image')
begin = group.nodes.new('NodeGroupInput')
out = group.nodes.new('CompositorNodeOutputFile')
out.base_path = OUTSIDE
group.links.new(begin.outputs[0], out.inputs[0])`;

const LINKED_GROUP = `
with bpy.data.libraries.load(os.path.join(HERE, 'library.blend'), link=True) as (held, wanted):
    wanted.node_groups = ['Writers']
scene.use_nodes = True
tree = scene.node_tree
node = tree.nodes.new('CompositorNodeGroup')
node.node_tree = bpy.data.node_groups['Writers']
tree.links.new(tree.nodes['Render Layers'].outputs['Image'], node.inputs[0])`;

const OVER_ITS_TEXTURE = `
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
`;

const VIEWS_OF_CAMERAS = `
render.use_multiview = True
render.views_format = 'MULTIVIEW'
bpy.data.objects['Camera'].name = 'Cam_L'
right = bpy.data.objects['Cam_L'].copy()
right.name = 'Cam_R'
scene.collection.objects.link(right)
render.image_settings.file_format = 'OPEN_EXR'
render.image_settings.views_format = 'INDIVIDUAL'
`;

const CACHES = `
bpy.ops.wm.save_as_mainfile(filepath=os.path.join(HERE, 'scene.blend'))
cloth = cube.modifiers.new('cloth', 'CLOTH')
cloth.point_cache.use_disk_cache = True
bpy.ops.mesh.primitive_cube_add(size=4)
domain = bpy.context.object.modifiers.new('fluid', 'FLUID')
domain.fluid_type = 'DOMAIN'
domain.domain_settings.resolution_max = 8
domain.domain_settings.cache_type = 'REPLAY'
domain.domain_settings.cache_directory = os.path.join(HERE, 'fluid')
bpy.ops.mesh.primitive_cube_add(size=1)
flow = bpy.context.object.modifiers.new('fluid', 'FLUID')
flow.fluid_type = 'FLOW'
`;

const written = (path: string) => ({
  python: `render.filepath = '${path}'\nrender.use_file_extension = False`,
});
const stereo = (format: string) =>
  `render.use_multiview = True\nrender.image_settings.views_format = '${format}'`;

const PATHS = [
  ['//../../up/..', '0001.png'],
  ['/a/b/', '0001.png'],
  ['C:\\\\renders\\\\x_##', 'x_01.png'],
  ['//a\\tb:c?_#', 'a_b_c__1.png'],
] as const;

const session = sessionsOf({
  fileOutputs: { python: FILE_OUTPUTS, units: [[2]] },
  group: {
    python: [{ name: 'library.blend', python: GROUP_LIBRARY }, { python: LINKED_GROUP }],
    units: [[2]],
  },
  texture: {
    python: OVER_ITS_TEXTURE,
    meanwhile: ({ inputs, root }) => copyFile(join(inputs, 'tex_0001.png'), join(root, 'before.png')),
  },
  movie: {
    python: `render.image_settings.file_format = 'FFMPEG'\nrender.filepath = '//film.mp4'`,
  },
  views: { python: stereo('INDIVIDUAL') },
  viewsOfCameras: { python: VIEWS_OF_CAMERAS },
  viewsTogether: { python: stereo('STEREO_3D') },
  layers: {
    python: `scene.view_layers.new('B')\nrender.image_settings.file_format = 'OPEN_EXR_MULTILAYER'`,
  },
  path0: written(PATHS[0][0]),
  path1: written(PATHS[1][0]),
  path2: written(PATHS[2][0]),
  path3: written(PATHS[3][0]),
  // Asked for as a batch by its test.
  caches: { python: CACHES, units: [] },
});

describe.skipIf(noBlender)('writers of the scene', () => {
  test('File Output nodes with paths outside end up below the outputs', async () => {
    const { bench, answer } = session('fileOutputs');
    const layer = 'ViewLayer';
    expect(
      answer.kind === 'frame-done' && answer.outputs.map(({ file, kind, layer }) => [file, kind, layer]),
    ).toEqual([
      [picture(bench, 2), 'main', layer],
      [join(bench.outputs, 'outside/root/depth0002.exr'), 'element', layer],
      [join(bench.outputs, 'outside/up/beauty_0002.exr'), 'element', layer],
      [join(bench.outputs, 'shot_0002_2.png'), 'element', layer],
      [join(bench.outputs, 'passes/all_0002.exr'), 'element', null],
    ]);
    await expect(readdir(outsideOf(bench))).rejects.toThrow();
  });

  test('File Output nodes in a linked node group write below the outputs too', async () => {
    const { bench, answer } = session('group');
    expect(answer.kind === 'frame-done' && answer.outputs.map(({ file, kind }) => [file, kind])).toEqual([
      [picture(bench, 2), 'main'],
      [join(bench.outputs, 'outside/Image0002.png'), 'element'],
    ]);
    await expect(readdir(outsideOf(bench))).rejects.toThrow();
  });

  test('a scene cannot write over its own texture', async () => {
    const { bench, answer } = session('texture');
    expect(answer).toMatchObject({
      kind: 'frame-done',
      outputs: [{ file: picture(bench, 1, 'tex_') }],
    });
    const before = await readFile(join(bench.root, 'before.png'));
    expect(await readFile(join(bench.inputs, 'tex_0001.png'))).toEqual(before);
  });

  test('a movie becomes pictures', () => {
    const { bench, answer } = session('movie');
    expect(answer).toMatchObject({ outputs: [{ file: picture(bench, 1, 'film') }] });
  });

  test('each view is a picture', () => {
    const { bench, answer } = session('views');
    expect(answer).toMatchObject({
      outputs: [
        { file: join(bench.outputs, 'shot_0001_L.png'), camera: 'Camera' },
        { file: join(bench.outputs, 'shot_0001_R.png'), camera: 'Camera' },
      ],
    });
  });

  test('cameras of views, and views in one file', () => {
    const { bench, answer } = session('viewsOfCameras');
    expect(answer).toMatchObject({
      outputs: [
        { file: join(bench.outputs, 'shot_0001_L.exr'), camera: 'Cam_L' },
        { file: join(bench.outputs, 'shot_0001_R.exr'), camera: 'Cam_R' },
      ],
    });
    const together = session('viewsTogether');
    expect(together.answer).toMatchObject({ outputs: [{ file: picture(together.bench, 1) }] });
  });

  test('several view layers, in one file with layers', () => {
    const { bench, answer } = session('layers');
    expect(answer).toMatchObject({
      outputs: [{ file: join(bench.outputs, 'shot_0001.exr'), kind: 'main', layer: null }],
    });
  });

  test.each(PATHS.map(([path, name], index) => [path, name, `path${index}` as 'path0'] as const))(
    'the output path %s cannot leave',
    (_path, name, which) => {
      const { bench, answer } = session(which);
      expect(answer).toMatchObject({ outputs: [{ file: join(bench.outputs, name) }] });
    },
  );

  test('every picture that is named is there', async () => {
    for (const name of ['fileOutputs', 'group', 'movie', 'views', 'viewsOfCameras', 'layers'] as const) {
      const { answer } = session(name);
      expect(answer.kind).toBe('frame-done');
      for (const { file } of answer.kind === 'frame-done' ? answer.outputs : [])
        expect((await readFile(file)).length, file).toBeGreaterThan(0);
    }
  });

  test('caches beside the scene are neither written nor changed', { timeout: 60_000 }, async () => {
    const { bench } = session('caches');
    await rm(join(bench.inputs, 'fluid'), { recursive: true, force: true });
    await mkdir(join(bench.inputs, 'fluid'));
    await writeFile(join(bench.inputs, 'fluid', 'kept'), 'x');
    const before = (await readdir(bench.inputs, { recursive: true })).sort();
    const blender = drive(bench, { mode: 'batch', stepFrom: 1 }, [unit(4), unit(5)]);
    await blender.ended;
    expect(blender.events.filter(({ kind }) => kind === 'frame-done')).toHaveLength(2);
    expect((await readdir(bench.inputs, { recursive: true })).sort()).toEqual(before);
    expect((await readdir(bench.outputs)).sort()).toEqual(['shot_0004.png', 'shot_0005.png']);
  });
});
