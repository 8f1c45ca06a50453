/** Tiny animated scenes that render in a few tens of milliseconds, made by Blender. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TinyScene {
  frames: number;
  /** Width and height in pixels. */
  size: number;
  samples?: number;
}

export function makeTinyScene(file: string, { frames, size, samples = 1 }: TinyScene): void {
  const script = `
import bpy, math
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.context.preferences.filepaths.save_version = 0
scene = bpy.context.scene
scene.render.engine = 'CYCLES'; scene.cycles.samples = ${samples}; scene.cycles.use_denoising = False
scene.cycles.use_adaptive_sampling = False
scene.render.resolution_x = scene.render.resolution_y = ${size}; scene.render.resolution_percentage = 100
scene.frame_start, scene.frame_end = 1, ${frames}
scene.render.filepath = '//out/pic_####'; scene.render.image_settings.file_format = 'PNG'
camera = bpy.data.objects.new('Camera', bpy.data.cameras.new('Camera'))
camera.location = (0, -4, 0); camera.rotation_euler = (math.pi / 2, 0, 0)
scene.collection.objects.link(camera); scene.camera = camera
mesh = bpy.data.meshes.new('Card'); mesh.from_pydata([(-1, 0, -1), (1, 0, -1), (1, 0, 1), (-1, 0, 1)], [], [(0, 1, 2, 3)])
card = bpy.data.objects.new('Card', mesh); scene.collection.objects.link(card)
for frame, angle in ((1, 0), (${frames}, 3)):
    card.rotation_euler[1] = angle; card.keyframe_insert('rotation_euler', index=1, frame=frame)
world = bpy.data.worlds.new('World'); scene.world = world
bpy.ops.wm.save_as_mainfile(filepath=${JSON.stringify(file)})
`;
  const folder = mkdtempSync(join(tmpdir(), 'croft-scene-'));
  try {
    writeFileSync(join(folder, 'make.py'), script);
    const run = spawnSync('blender', [
      '-b',
      '--factory-startup',
      '--python-exit-code',
      '9',
      '--python',
      join(folder, 'make.py'),
    ]);
    if (run.status !== 0) throw new Error(`blender could not make the scene:\n${run.stdout}${run.stderr}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
