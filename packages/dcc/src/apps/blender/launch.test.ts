import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bench, drive, makeScene, noBlender, openBench, unit } from './blender-driver.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

describe.skipIf(noBlender)('a session', () => {
  test('renders frame after frame of an open scene', { timeout: 60_000 }, async () => {
    await makeScene(bench);
    const blender = drive(bench);
    expect(await blender.next('ready', 'frame-failed')).toEqual({ kind: 'ready' });
    for (const number of [2, 1, 3]) {
      expect(await blender.ask(unit(number))).toEqual({
        kind: 'frame-done',
        frameId: 1000 + number,
        outputs: [
          {
            file: join(bench.outputs, `shot_000${number}.png`),
            frame: number,
            kind: 'main',
            layer: 'ViewLayer',
            camera: 'Camera',
          },
        ],
      });
    }
    expect(await blender.end()).toBe(0);
  });
});
