import { countFrames, formatFrames, parseFrames, TASK_INFO } from '@croft/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runsOf, testFramesOf, without } from './frame-sets.ts';
import { plan } from './plan.ts';
import { readSettings } from './settings.ts';

const taskFile = (info: object = {}, common: object = {}) => ({
  task_info: { ...TASK_INFO, input_cg_file: '/home/u/shot.blend', cg_id: '2007', ...info },
  software_config: { cg_name: 'Blender', cg_version: '3.4', plugins: {} },
  scene_info: { common: { frames: '1-10[1]', camera_name: 'Camera', engine: 'CYCLES', ...common } },
  scene_info_render: {},
});
const planned = (info?: object, common?: object) => plan({ taskId: 1, taskFile: taskFile(info, common) });
const codeOf = (info: object, common: object = {}) => {
  try {
    planned(info, common);
    return 'fine';
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

describe('a plan', () => {
  test('has one main segment', () => {
    expect(planned()).toMatchObject({
      appVersion: '3.4',
      scenePath: '/home/u/shot.blend',
      framesRange: '1-10[1]',
      needs: ['cycles'],
      segments: [
        { stage: 'main', frameType: 5, framesPerUnit: 1, tiles: 1, oneAttempt: false, pauseAfter: false },
      ],
    });
  });

  test('makes a child of each layer where the task renders by layers', () => {
    const layered = { enable_layered: '1', pre_frames: '100' };
    const { segments, children } = planned(layered, { view_layers: ['Front', 'Back'] });
    expect(segments).toEqual([]);
    expect(children).toMatchObject([
      { layerName: 'Front', taskType: 'Render', after: null, framesRange: '1-10[1]', needs: ['cycles'] },
      { layerName: 'Back', settings: { viewLayers: ['Back'] } },
    ]);
    expect(children![0]!.segments.map(({ stage }) => stage)).toEqual(['priority', 'main']);
    const listed = planned(layered, {
      view_layers: ['Front', 'Back'],
      layers: [
        { name: 'Back', frames: '3-4[1]', camera: 'Side' },
        { name: 'Front', renderable: '0' },
      ],
    });
    expect(listed.children).toMatchObject([
      { layerName: 'Back', framesRange: '3-4[1]', camera: 'Side', settings: { camera: 'Side' } },
    ]);
    expect(planned({ enable_layered: '0' }, { view_layers: ['Front'] }).children).toBeUndefined();
    // As rayvision_api's own default has it, with an analysis that knows no layers.
    expect(planned({ enable_layered: '1' }).children).toBeUndefined();
    expect(codeOf(layered, { view_layers: [] })).toBe('DCC_LAYERS_INVALID');
    expect(codeOf(layered, { layers: [{ frames: '1' }] })).toBe('DCC_LAYERS_INVALID');
  });

  test('takes the scene path of Windows', () => {
    expect(planned({ input_cg_file: 'D:\\work\\shot.blend' }).scenePath).toBe('/D/work/shot.blend');
  });

  test('renders test frames first and leaves them out of the rest', () => {
    const { segments } = planned({ pre_frames: '101:3-4[1]', stop_after_test: '1', frames_per_task: '2' });
    expect(
      segments.map(({ stage, runs, pauseAfter, framesPerUnit }) => [
        stage,
        formatFrames(runs),
        pauseAfter,
        framesPerUnit,
      ]),
    ).toEqual([
      ['priority', '1,3-4[1],10', true, 1],
      ['main', '2,5-9[1]', false, 2],
    ]);
  });

  test('keeps an unbaked simulation in one attempt from its start', () => {
    const { segments, settings } = planned(
      {},
      { unbaked_simulation: '1', frame_start: '1', frames: '5-10[1]' },
    );
    expect(segments).toMatchObject([{ oneAttempt: true }]);
    expect(readSettings(settings)).toMatchObject({ mode: 'batch', stepFrom: 1 });
  });

  test('renders a movie as pictures', () => {
    expect(readSettings(planned({}, { Render_Format: 'FFMPEG' }).settings)).toMatchObject({
      format: 'FFMPEG',
      formatOverride: 'PNG',
      mode: 'session',
    });
  });

  test('prefers what the user wants over what the scene has', () => {
    const file = { ...taskFile(), scene_info_render: { common: { frames: '7', camera_name: 'Camera' } } };
    expect(plan({ taskId: 1, taskFile: file }).framesRange).toBe('7');
  });

  test.each([
    [{}, { camera_name: 'None' }, 'DCC_NO_CAMERA'],
    [{}, { camera_name: 'None', sequencer: '1' }, 'fine'],
    [{}, { frames: '5-1' }, 'FRAMES_INVALID'],
    [{}, { frames: '' }, 'FRAMES_INVALID'],
    [{}, { Render_Format: 'GIF' }, 'DCC_SETTING_INVALID'],
    [{ tiles: '4' }, {}, 'DCC_SETTING_UNSUPPORTED'],
    [{ pre_frames: '12' }, {}, 'DCC_FRAMES_INVALID'],
    [{ frames_per_task: '0' }, {}, 'DCC_SETTING_INVALID'],
    [{ frames_per_task: 'many' }, {}, 'DCC_SETTING_INVALID'],
    [{ input_cg_file: '/../../etc/passwd.blend' }, {}, 'fine'],
    [{ input_cg_file: '' }, {}, 'DCC_SETTING_INVALID'],
    [{}, { width: '0' }, 'DCC_SETTING_INVALID'],
  ])('judges %j %j: %s', (info, common, code) => {
    expect(codeOf(info, common)).toBe(code);
  });
});

describe('sets of frames', () => {
  const run = fc
    .tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 7 }))
    .map(([first, length, step]) => parseFrames(`${first}-${first + length}[${step}]`));
  const flags = fc.constantFrom('000', '100', '010', '001', '111', '000:1,3-9[2]');
  const expand = (runs: ReturnType<typeof parseFrames>) =>
    runs.flatMap(({ first, last, step }) =>
      Array.from({ length: (last - first) / step + 1 }, (_, n) => first + n * step),
    );

  test('test frames and the rest are disjoint and make the whole', () => {
    fc.assert(
      fc.property(run, flags, (runs, preFrames) => {
        const tests = testFramesOf(preFrames, runs);
        const rest = expand(without(runs, tests));
        const whole = expand(runs);
        expect(rest).toEqual(whole.filter((frame) => !tests.includes(frame)));
      }),
    );
  });

  test('runs of frames hold exactly those frames', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: -100, max: 100 })), (frames) => {
        const sorted = [...frames].sort((a, b) => a - b);
        const runs = runsOf(sorted);
        expect(expand(runs)).toEqual(sorted);
        expect(countFrames(runs)).toBe(sorted.length);
      }),
    );
  });
});
