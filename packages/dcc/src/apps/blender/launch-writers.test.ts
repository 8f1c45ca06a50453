import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bench, drive, makeScene, noBlender, openBench, unit } from './blender-driver.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

const picture = (number: number, name = 'shot_') =>
  join(bench.outputs, `${name}${String(number).padStart(4, '0')}.png`);

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

  test('File Output nodes in a linked node group write below the outputs too', {
    timeout: 60_000,
  }, async () => {
    const outside = join(bench.root, 'outside');
    await makeScene(
      bench,
      `
group = bpy.data.node_groups.new('Writers', 'CompositorNodeTree')
group.use_fake_user = True
group.inputs.new('NodeSocketColor', 'Image')
begin = group.nodes.new('NodeGroupInput')
out = group.nodes.new('CompositorNodeOutputFile')
out.base_path = ${JSON.stringify(outside)}
group.links.new(begin.outputs[0], out.inputs[0])`,
      'library.blend',
    );
    await makeScene(
      bench,
      `
with bpy.data.libraries.load(os.path.join(HERE, 'library.blend'), link=True) as (held, wanted):
    wanted.node_groups = ['Writers']
scene.use_nodes = True
tree = scene.node_tree
node = tree.nodes.new('CompositorNodeGroup')
node.node_tree = bpy.data.node_groups['Writers']
tree.links.new(tree.nodes['Render Layers'].outputs['Image'], node.inputs[0])`,
    );
    const blender = drive(bench);
    const answer = await blender.ask(unit(2));
    await blender.end();
    expect(answer.kind === 'frame-done' && answer.outputs.map(({ file, kind }) => [file, kind])).toEqual([
      [picture(2), 'main'],
      [join(bench.outputs, 'outside/Image0002.png'), 'element'],
    ]);
    await expect(readdir(outside)).rejects.toThrow();
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

  test('cameras of views, and views in one file', { timeout: 60_000 }, async () => {
    await makeScene(
      bench,
      `
render.use_multiview = True
render.views_format = 'MULTIVIEW'
bpy.data.objects['Camera'].name = 'Cam_L'
right = bpy.data.objects['Cam_L'].copy()
right.name = 'Cam_R'
scene.collection.objects.link(right)
render.image_settings.file_format = 'OPEN_EXR'
render.image_settings.views_format = 'INDIVIDUAL'
`,
    );
    const apart = drive(bench);
    expect(await apart.ask(unit(1))).toMatchObject({
      outputs: [
        { file: join(bench.outputs, 'shot_0001_L.exr'), camera: 'Cam_L' },
        { file: join(bench.outputs, 'shot_0001_R.exr'), camera: 'Cam_R' },
      ],
    });
    await apart.end();
    await makeScene(bench, `render.use_multiview = True\nrender.image_settings.views_format = 'STEREO_3D'`);
    const together = drive(bench);
    expect(await together.ask(unit(1))).toMatchObject({ outputs: [{ file: picture(1) }] });
    await together.end();
  });

  test('several view layers, in one file with layers', { timeout: 60_000 }, async () => {
    await makeScene(
      bench,
      `scene.view_layers.new('B')\nrender.image_settings.file_format = 'OPEN_EXR_MULTILAYER'`,
    );
    const blender = drive(bench);
    expect(await blender.ask(unit(1))).toMatchObject({
      outputs: [{ file: join(bench.outputs, 'shot_0001.exr'), kind: 'main', layer: null }],
    });
    await blender.end();
  });

  test.each([
    ['//../../up/..', '0001.png'],
    ['/a/b/', '0001.png'],
    ['C:\\\\renders\\\\x_##', 'x_01.png'],
    ['//a\\tb:c?_#', 'a_b_c__1.png'],
  ])('the output path %s cannot leave', { timeout: 60_000 }, async (path, name) => {
    await makeScene(bench, `render.filepath = '${path}'\nrender.use_file_extension = False`);
    const blender = drive(bench);
    expect(await blender.ask(unit(1))).toMatchObject({ outputs: [{ file: join(bench.outputs, name) }] });
    await blender.end();
  });

  test('caches beside the scene are neither written nor changed', { timeout: 60_000 }, async () => {
    await makeScene(
      bench,
      `
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
`,
    );
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
