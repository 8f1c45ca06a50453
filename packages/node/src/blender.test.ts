/** The node with real Blender, where this machine has it. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog, systemClock } from '@croft/contract';
import { appById, diskSceneFiles } from '@croft/dcc';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningNode, startNode } from './index.ts';
import { CODE, framesFrom, TestFarm } from './testing/test-farm.ts';

const hasBlender = isThere('blender');
const SCENE = `
import bpy, sys
scene = bpy.context.scene
scene.render.engine = 'CYCLES'
scene.cycles.samples = 1
scene.cycles.use_denoising = False
scene.render.resolution_x = scene.render.resolution_y = 32
scene.render.resolution_percentage = 100
scene.frame_end = 4
scene.render.filepath = '//render/shot_'
scene.render.image_settings.file_format = 'PNG'
bpy.ops.wm.save_as_mainfile(filepath=sys.argv[-1])
`;

let folder: string;
const farm = new TestFarm();
let node: RunningNode | null = null;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'croft-node-'));
  await farm.open();
});
afterAll(async () => {
  await node?.stop();
  await farm.close();
  await rm(folder, { recursive: true, force: true });
});

test.runIf(hasBlender)('frames of a scene come out of one open Blender', async () => {
  const blender = await appById('blender');
  const scene = join(folder, 'tiny.blend');
  execFileSync('blender', ['-b', '--factory-startup', '--python-expr', SCENE, '--', scene], {
    stdio: 'ignore',
  });
  const analysis = await blender.analyse(diskSceneFiles(), scene, {});
  const plan = blender.plan({ taskId: 1, taskFile: analysis.task });
  farm.addInput(plan.scenePath, readFileSync(scene));
  node = await startNode({
    home: join(folder, 'home'),
    server: farm.url,
    code: CODE,
    log: silentLog,
    clock: systemClock,
    apps: [blender],
    transfer: () => farm.transfer,
  });
  const hello = await farm.until((heard) => heard.find((one) => one.type === 'hello'));
  expect(hello).toMatchObject({ facts: { apps: [{ app: 'blender' }] } });

  const { scenePath, appVersion, settings } = plan;
  const order = farm.order({ app: 'blender', appVersion, scenePath, settings, frames: framesFrom(1, 2) });
  farm.send({ type: 'run', order });
  await farm.untilReport('attempt-ended', 1, 90_000);
  farm.send({ type: 'run', order: { ...order, attemptId: 2, frames: framesFrom(3, 4) } });
  await farm.untilReport('attempt-ended', 2, 90_000);
  expect(farm.reports().filter((one) => one.kind === 'frame-failed')).toEqual([]);
  const done = farm.reports().flatMap((one) => (one.kind === 'frame-done' ? one : []));
  expect(done.map((one) => one.frameId)).toEqual([1001, 1002, 1003, 1004]);
  const picture = done[0]?.results.find((one) => one.kind === 'main');
  expect(picture).toMatchObject({ frame: 1, format: 'png', width: 32, height: 32 });
  const { channels } = await sharp(farm.blobs.get(picture?.id ?? '')).stats();
  expect(channels.some((channel) => channel.stdev > 5)).toBe(true);
  expect(done[0]?.peakMemoryBytes).toBeGreaterThan(10_000_000);
});

function isThere(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
