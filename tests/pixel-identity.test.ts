import { cpSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { blender, makeScene } from './support/blender.ts';
import { croft, temporaryFolder } from './support/croft.ts';
import { startFarm } from './support/farm.ts';
import { filesBelow, samePixels } from './support/pixels.ts';
import { describeWith } from './support/tools.ts';

const LIBRARY = `
for name, colour in (('near', (1, .2, .2)), ('far', (.2, 1, .2)), ('drive', (.2, .4, 1)), ('inner', (1, .9, .2))):
    picture(os.path.join(FOLDER, 'project', 'textures', name + '.png'), colour)
os.makedirs(os.path.join(FOLDER, 'elsewhere'), exist_ok=True)
os.rename(os.path.join(FOLDER, 'project', 'textures', 'far.png'), os.path.join(FOLDER, 'elsewhere', 'far.png'))
card('Part', glowing('Inner', os.path.join(FOLDER, 'project', 'textures', 'inner.png')), x=.6, z=-.6)
bpy.data.images['inner.png'].filepath = '//../textures/inner.png'
save(os.path.join(FOLDER, 'project', 'library', 'part.blend'))
`;

/** A scene with every way to refer to a file; its place is known only at run time, so the absolute paths are real. */
const TRAVELLED_SCENE = `
animate(card('Near', glowing('Near', os.path.join(FOLDER, 'project', 'textures', 'near.png')), x=-.6, z=.6))
card('Far', glowing('Far', os.path.join(FOLDER, 'elsewhere', 'far.png')), x=.6, z=.6)
card('Drive', glowing('Drive', os.path.join(FOLDER, 'project', 'textures', 'drive.png')), x=-.6, z=-.6)
with bpy.data.libraries.load(os.path.join(FOLDER, 'project', 'library', 'part.blend'), link=True) as (source, target):
    target.objects = ['Part']
scene.collection.objects.link(target.objects[0])
bpy.data.images['near.png'].filepath = '//textures/near.png'
bpy.data.libraries[0].filepath = '//library/part.blend'
save(os.path.join(FOLDER, 'project', 'plain.blend'))
bpy.data.images['drive.png'].filepath = 'P:\\\\show\\\\project\\\\textures\\\\drive.png'
save(os.path.join(FOLDER, 'project', 'scene.blend'))
`;

describeWith(['blender'], 'frames of the farm', () => {
  it('are pixel-identical to plain Blender, with the scene folder moved away after the upload', async () => {
    const folder = temporaryFolder();
    makeScene(folder, LIBRARY);
    makeScene(folder, TRAVELLED_SCENE);
    // The peer: the same scene, its Windows path replaced by a plain one, since Blender alone cannot follow it here.
    blender(join(folder, 'project', 'plain.blend'), '-o', join(folder, 'plain', 'pic_####'), '-a');

    const farm = await startFarm();
    const { taskId } = await farm.json<{ taskId: number }>(
      'render',
      join(folder, 'project', 'scene.blend'),
      '--detach',
    );
    renameSync(join(folder, 'project'), join(folder, 'moved-away'));
    renameSync(join(folder, 'elsewhere'), join(folder, 'moved-away-too'));
    const output = join(folder, 'farm');
    const download = await farm.run('download', String(taskId), '--output', output, '--watch');

    expect(download.code, download.stderr).toBe(0);
    const pictures = filesBelow(output).filter((file) => file.endsWith('.png'));
    expect(pictures.map((file) => basename(file))).toEqual([
      'pic_0001.png',
      'pic_0002.png',
      'pic_0003.png',
      'pic_0004.png',
    ]);
    for (const picture of pictures) {
      const plain = join(folder, 'plain', basename(picture));
      expect(await samePixels(join(output, picture), plain), `${picture} differs from plain Blender`).toBe(
        true,
      );
    }
    // The frames differ among themselves: the comparison is not one of four empty pictures.
    expect(await samePixels(join(output, pictures[0]!), join(output, pictures[3]!))).toBe(false);
  });
});

describeWith(['blender'], 'the demo scene', () => {
  it("renders from a copy in another place, as on a newcomer's machine", async () => {
    const folder = temporaryFolder();
    const demo = join(folder, 'demo');
    mkdirSync(demo);
    for (const name of ['croft.blend', 'textures', 'library']) {
      cpSync(join(import.meta.dirname, '..', 'examples', 'demo', name), join(demo, name), {
        recursive: true,
      });
    }
    const analysis = await croft([
      'analyse',
      join(demo, 'croft.blend'),
      '--out',
      join(folder, 'cfg'),
      '--json',
    ]);
    expect(analysis.code, analysis.stderr).toBe(0);
    expect(readdirSync(join(folder, 'cfg')).sort()).toEqual([
      'asset.json',
      'task.json',
      'tips.json',
      'upload.json',
    ]);
    const report = JSON.parse(analysis.stdout.trim().split('\n').at(-1)!) as {
      missing: unknown[];
      assets: unknown[];
    };
    expect(report.missing).toEqual([]);
    expect(report.assets).toHaveLength(6);
  });
});
