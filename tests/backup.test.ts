import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeScene } from './support/blender.ts';
import { croft, eventually, temporaryFolder } from './support/croft.ts';
import { startFarm } from './support/farm.ts';
import { filesBelow } from './support/pixels.ts';
import { describeWith } from './support/tools.ts';

describeWith(['blender'], 'a backup', () => {
  it('of a running farm restores to a farm that finishes its tasks', async () => {
    const folder = temporaryFolder();
    makeScene(
      folder,
      `picture(os.path.join(FOLDER, 'tex', 'a.png'), (.4, .8, 1))
animate(card('Card', glowing('A', os.path.join(FOLDER, 'tex', 'a.png')), size=2))
scene.cycles.use_adaptive_sampling = False
scene.cycles.samples = 100
scene.render.resolution_x, scene.render.resolution_y = 320, 240
save(os.path.join(FOLDER, 'scene.blend'))`,
    );
    const farm = await startFarm();
    const { taskId } = await farm.json<{ taskId: number }>('render', join(folder, 'scene.blend'), '--detach');
    const done = async (from: typeof farm) =>
      (await from.json<{ frames: { done: number } }>('task', String(taskId))).frames.done;
    await eventually('one frame is done', async () => (await done(farm)) >= 1);

    const backup = join(folder, 'backup');
    await farm.json('backup', '--home', farm.home, '--to', backup);
    await farm.process.kill();

    const home = join(folder, 'restored');
    const restored = await croft(['restore', backup, '--home', home]);
    expect(restored.code, restored.stderr).toBe(0);
    const again = await startFarm(home, '--node-grace', '1');
    const output = join(folder, 'out');
    const download = await again.run('download', String(taskId), '--output', output, '--watch');
    expect(download.code, download.stderr).toBe(0);
    expect(filesBelow(output).filter((file) => file.endsWith('.png'))).toHaveLength(4);
  });

  it('is not restored over anything', async () => {
    const home = join(temporaryFolder(), 'home');
    mkdirSync(home);
    writeFileSync(join(home, 'precious.txt'), 'mine');
    const outcome = await croft(['restore', '/nowhere', '--home', home]);
    expect(outcome.code).not.toBe(0);
    expect(outcome.stderr).not.toMatch(/^\s+at /m);
    expect(existsSync(join(home, 'precious.txt'))).toBe(true);
  });
});
