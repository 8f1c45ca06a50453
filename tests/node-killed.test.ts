import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeScene } from './support/blender.ts';
import { eventually, temporaryFolder } from './support/croft.ts';
import { startNode, startServer } from './support/farm.ts';
import { HandDrivenNode } from './support/hand-driven-node.ts';
import { filesBelow } from './support/pixels.ts';
import { describeWith } from './support/tools.ts';

interface TaskView {
  status: number;
  frameRows: { frame: string; status: number; attempts: number; failure: unknown }[];
}

/** Processes that mention the text on their command line, other than this one. */
function processesNaming(text: string): number {
  const { stdout } = spawnSync('pgrep', ['-fc', text], { encoding: 'utf8' });
  return Number(stdout.trim() || '0');
}

/** Frames slow enough to be killed in the middle, quick enough for a test. */
const SLOW_FRAMES = `
animate(card('Card', glowing('Glow', colour=(.2, 1, .5)), size=2))
scene.cycles.use_adaptive_sampling = False
scene.cycles.samples = 200
scene.render.resolution_x, scene.render.resolution_y = 320, 240
scene.frame_end = 2
save(os.path.join(FOLDER, 'slow.blend'))`;

const QUICK_FRAME = `
card('Card', glowing('Glow', colour=(.2, 1, .5)), size=2)
scene.frame_end = 1
save(os.path.join(FOLDER, 'quick.blend'))`;

describeWith(['blender'], 'a node that dies', () => {
  it('in the middle of a frame: another attempt renders it, once in the results, and no retry is spent', async () => {
    const folder = temporaryFolder();
    makeScene(folder, SLOW_FRAMES);
    const farm = await startServer(undefined, 0, '--node-grace', '1');
    const first = await startNode(farm);
    const { taskId } = await farm.json<{ taskId: number }>('render', join(folder, 'slow.blend'), '--detach');
    const view = () => farm.json<TaskView>('task', String(taskId));
    await eventually(
      'a frame is being rendered',
      async () =>
        (await view()).frameRows.some((frame) => frame.status === 2) &&
        processesNaming(`blender.*${first.home}`) > 0,
    );

    await first.kill();
    await eventually(
      'the dead node leaves no Blender behind',
      () => processesNaming(`blender.*${first.home}`) === 0,
      20_000,
    );
    const second = await startNode(farm);
    const output = join(folder, 'out');
    const download = await farm.run('download', String(taskId), '--output', output, '--watch');
    expect(download.code, download.stderr + second.log()).toBe(0);

    const ended = await view();
    expect(ended.status).toBe(25);
    expect(ended.frameRows.map((frame) => frame.status)).toEqual([4, 4]);
    expect(ended.frameRows.map((frame) => frame.failure)).toEqual([null, null]);
    expect(Math.max(...ended.frameRows.map((frame) => frame.attempts))).toBe(2);
    expect(filesBelow(output).filter((file) => file.endsWith('.png'))).toHaveLength(2);
  });

  it("that lost an attempt and completes it after all is refused, and the frame stays the other attempt's", async () => {
    const folder = temporaryFolder();
    makeScene(folder, QUICK_FRAME);
    const farm = await startServer();
    const late = new HandDrivenNode(farm.url);
    await late.enrol((await farm.json<{ code: string }>('node-code')).code);
    await late.connect([]);
    const scene = join(folder, 'quick.blend');
    const { taskId } = await farm.json<{ taskId: number }>('render', scene, '--detach');
    const { attemptId, frames } = await late.order();
    const frameId = frames[0]!.frameId;
    const at = Date.now();
    await late.report({ kind: 'attempt-started', attemptId, at });
    await late.report({ kind: 'frame-started', attemptId, frameId, at });
    await late.disconnect();
    // It comes back without the attempt, which frees the frame at once, and takes no new order: another node has it.
    const other = await startNode(farm);
    await late.connect([], true);
    await late.report({ kind: 'attempt-ended', attemptId, at, reason: 'lost' });
    await late.disconnect();
    await eventually('the other node has rendered it', async () => {
      const task = await farm.json<TaskView>('task', String(taskId));
      return task.status === 25;
    });
    const before = await farm.json<{ results: unknown[] }>('task', String(taskId), '--results');
    expect(before.results.length).toBeGreaterThan(0);

    await late.connect([attemptId], true);
    expect(await late.message('cancel', (message) => message.attemptId === attemptId)).toMatchObject({
      reason: 'stale',
    });
    await late.report({
      kind: 'frame-done',
      attemptId,
      frameId,
      startedAt: at,
      endedAt: at + 1,
      results: [],
      peakMemoryBytes: null,
    });
    expect(await farm.json('task', String(taskId), '--results')).toMatchObject({
      status: 25,
      results: before.results,
    });
    expect(other.child.exitCode).toBeNull();
  });
});
