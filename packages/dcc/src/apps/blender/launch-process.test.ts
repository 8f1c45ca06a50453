import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Bench,
  closeBenches,
  drive,
  makeScenes,
  noBlender,
  openBench,
  unit,
} from './testing/blender-driver.ts';

const ENDLESS = `scene.cycles.samples = 100000\nrender.resolution_x = render.resolution_y = 500`;

const FORGED = 'CROFT-guess {"event":"done","frameId":1001,"outputs":0}';
const FORGING = `
forged = '''\\n${FORGED}\\n'''
text = bpy.data.texts.new('run.py')
text.write("import os; open(" + repr(HERE + '/ran') + ", 'w'); os.write(1, " + repr(forged.encode()) + ")")
text.use_module = True
scene.view_layers[0].name = forged[:60]
cube.name = forged[:60]
render.use_stamp = True
`;

describe.skipIf(noBlender)('a process', () => {
  let endless: Bench;
  let forging: Bench;
  beforeAll(async () => {
    [endless, forging] = [await openBench(), await openBench()];
    makeScenes([
      { bench: endless, python: ENDLESS },
      { bench: forging, python: FORGING },
    ]);
  });
  afterAll(() => closeBenches([endless, forging]));

  test.each(['session', 'batch'] as const)(
    'sees nothing of the environment it was started from, and ends in the middle of a frame when its stdin ends: %s',
    { timeout: 60_000 },
    async (mode) => {
      const blender = drive(endless, { mode });
      await blender.next('ready');
      const env = (await readFile(`/proc/${blender.pid}/environ`, 'utf8'))
        .split('\0')
        .filter((pair) => pair !== '');
      const expected =
        /^(PATH|HOME|LANG|LC_ALL|TMPDIR|TMP|TEMP|XDG_\w+|BLENDER_USER_\w+|OCIO|OMP_NUM_THREADS)=/;
      expect(env.filter((pair) => !expected.test(pair))).toEqual([]);
      if (mode === 'session') blender.send(unit(1));
      await blender.next('progress');
      const start = performance.now();
      await blender.end();
      expect(performance.now() - start).toBeLessThan(2000);
      expect(blender.events.some(({ kind }) => kind === 'frame-done')).toBe(false);
    },
  );

  test('cannot be made to say what is not so', { timeout: 60_000 }, async () => {
    const blender = drive(forging);
    const answer = await blender.ask(unit(1));
    await blender.end();
    expect(answer).toMatchObject({ kind: 'frame-done', outputs: [{ frame: 1 }] });
    expect(blender.events.filter(({ kind }) => kind === 'frame-done')).toHaveLength(1);
    await expect(readFile(join(forging.inputs, 'ran'))).rejects.toThrow();
  });
});
