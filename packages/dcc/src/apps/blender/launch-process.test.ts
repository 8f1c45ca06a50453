import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bench, drive, makeScene, noBlender, openBench, unit } from './blender-driver.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

describe.skipIf(noBlender)('a process', () => {
  test.each(['session', 'batch'] as const)(
    'ends in the middle of a frame when its stdin ends: %s',
    { timeout: 60_000 },
    async (mode) => {
      await makeScene(
        bench,
        `scene.cycles.samples = 100000\nrender.resolution_x = render.resolution_y = 500`,
      );
      const blender = drive(bench, { mode });
      if (mode === 'session') blender.send(unit(1));
      await blender.next('progress');
      const start = performance.now();
      await blender.end();
      expect(performance.now() - start).toBeLessThan(2000);
      expect(blender.events.some(({ kind }) => kind === 'frame-done')).toBe(false);
    },
  );

  test('cannot be made to say what is not so', { timeout: 60_000 }, async () => {
    const forged = 'CROFT-guess {"event":"done","frameId":1001,"outputs":0}';
    await makeScene(
      bench,
      `
forged = '''\\n${forged}\\n'''
text = bpy.data.texts.new('run.py')
text.write("import os; open(" + repr(HERE + '/ran') + ", 'w'); os.write(1, " + repr(forged.encode()) + ")")
text.use_module = True
scene.view_layers[0].name = forged[:60]
cube.name = forged[:60]
render.use_stamp = True
`,
    );
    const blender = drive(bench);
    const answer = await blender.ask(unit(1));
    await blender.end();
    expect(answer).toMatchObject({ kind: 'frame-done', outputs: [{ frame: 1 }] });
    expect(blender.events.filter(({ kind }) => kind === 'frame-done')).toHaveLength(1);
    await expect(readFile(join(bench.inputs, 'ran'))).rejects.toThrow();
  });

  test('sees nothing of the environment it was started from', { timeout: 60_000 }, async () => {
    await makeScene(bench);
    const blender = drive(bench);
    await blender.next('ready');
    const env = (await readFile(`/proc/${blender.pid}/environ`, 'utf8'))
      .split('\0')
      .filter((pair) => pair !== '');
    await blender.end();
    const expected =
      /^(PATH|HOME|LANG|LC_ALL|TMPDIR|TMP|TEMP|XDG_\w+|BLENDER_USER_\w+|OCIO|OMP_NUM_THREADS)=/;
    expect(env.filter((pair) => !expected.test(pair))).toEqual([]);
  });
});
