import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CroftError } from './croft-error.ts';
import { TASK_INFO } from './sdk-constants.ts';
import { assetPathOf, readTaskFile, TASK_FILE_NAMES, type TaskFileName } from './task-files.ts';

const bytesOf = (value: unknown) =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const readTask = (info: object, rest: object = {}) =>
  readTaskFile('task.json', bytesOf({ task_info: info, ...rest }));

function refusal(name: TaskFileName, content: unknown): string {
  try {
    readTaskFile(name, bytesOf(content));
  } catch (thrown) {
    if (thrown instanceof CroftError) return `${thrown.code}: ${thrown.message}`;
    throw thrown;
  }
  return 'accepted';
}

describe('task.json', () => {
  it('fills what is missing with the defaults of the SDK', () => {
    expect(readTask({})).toEqual({
      task_info: { ...TASK_INFO, hardwareConfigIds: [] },
      software_config: { cg_name: '', cg_version: '', plugins: {} },
      scene_info: {},
      scene_info_render: {},
    });
  });

  it('takes ids as numbers, as text, beyond 2^53, as booleans and as null', () => {
    const bytes = bytesOf(
      '{"task_info": {"task_id": 19097, "user_id": "10001136", "project_id": 12345678901234567890, "tiles": null, "is_picture": true}}',
    );
    expect(readTaskFile('task.json', bytes).task_info).toMatchObject({
      task_id: '19097',
      user_id: '10001136',
      project_id: '12345678901234567890',
      tiles: '',
      is_picture: '1',
    });
  });

  it.each([
    [{ hardwareConfigId: '12' }, ['12']],
    [{ hardwareConfigId: 12 }, ['12']],
    [{ hardwareConfigIds: ['12', 13] }, ['12', '13']],
    [{ hardwareConfigIds: '14', hardwareConfigId: '12' }, ['14']],
    [{ hardwareConfigIds: [], hardwareConfigId: '12' }, ['12']],
    [{ hardwareConfigIds: null }, []],
    [{}, []],
  ])('hardware of %j', (info, ids) => expect(readTask(info).task_info.hardwareConfigIds).toEqual(ids));

  it('keeps keys that nobody here knows', () => {
    const task = readTask(
      { concurrent_tasks: 3, own: { a: [1] } },
      { layers: ['l'], additional_info: { note: '中' } },
    );
    expect(task.task_info).toMatchObject({ concurrent_tasks: 3, own: { a: [1] } });
    expect(task).toMatchObject({ layers: ['l'], additional_info: { note: '中' } });
  });

  it('takes null plug-ins and versions as numbers', () => {
    const software = (software_config: object) => readTask({}, { software_config }).software_config;
    expect(software({ cg_name: 'Clarisse', cg_version: 5, plugins: null })).toEqual({
      cg_name: 'Clarisse',
      cg_version: '5',
      plugins: {},
    });
    expect(software({ plugins: { mtoa: '3.1.2', vray: 4.1 } }).plugins).toEqual({
      mtoa: '3.1.2',
      vray: '4.1',
    });
  });

  it.each([
    ['', /task.json: the JSON is wrong at character 0/],
    ['[]', /task.json is wrong: /],
    ['{}', /at task_info/],
    [{ task_info: [] }, /at task_info/],
    [{ task_info: { ram: {} } }, /at task_info.ram/],
    [{ task_info: { ram: 'x'.repeat(70_000) } }, /at task_info.ram/],
    [{ task_info: {}, scene_info_render: 'all' }, /at scene_info_render/],
    ['\ufeff{"task_info": {}}', /byte order mark/],
    [`{"task_info": {"a": ${'['.repeat(100)}`, /64 deep/],
  ])('refuses %.60j', (content, reason) => expect(refusal('task.json', content)).toMatch(reason));

  it('is not moved by __proto__', () => {
    const task = readTaskFile(
      'task.json',
      bytesOf('{"task_info": {"__proto__": {"ram": "1"}}, "__proto__": {"own": 1}}'),
    );
    expect(task.task_info.ram).toBe('64');
    expect('own' in task).toBe(false);
  });
});

