/**
 * 100 tiny frames of one scene: the farm (server, store, node, session, checking and publishing each frame, thumbnails)
 * beside one `blender -b -a`, which does nothing of that. Interleaved, median of 5. The farm's time runs from the submit
 * to the last frame's commit; each run is a task with inputs of its own, so that Blender starts anew on both sides.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { benchFolder, croftJson, startFarm } from './support/farm.ts';
import { makeTinyScene } from './support/scene.ts';
import { median, printTable } from './support/table.ts';

const RUNS = 5;
const folder = benchFolder();
const farm = await startFarm('up', join(folder, 'home'));
try {
  const figures = [];
  for (const { label, frames, size, samples, must } of [
    { label: 'about 50 ms a frame', frames: 100, size: 96, samples: 40, must: 1.1 },
    { label: 'about 500 ms a frame', frames: 20, size: 192, samples: 64, must: 1.03 },
  ]) {
    const ours: number[] = [];
    const plain: number[] = [];
    const scene = join(folder, `tiny-${size}.blend`);
    makeTinyScene(scene, { frames, size, samples });
    for (let run = 0; run < RUNS; run++) {
      const start = performance.now();
      const peer = spawnSync('blender', [
        '-b',
        '--factory-startup',
        scene,
        '-o',
        join(folder, `plain-${size}-${run}`, '####'),
        '-a',
      ]);
      if (peer.status !== 0) throw new Error(`blender ended with ${peer.status}`);
      plain.push(performance.now() - start);
      const copy = join(folder, `copy-${size}-${run}`);
      mkdirSync(copy);
      copyFileSync(scene, join(copy, 'tiny.blend'));
      const { taskId } = croftJson<{ taskId: number }>(
        farm.home,
        'render',
        join(copy, 'tiny.blend'),
        '--no-download',
      );
      const task = croftJson<{ submittedAt: number; endedAt: number }>(farm.home, 'task', String(taskId));
      ours.push(task.endedAt - task.submittedAt);
    }
    const ratio = median(ours) / median(plain);
    figures.push({
      what: `${frames} frames of ${label}`,
      value: `${(median(ours) / 1000).toFixed(2)} s`,
      peer: `blender -a ${(median(plain) / 1000).toFixed(2)} s`,
      ratio,
      must: `≤ ${must} ×`,
      ...(must === 1.1 ? { dream: '≤ 1.03 ×' } : {}),
      met: ratio <= must,
    });
  }
  printTable(`farm and plain Blender (median of ${RUNS})`, figures);
} finally {
  await farm.stop();
}
