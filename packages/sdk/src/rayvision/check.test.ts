import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { newTaskInfo, silentLog } from '@croft/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FarmDouble, farmDouble, json, KEY, type SeenRequest } from '../testing/farm-double.ts';
import { RayvisionAPI } from './api.ts';
import type { Generation } from './api-paths.ts';
import { RayvisionCheck } from './check.ts';
import {
  HardwareConfigIdError,
  NotSupportCGSoftwareError,
  NotSupportHardwareCodeError,
  NotSupportPluginError,
} from './exceptions.ts';
import { matchHardware } from './hardware-match.ts';

const HARDWARE = {
  id: 301,
  model: '28C',
  ram: '64GB',
  gpuNum: null,
  platform: 2,
  status: 1,
  notSupportCgId: [],
  notSupportCode: [],
  notSupportCgVersions: [],
  notSupportPluginList: [],
};
const WANTED = { model: '28C', ram: '64GB' };
const NEEDS = { platform: 2, cgId: 2000, cgVersion: '2019', plugins: { mtoa: '3.2.1' }, tipCodes: ['10012'] };

describe('matchHardware', () => {
  it('gives all that match, the model by name, by list or any', () => {
    const offered = [HARDWARE, { ...HARDWARE, id: 302, model: '1080Ti' }, { ...HARDWARE, id: 303 }];
    expect(matchHardware(offered, WANTED, NEEDS)).toEqual(['301', '303']);
    expect(matchHardware(offered, { ...WANTED, model: ['1080Ti'] }, NEEDS)).toEqual(['302']);
    expect(matchHardware(offered, { ...WANTED, model: 'Default' }, NEEDS)).toEqual(['301', '302', '303']);
  });

  it.each([
    ['disabled', { status: 0 }],
    ['of another platform', { platform: 6 }],
    ['of another memory', { ram: '128GB' }],
    ['with graphics cards', { gpuNum: '2*GPU' }],
  ])('takes none that is %s, and says what there is', (_name, changes) => {
    const offered = [
      { ...HARDWARE, ...changes },
      { ...HARDWARE, model: 'Other' },
    ];
    expect(() => matchHardware(offered, WANTED, NEEDS)).toThrow(HardwareConfigIdError);
    expect(() => matchHardware(offered, WANTED, NEEDS)).toThrow(/Other 64GB/);
  });

  it.each([
    ['the app, as a number', { notSupportCgId: [2000] }, NotSupportCGSoftwareError, 1_000_000],
    ['the app, as text', { notSupportCgId: ['2000'] }, NotSupportCGSoftwareError, 1_000_000],
    ['a tip', { notSupportCode: ['10012'] }, NotSupportHardwareCodeError, 1_000_000],
    [
      'the version',
      { notSupportCgVersions: [{ cgId: 2000, cgVersionName: '2019' }] },
      HardwareConfigIdError,
      1_000_001,
    ],
    ['a plug-in', { notSupportPluginList: ['MTOA 3\\.2'] }, NotSupportPluginError, 1_000_000],
    [
      'a plug-in by a broken pattern',
      { notSupportPluginList: ['mtoa 3.2.1', '('] },
      NotSupportPluginError,
      1_000_000,
    ],
  ])('refuses hardware that cannot run %s', (_name, changes, type, errorCode) => {
    const run = () => matchHardware([{ ...HARDWARE, ...changes }], WANTED, NEEDS);
    expect(run).toThrow(type);
    expect(run).toThrow(expect.objectContaining({ errorCode }));
  });

  it('takes hardware whose refusals are about others, or absent', () => {
    const others = {
      notSupportCgId: ['2001'],
      notSupportCode: ['15000'],
      notSupportCgVersions: null,
      notSupportPluginList: undefined,
    };
    expect(matchHardware([{ ...HARDWARE, ...others }], WANTED, NEEDS)).toEqual(['301']);
  });
});