describe('asset.json, upload.json and tips.json', () => {
  it('take what analyses write', () => {
    expect(
      readTaskFile('asset.json', bytesOf({ asset: ['D:/a.png  (mtime Mon) size 5'], asset_num: 1 })),
    ).toEqual({
      asset: ['D:/a.png  (mtime Mon) size 5'],
      asset_num: 1,
    });
    const upload = {
      scene: [{ local: 'D:/a.blend', server: '/D/a.blend', hash: 'd41d8cd98f00b204e9800998ecf8427e' }],
      asset: [{ local: 'D:/a.blend', server: '/D/a.blend', extra: 1 }],
    };
    expect(readTaskFile('upload.json', bytesOf(upload))).toEqual(upload);
    expect(readTaskFile('upload.json', bytesOf({ asset: null }))).toEqual({ asset: [] });
    expect(
      readTaskFile('tips.json', bytesOf({ 10012: ['a', 5], 15006: 'no camera', todo: '', 999: null })),
    ).toEqual({
      999: [],
      10012: ['a', '5'],
      15006: ['no camera'],
      todo: [],
    });
    expect(readTaskFile('tips.json', bytesOf({}))).toEqual({});
  });

  it.each<[TaskFileName, unknown, RegExp]>([
    ['upload.json', { asset: [{ local: '/a' }] }, /at asset.0.server/],
    ['upload.json', { asset: [{ local: '', server: 'a' }] }, /at asset.0.local/],
    ['upload.json', { asset: 'a' }, /at asset/],
    ['asset.json', { asset: [5] }, /at asset.0/],
    ['tips.json', [], /tips.json is wrong/],
    ['tips.json', { 10012: {} }, /at 10012/],
  ])('refuse in %s %j', (name, content, reason) => expect(refusal(name, content)).toMatch(reason));

  it('name the path of an asset line', () => {
    expect(assetPathOf('/a b/c.png  (mtime Mon Jan 1) size 5')).toBe('/a b/c.png');
    expect(assetPathOf('D:/u.uasset (mtime x) size 5')).toBe('D:/u.uasset');
    expect(assetPathOf('/plain.png')).toBe('/plain.png');
  });
});

describe('all four files', () => {
  const scalar = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
  );
  const info = fc.dictionary(
    fc.constantFrom(...Object.keys(TASK_INFO), 'test_frames', 'hardwareConfigIds'),
    scalar,
  );
  const text = fc.string({ minLength: 1, unit: 'grapheme' });
  const contents: Record<TaskFileName, fc.Arbitrary<unknown>> = {
    'task.json': fc.record({
      task_info: info,
      scene_info: fc.dictionary(text, fc.jsonValue()),
      more: fc.jsonValue(),
    }),
    'asset.json': fc.record({ asset: fc.array(text) }),
    'upload.json': fc.record({ asset: fc.array(fc.record({ local: text, server: text, note: scalar })) }),
    'tips.json': fc.dictionary(text, fc.oneof(scalar, fc.array(scalar))),
  };

  it.each(TASK_FILE_NAMES)('%s comes out so that it goes in again unchanged', (name) => {
    fc.assert(
      fc.property(contents[name], (content) => {
        const once = readTaskFile(name, bytesOf(content));
        expect(readTaskFile(name, bytesOf(once))).toEqual(once);
      }),
      { numRuns: 300 },
    );
  });

  it('answer any JSON with a result or with a sentence', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TASK_FILE_NAMES), fc.json({ stringUnit: 'binary' }), (name, json) => {
        expect(refusal(name, json)).toMatch(/^accepted$|^TASK_FILE_INVALID: /);
      }),
    );
  });
});
