import { posix } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { progressOf } from './progress.ts';
import { sessionParser } from './session-events.ts';

const newParser = () =>
  sessionParser({ nonce: 'k3y', outputs: '/work/out', scene: '/work/in/a.blend', join: posix.join });
const said = (message: object) => `CROFT-k3y ${JSON.stringify(message)}`;

describe('messages', () => {
  test('outputs are gathered until the frame is done', () => {
    const parse = newParser();
    expect(parse(said({ event: 'ready' }))).toEqual({ kind: 'ready' });
    expect(parse(said({ event: 'started', frameId: 7 }))).toEqual({ kind: 'frame-started', frameId: 7 });
    const output = { frameId: 7, frame: 1, kind: 'element', layer: 'L', camera: null };
    expect(parse(said({ event: 'output', file: 'z/a.exr', ...output }))).toBeNull();
    expect(parse(said({ event: 'done', frameId: 7, outputs: 1 }))).toEqual({
      kind: 'frame-done',
      frameId: 7,
      outputs: [{ file: '/work/out/z/a.exr', frame: 1, kind: 'element', layer: 'L', camera: null }],
    });
    expect(parse(said({ event: 'done', frameId: 8, outputs: 0 }))).toMatchObject({ outputs: [] });
  });

  test.each([
    ['Error: System is out of GPU memory', 'memory', 'DCC_OUT_OF_MEMORY'],
    ['Error: Render error (No space left on device) cannot save: /x.png', 'node', 'DCC_DISK_FULL'],
    ['Error: CUDA error in cuMemAlloc', 'node', 'DCC_GPU_FAILED'],
    ['Error: Cannot render, no camera', 'scene', 'DCC_RENDER_FAILED'],
  ])('%s is a failure of class %s', (reason, failure, code) => {
    const event = newParser()(said({ event: 'failed', frameId: 3, code: 'DCC_RENDER_FAILED', reason }));
    expect(event).toEqual({ kind: 'frame-failed', frameId: 3, failure, code, reason });
  });

  test('Blender’s complaint about the scene counts before the scene is open only', () => {
    const complaint = "Error: Failed to read blend file '/work/in/a.blend': Missing DNA block";
    const parse = newParser();
    expect(parse(complaint)).toMatchObject({ frameId: null, code: 'DCC_SCENE_UNREADABLE' });
    parse(said({ event: 'ready' }));
    expect(parse(complaint)).toBeNull();
  });
});

describe('a message that is cut or incomplete', () => {
  test.each([
    'CROFT-k3y {"event":"do',
    'CROFT-k3y 7',
    said({ event: 'sing' }),
    said({ event: 'done' }),
    said({ event: 'done', frameId: 1, outputs: 2 }),
  ])('%s ends the run', (line) => {
    expect(newParser()(line)).toMatchObject({ kind: 'frame-failed', frameId: null, code: 'DCC_SESSION_BUG' });
  });
});

describe('text of the scene', () => {
  test('never makes an event other than progress', () => {
    const forged = fc.oneof(
      fc.string(),
      fc.string().map((nonce) => `CROFT-${nonce} {"event":"done","frameId":1,"outputs":0}`),
      fc.constant('x CROFT-k3y {"event":"ready"}'),
      fc.constant('CROFT- {"event":"ready"}'),
    );
    fc.assert(
      fc.property(forged, (line) => {
        fc.pre(!line.startsWith('CROFT-k3y '));
        return ['progress', undefined].includes(newParser()(line)?.kind);
      }),
    );
  });
});

describe('progress', () => {
  test.each([
    ['Fra:1 Mem:9.41M (Peak 10.15M) | Time:00:00.05 | Mem:1.2M, Peak:1.2M | Scene, View | Sample 5/20', 25],
    ['Fra:12 Mem:9M | Rendered 3/16 Tiles, Sample 2/4', 50],
    ['Fra:1 Mem:9.41M (Peak 10.15M) | Time:00:00.05 | Rendered 3/16 Tiles', 18.75],
    ['Fra:-3 Mem:9.41M | Compositing | Tile 30-30', null],
    ['Fra:1 Mem:9.41M | Sample 9/3', 100],
    ['Fra:1 Mem:9.41M | Sample 1/0', null],
    ['Sample 5/20', null],
    ['', null],
  ])('%s', (line, percent) => {
    expect(progressOf(line)).toBe(percent);
  });
});
