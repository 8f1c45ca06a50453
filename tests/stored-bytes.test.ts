import { appendFileSync, closeSync, openSync, readdirSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeScene } from './support/blender.ts';
import { temporaryFolder } from './support/croft.ts';
import { startFarm } from './support/farm.ts';
import { filesBelow } from './support/pixels.ts';
import { describeWith } from './support/tools.ts';

/** Flips one byte in the middle of every file of the blob store that is big enough to hold results. */
function damageBlobs(home: string): number {
  let damaged = 0;
  const walk = (folder: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const file = join(folder, entry.name);
      if (entry.isDirectory()) walk(file);
      else if (entry.isFile() && statSync(file).size > 2048 && !/lock|index/i.test(entry.name)) {
        const handle = openSync(file, 'r+');
        const at = Math.floor(statSync(file).size / 2);
        const byte = Buffer.alloc(1);
        readSync(handle, byte, 0, 1, at);
        writeSync(handle, Buffer.from([byte[0]! ^ 0xff]), 0, 1, at);
        closeSync(handle);
        damaged += 1;
      }
    }
  };
  walk(join(home, 'blobs'));
  return damaged;
}

describeWith(['blender'], "bytes that rot on the farm's disk", () => {
  it('are found when read, and never delivered', async () => {
    const folder = temporaryFolder();
    makeScene(
      folder,
      `picture(os.path.join(FOLDER, 'tex', 'a.png'), (.4, .8, 1), size=64)
card('Card', glowing('A', os.path.join(FOLDER, 'tex', 'a.png')), size=2)
scene.render.resolution_x, scene.render.resolution_y = 640, 480
scene.frame_end = 1
save(os.path.join(FOLDER, 'scene.blend'))`,
    );
    appendFileSync(join(folder, 'tex', 'a.png'), Buffer.alloc(200_000, 7));
    const farm = await startFarm();
    const { taskId } = await farm.json<{ taskId: number }>(
      'render',
      join(folder, 'scene.blend'),
      '--no-download',
    );
    expect(damageBlobs(farm.home)).toBeGreaterThan(0);
    const output = join(folder, 'out');
    const download = await farm.run('download', String(taskId), '--output', output, '--json');
    expect(download.code).not.toBe(0);
    expect(download.stdout).toContain('TRANSFER_BLOB_CORRUPT');
    const delivered = (() => {
      try {
        return filesBelow(output).filter((file) => file.endsWith('.png'));
      } catch {
        return [];
      }
    })();
    expect(delivered).toEqual([]);
  });
});