describe('RayvisionCheck', () => {
  let folder: string;
  let farm: FarmDouble;
  let tipType: number;
  const answers: Record<string, (request: SeenRequest) => unknown> = {
    querySoftwareDetail: () => ({ cgVersion: [{ id: 23, cgVersion: '2019' }] }),
    list: (request) =>
      request.target.includes('hardware')
        ? [HARDWARE]
        : { projectNameList: [{ projectId: 9, projectName: 'P' }] },
    getLabelList: () => ({ projectNameList: [{ projectId: 9, projectName: 'P' }] }),
    createTask: () => ({ taskIdList: [19097] }),
    queryUserProfile: () => ({ userId: 5 }),
    queryAnalyseErrorDetail: (request) => [
      { code: JSON.parse(request.body).code, type: tipType, desDescriptionCn: 'a map is missing' },
    ],
    queryErrorDetail: () => [],
    task: () => null,
    taskJsonFile: () => null,
  };

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'croft-check-'));
    tipType = 0;
    farm = await farmDouble();
    farm.answer((request, response) => {
      const name = request.target.split('/').at(-1) ?? '';
      json({ code: 200, data: answers[name]?.(request) ?? null })(request, response);
    });
  });
  afterEach(async () => {
    rmSync(folder, { recursive: true, force: true });
    await farm[Symbol.asyncDispose]();
  });

  const at = (name: string) => path.join(folder, name);
  const read = (name: string) => JSON.parse(readFileSync(at(name), 'utf8'));
  const connected = (generation: Generation = 2) =>
    new RayvisionAPI({
      ...KEY,
      domain: new URL(farm.connection.url).host,
      protocol: 'http',
      platform: '2',
      generation,
      logger: silentLog,
    });
  const task = (info: object = {}, version = '2019') => ({
    task_info: { ...newTaskInfo(), cg_id: '2000', platform: '2', tiles: 2, project_name: 'P', ...info },
    software_config: { cg_name: 'Maya', cg_version: version, plugins: {} },
    scene_info: { layer: { frames: '1-10[1]' } },
    scene_info_render: {},
  });
  function writeTask(content: object): string {
    writeFileSync(at('task.json'), JSON.stringify(content));
    return at('task.json');
  }
  const called = () => farm.seen.map(({ target }) => target.replace('/api/render/', ''));

  it('completes the files and gives the id of the task', async () => {
    writeFileSync(at('tips.json'), JSON.stringify({ '10012': ['wood.png'] }));
    const check = new RayvisionCheck(connected());
    const taskId = await check.execute({ taskJson: writeTask(task()), hardwareConfig: WANTED });
    expect(taskId).toBe(19097);
    expect(read('task.json').task_info).toMatchObject({
      task_id: '19097',
      user_id: '5',
      project_id: '9',
      tiles: '2',
      hardwareConfigIds: ['301'],
      hardwareConfigId: '301',
      ram: '64',
      graphics_cards_num: '2',
    });
    expect(read('task.json').scene_info_render).toEqual(read('task.json').scene_info);
    expect(check.taskInfo).toEqual(read('task.json'));
    expect(check.errorWarnInfoList).toMatchObject([{ code: '10012', details: ['wood.png'] }]);
    expect(check.errorsNumber).toBe(0);
    expect(called()).toEqual([
      'plugin/querySoftwareDetail',
      'hardwareConfig/list',
      'submit/queryAnalyseErrorDetail',
      'setUp/queryUserProfile',
      'project/list',
      'submit/createTask',
    ]);
  });

  it('keeps ids that are there', async () => {
    const full = task({ task_id: '77', user_id: '6', project_id: '3' });
    expect(await new RayvisionCheck(connected()).execute({ taskJson: writeTask(full) })).toBe(77);
    expect(called()).toEqual(['plugin/querySoftwareDetail']);
  });

  it('makes no task of a scene with errors, and says all of them', async () => {
    tipType = 1;
    writeFileSync(at('tips.json'), JSON.stringify({ '15006': [], '15019': ['vray'] }));
    const check = new RayvisionCheck(connected());
    await expect(check.execute({ taskJson: writeTask(task()) })).rejects.toMatchObject({
      errorCode: 1_000_000,
      error: 'the scene has 2 errors: 15006: a map is missing; 15019: a map is missing: vray',
    });
    expect(called()).not.toContain('submit/createTask');
    expect(check.errorsNumber).toBe(2);
  });

  it('makes no task where the farm lacks the version, and says what it has', async () => {
    const check = new RayvisionCheck(connected());
    await expect(check.execute({ taskJson: writeTask(task({}, '2025')) })).rejects.toThrow(/has 2019/);
    expect(called()).toEqual(['plugin/querySoftwareDetail']);
  });

  it('speaks the first generation without version and hardware', async () => {
    writeFileSync(at('tips.json'), JSON.stringify({ '10012': [] }));
    await new RayvisionCheck(connected(1)).execute({ taskJson: writeTask(task()) });
    expect(called()).toEqual([
      'common/queryErrorDetail',
      'user/queryUserProfile',
      'common/getLabelList',
      'task/createTask',
    ]);
  });

  it('takes an object and writes into the workspace, or a folder of its own', async () => {
    const check = new RayvisionCheck(connected(), undefined, folder);
    await check.execute({ taskJson: task(), uploadJson: { asset: [] }, assetJson: { asset: [] } });
    expect(read('task.json').task_info.task_id).toBe('19097');
    expect(read('upload.json')).toEqual({ asset: [] });
    await check.execute({ taskJson: task(), isCover: false });
    expect(path.dirname(path.dirname(check.paths.taskJson))).toBe(folder);
    await expect(
      new RayvisionCheck(connected(), undefined, at('nosuch')).execute({ taskJson: task() }),
    ).rejects.toMatchObject({ errorCode: 1_000_004 });
  });

  it('submits by data: check, configuration, submit', async () => {
    const hardwareConfig = WANTED;
    expect(await connected().submitByData(writeTask(task()), { hardwareConfig })).toBe(19097);
    expect(called().slice(-3)).toEqual(['submit/createTask', 'submit/taskJsonFile', 'submit/task']);
    const sent = JSON.parse(farm.seen.at(-2)?.body ?? '');
    expect(JSON.parse(sent.content)).toEqual(read('task.json'));
  });

  it('asks about the tips of an analysis alone, and knows its parts by themselves', async () => {
    tipType = 1;
    const files = { taskJson: at('t'), tipsJson: at('i'), assetJson: at('a'), uploadJson: at('u') };
    const check = new RayvisionCheck(connected(), { ...files, tipsInfo: { '15000': ['stuck'] } });
    expect(await check.checkErrorWarnInfo('1')).toMatchObject([{ code: '15000', details: ['stuck'] }]);
    expect(() => check.isSceneHaveError()).toThrow('15000: a map is missing: stuck');
    expect(await check.checkAnalyze({ taskJson: {} })).toEqual(files);
    expect(await check.checkWorkspace(folder)).toBe(folder);
    expect(await check.getJsonInfo({ a: 1 })).toEqual({ a: 1 });
    expect(() => check.paths).toThrow('nothing was checked yet');
  });

  it.each([
    ['without task_info', {}],
    ['with an id that is no number', task({ task_id: 'seven' })],
  ])('refuses a task.json %s', async (_name, content) => {
    const check = new RayvisionCheck(connected());
    await expect(check.execute({ taskJson: writeTask(content) })).rejects.toMatchObject({ errorCode: 2000 });
  });
});
