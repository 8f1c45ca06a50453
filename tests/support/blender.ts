/** Plain Blender, the peer that the farm is compared with, and scenes made by it. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Runs Blender in the background with the arguments; fails the test when Blender does. */
export function blender(...args: string[]): string {
  const run = spawnSync('blender', ['-b', '--factory-startup', ...args], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    timeout: 300_000,
  });
  if (run.status !== 0)
    throw new Error(`blender ${args.join(' ')} ended with ${run.status}:\n${run.stdout}\n${run.stderr}`);
  return run.stdout;
}

/** Everything a script needs to make a tiny, quick scene; the script below it changes what its test is about. */
const PRELUDE = `
import bpy, os, math
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.context.preferences.filepaths.save_version = 0
scene = bpy.context.scene
scene.render.engine = 'CYCLES'
scene.cycles.samples = 2
scene.cycles.use_denoising = False
scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = 64, 48, 100
scene.render.image_settings.file_format = 'PNG'
scene.render.filepath = '//out/pic_####'
scene.frame_start, scene.frame_end = 1, 4
camera = bpy.data.objects.new('Camera', bpy.data.cameras.new('Camera'))
camera.location = (0, -4, 0); camera.rotation_euler = (math.pi / 2, 0, 0)
scene.collection.objects.link(camera); scene.camera = camera
world = bpy.data.worlds.new('World'); world.use_nodes = True; scene.world = world

def picture(path, colour, size=16):
    image = bpy.data.images.new(os.path.basename(path), size, size)
    texels = []
    for y in range(size):
        for x in range(size):
            lit = 1.0 if (x // 4 + y // 4) % 2 else 0.4
            texels.extend([c * lit for c in colour] + [1.0])
    image.pixels = texels
    os.makedirs(os.path.dirname(path), exist_ok=True)
    image.filepath_raw = path; image.file_format = 'PNG'; image.save()
    bpy.data.images.remove(image)

def glowing(name, image_path=None, colour=(1, 1, 1)):
    made = bpy.data.materials.new(name); made.use_nodes = True
    nodes = made.node_tree.nodes; nodes.clear()
    out = nodes.new('ShaderNodeOutputMaterial'); glow = nodes.new('ShaderNodeEmission')
    made.node_tree.links.new(glow.outputs[0], out.inputs[0])
    if image_path:
        texture = nodes.new('ShaderNodeTexImage'); texture.image = bpy.data.images.load(image_path)
        made.node_tree.links.new(texture.outputs[0], glow.inputs[0])
    else:
        glow.inputs[0].default_value = (*colour, 1)
    return made

def card(name, material, x=0.0, z=0.0, size=1.0):
    mesh = bpy.data.meshes.new(name); s = size / 2
    mesh.from_pydata([(-s, 0, -s), (s, 0, -s), (s, 0, s), (-s, 0, s)], [], [(0, 1, 2, 3)])
    uv = mesh.uv_layers.new()
    for i, at in enumerate([(0, 0), (1, 0), (1, 1), (0, 1)]): uv.data[i].uv = at
    mesh.materials.append(material)
    made = bpy.data.objects.new(name, mesh); made.location = (x, 0, z)
    scene.collection.objects.link(made)
    return made

def animate(thing):
    for frame, angle in ((1, 0.0), (5, 1.2)):
        thing.rotation_euler[1] = angle; thing.keyframe_insert('rotation_euler', index=1, frame=frame)

def save(path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    bpy.ops.wm.save_as_mainfile(filepath=path, relative_remap=False)
`;

/** Makes scenes with a Python script; \`FOLDER\` in it is the folder given. */
export function makeScene(folder: string, script: string): void {
  const file = join(folder, 'make-scene.py');
  writeFileSync(file, `${PRELUDE}\nFOLDER = ${JSON.stringify(folder)}\n${script}`);
  blender('--python-exit-code', '9', '--python', file);
}
