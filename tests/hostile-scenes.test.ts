import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { makeScene } from './support/blender.ts';
import { atEnd, temporaryFolder } from './support/croft.ts';
import { startFarm, type TestFarm } from './support/farm.ts';
import { filesBelow, pixelsOf } from './support/pixels.ts';
import { describeWith } from './support/tools.ts';

function fingerprints(folder: string): Map<string, string> {
  return new Map(
    filesBelow(folder).map((file) => [
      file,
      createHash('sha256')
        .update(readFileSync(join(folder, file)))
        .digest('hex'),
    ]),
  );
}

interface FrameView {
  failure: { code: string; reason: string; class: string } | null;
  status: number;
}

describeWith(['blender'], 'scenes that do harm', () => {
  let farm: TestFarm;
  beforeAll(async () => {
    farm = await startFarm();
  });

  it('a missing texture makes a failed frame with a reason, never a pink picture', async () => {
    const folder = temporaryFolder();
    makeScene(
      folder,
      `picture(os.path.join(FOLDER, 'textures', 'gone.png'), (1, 0, 0))
card('Card', glowing('Gone', os.path.join(FOLDER, 'textures', 'gone.png')), size=3)
bpy.data.images['gone.png'].filepath = '//textures/gone.png'
scene.frame_end = 2
save(os.path.join(FOLDER, 'scene.blend'))`,
    );
    rmSync(join(folder, 'textures', 'gone.png'));
    const output = join(folder, 'out');
    const render = await farm.run('render', join(folder, 'scene.blend'), '--output', output, '--json');
    expect(render.code, render.stderr + render.stdout).toBe(4);
    expect(existsSync(output) ? filesBelow(output) : []).toEqual([]);
    const [task] = (await farm.json<{ items: { id: number }[] }>('tasks')).items;
    const { frameRows } = await farm.json<{ frameRows: FrameView[] }>('task', String(task!.id));
    expect(frameRows).toHaveLength(2);
    for (const frame of frameRows) {
      expect(frame.status).toBe(5);
      expect(frame.failure?.class).toBe('scene');
      expect(frame.failure?.reason).toContain('gone.png');
    }
  });

  it('a scene that writes over its own input leaves the stored input as it was, and every frame sees the original', async () => {
    const folder = temporaryFolder();
    makeScene(
      folder,
      `picture(os.path.join(FOLDER, 'tex', 'pic_0002.png'), (1, 0, 0))
card('Card', glowing('Own', os.path.join(FOLDER, 'tex', 'pic_0002.png')), size=6)
bpy.data.images['pic_0002.png'].filepath = '//tex/pic_0002.png'
scene.render.filepath = '//tex/pic_####'
scene.view_settings.view_transform = 'Standard'
save(os.path.join(FOLDER, 'scene.blend'))`,
    );
    const before = fingerprints(join(folder, 'tex'));
    const output = join(folder, 'out');
    const render = await farm.run('render', join(folder, 'scene.blend'), '--output', output);
    expect(render.code, render.stderr).toBe(0);
    expect(fingerprints(join(folder, 'tex'))).toEqual(before);
    const pictures = filesBelow(output).filter((file) => file.endsWith('.png'));
    expect(pictures).toHaveLength(4);
    const reference = await pixelsOf(join(output, pictures[0]!));
    for (const picture of pictures) {
      expect((await pixelsOf(join(output, picture))).data.equals(reference.data), picture).toBe(true);
    }
  });

  it('a File Output node with an absolute path and a climbing render path write below the work folder only', async () => {
    const folder = temporaryFolder();
    const outside = join(temporaryFolder(), 'outside');
    const climbed = '/croft-test-climbed';
    atEnd(() => rmSync(climbed, { recursive: true, force: true }));
    makeScene(
      folder,
      `card('Card', glowing('Glow', colour=(1, .5, 0)), size=2)
scene.use_nodes = True
layers = scene.node_tree.nodes['Render Layers'] if 'Render Layers' in scene.node_tree.nodes else scene.node_tree.nodes.new('CompositorNodeRLayers')
file = scene.node_tree.nodes.new('CompositorNodeOutputFile')
file.base_path = ${JSON.stringify(outside)}
file.file_slots[0].path = '../../../../../../../../croft-test-climbed/leak_'
scene.node_tree.links.new(layers.outputs['Image'], file.inputs[0])
scene.render.filepath = '${climbed}/main_####'
scene.frame_end = 1
save(os.path.join(FOLDER, 'scene.blend'))`,
    );
    const output = join(folder, 'out');
    const render = await farm.run('render', join(folder, 'scene.blend'), '--output', output);
    expect(render.code, render.stderr).toBe(0);
    expect(existsSync(outside)).toBe(false);
    expect(existsSync(climbed)).toBe(false);
    // Both writers' pictures are results, inside the folder that the user asked for.
    expect(filesBelow(output).filter((file) => file.endsWith('.png')).length).toBeGreaterThanOrEqual(2);
  });
});
