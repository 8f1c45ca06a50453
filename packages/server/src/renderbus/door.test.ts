import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, aFrame, aNode, aTask, OTHER_TASK, OUTPUT_BID } from '../testing/farm-double.ts';
import { type Envelope, signedCall, startTestServer, type TestServer } from '../testing/test-server.ts';
import { loadEndpoints } from './registry.ts';

const PROFILE = '/api/render/setUp/queryUserProfile';
const ENVELOPE_KEYS = ['version', 'result', 'message', 'code', 'serverTime', 'data', 'requestId'];

let test: TestServer;
beforeAll(async () => {
  test = await startTestServer();
  test.farm.tasks.push(aTask());
  test.farm.frames.push(aFrame(), aFrame({ id: 4098, frame: '2', frameIndex: '2', thumbnail: '/files/abc' }));
  test.farm.nodes.push(aNode());
});
afterAll(() => test.close());

/** Sends without signing and expects an envelope all the same. */
async function raw(path: string, init: RequestInit): Promise<Envelope> {
  const response = await fetch(`${test.server.url}${path}`, { redirect: 'manual', ...init });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  const envelope = (await response.json()) as Envelope;
  expect(Object.keys(envelope)).toEqual(expect.arrayContaining(ENVELOPE_KEYS));
  return envelope;
}

describe('authentication', () => {
  it('lets a well signed call in, once', async () => {
    const options = { nonce: '123456', timestampSeconds: Math.floor(Date.now() / 1000) };
    const first = await test.call(PROFILE, {}, options);
    expect(first).toMatchObject({ code: 200, result: true, message: 'success', version: '2.0.0' });
    expect(first.data).toMatchObject({ userId: ACCOUNT.accountId, userName: 'ada', shareMainCapital: 0 });
    expect(await test.call(PROFILE, {}, options)).toMatchObject({
      code: 603,
      message: 'illegal_protocol',
      data: null,
    });
  });

  it('lets other calls in that drew the same nonce in the same second', async () => {
    const options = { nonce: '123458', timestampSeconds: Math.floor(Date.now() / 1000) };
    const path = '/api/render/handle/stopTask';
    for (const taskIds of [[19097], [19098]])
      expect((await test.call(path, { taskIds }, options)).code).not.toBe(603);
    expect((await test.call(PROFILE, {}, options)).code).toBe(200);
    expect((await test.call(PROFILE, { a: 1 }, options)).code).toBe(200);
  });

  it('refuses a repeated mutating call before it changes anything', async () => {
    const options = { nonce: '123457', timestampSeconds: Math.floor(Date.now() / 1000) };
    const path = '/api/render/handle/stopTask';
    expect((await test.call(path, { taskIds: [19097] }, options)).code).toBe(200);
    const before = test.farm.heard.length;
    expect((await test.call(path, { taskIds: [19097] }, options)).code).toBe(603);
    expect(test.farm.heard.length).toBe(before);
  });

  it.each(['accessId', 'UTCTimestamp', 'nonce', 'signature'])('answers 601 without %s', async (name) => {
    expect(await test.call(PROFILE, {}, { without: [name] })).toMatchObject({
      code: 601,
      message: 'parameter_cant_be_empty',
    });
  });

  it('answers 610 outside the window and 200 at its edges', async () => {
    const now = Math.floor(Date.now() / 1000);
    expect((await test.call(PROFILE, {}, { timestampSeconds: now - 16 * 60 })).code).toBe(610);
    expect((await test.call(PROFILE, {}, { timestampSeconds: now + 16 * 60 })).code).toBe(610);
    expect((await test.call(PROFILE, {}, { timestampSeconds: now - 14 * 60 })).code).toBe(200);
    expect((await test.call(PROFILE, {}, { timestampSeconds: now + 14 * 60 })).code).toBe(200);
  });

  it('answers 611 to an unknown key, a wrong secret and a changed body', async () => {
    expect((await test.call(PROFILE, {}, { accessId: 'AKother' })).code).toBe(611);
    expect((await test.call(PROFILE, {}, { secret: 'wrong' })).code).toBe(611);
    const path = '/api/render/handle/deleteTask';
    expect((await test.call(path, { taskIds: [1] }, { bodyText: '{"taskIds": [2]}' })).code).toBe(611);
  });

  it('answers 603 to a time that is no number', async () => {
    expect((await test.call(PROFILE, {}, { headers: { UTCTimestamp: 'soon' } })).code).toBe(603);
  });

  it('takes the host in the spelling the client was configured with', async () => {
    expect((await test.call(PROFILE, {}, { domain: '127.0.0.1' })).code).toBe(200);
    expect((await test.call(PROFILE, {}, { domain: 'evil.example' })).code).toBe(611);
  });
});

describe('whatever comes, the answer is an envelope', () => {
  it('unknown routes, with and without a slash at the end', async () => {
    for (const path of ['/api/render/nothing', `${PROFILE}/`, '/api/rendering/x', PROFILE.toLowerCase()]) {
      expect(await test.call(path)).toMatchObject({ code: 404, message: 'resource_not_found', data: null });
    }
  });

  it.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'])('method %s', async (method) => {
    expect((await raw(PROFILE, { method })).code).toBe(603);
  });

  it('malformed JSON, arrays, deep nesting, wrong encodings, nothing at all', async () => {
    const bodies = ['{', '{"a":}', '"text"', '[1]', '\ufeff{}', `${'['.repeat(5000)}${']'.repeat(5000)}`];
    for (const bodyText of bodies) expect((await test.call(PROFILE, {}, { bodyText })).code).toBe(603);
    const { headers } = signedCall(`127.0.0.1:${test.server.port}`, PROFILE, {});
    const invalid = await raw(PROFILE, { method: 'POST', headers, body: new Uint8Array([0x7b, 0xff, 0x7d]) });
    expect(invalid.code).toBe(603);
    expect((await test.call(PROFILE, {}, { bodyText: '' })).code).toBe(200);
  });

  it('a body of very many small values', async () => {
    const ids = Array.from({ length: 50_000 }, (_, index) => index);
    expect((await test.call(PROFILE, { ids })).code).toBe(603);
  });

  it('a body that is too long', async () => {
    expect((await test.call(PROFILE, {}, { bodyText: `{"a":"${'x'.repeat(2_000_000)}"}` })).code).toBe(603);
  });

  it('a broken path', async () => {
    expect((await raw('/api/render/%zz', { method: 'POST' })).code).toBe(404);
  });

  it('a crash, which is logged and tells nothing', async () => {
    test.farm.fail.set('profile', new TypeError('secret insides'));
    const envelope = await test.call(PROFILE);
    expect(envelope).toMatchObject({ code: 500, message: 'internal_error', data: null });
    expect(JSON.stringify(envelope)).not.toContain('secret');
    expect(test.errors).toContain('a Renderbus call failed');
  });
});

describe('fields', () => {
  const STOP = '/api/render/task/stopTask';
  it('missing is 601, wrong is 600, unknown is 404, foreign is 605', async () => {
    expect((await test.call(STOP, {})).code).toBe(601);
    expect((await test.call(STOP, { taskIds: [] })).code).toBe(601);
    expect((await test.call(STOP, { taskIds: null })).code).toBe(601);
    expect((await test.call(STOP, { taskIds: ['x'] })).code).toBe(600);
    expect((await test.call(STOP, { taskIds: { a: 1 } })).code).toBe(600);
    expect((await test.call(STOP, { taskIds: [1.5] })).code).toBe(600);
    expect((await test.call(STOP, { taskIds: [5] })).code).toBe(404);
    expect((await test.call(STOP, { taskIds: [OTHER_TASK] })).code).toBe(605);
    expect((await test.call('/api/render/project/add', { newName: '' })).code).toBe(601);
  });

  it('numbers may be text, lists may be one value, unknown keys are ignored, taskParam is taskIds', async () => {
    for (const body of [{ taskIds: ['19097'] }, { taskIds: 19097 }, { taskParam: [19097], more: true }]) {
      expect((await test.call(STOP, body)).code).toBe(200);
      expect(test.farm.heard.at(-1)).toEqual({ name: 'stopTasks', args: [ACCOUNT.accountId, [19097]] });
    }
  });

  it('user level takes 50 and 60 only', async () => {
    const path = '/api/rendering/task/renderingTask/updateTaskUserLevel';
    expect((await test.call(path, { taskId: 19097, taskUserLevel: 60 })).code).toBe(200);
    for (const taskUserLevel of [20, -20, 120, 500]) {
      expect((await test.call(path, { taskId: 19097, taskUserLevel })).code).toBe(600);
    }
  });
});

describe('frames are chosen in five shapes', () => {
  const path = '/api/render/handle/recommitTaskFrames';
  it.each([
    [{ taskId: 19097, selectAll: 1 }, [[19097], undefined, undefined]],
    [{ taskId: 19097, selectAll: 1, status: [5] }, [[19097], undefined, [5]]],
    [{ taskId: 19097, ids: [4097], selectAll: 0 }, [[19097], [4097], undefined]],
    [{ ids: [4097], selectAll: 0 }, [null, [4097], undefined]],
    [{ taskIds: 19097, selectAll: 1, ids: [] }, [[19097], undefined, undefined]],
    [{ taskIds: [19097], selectAll: '0', ids: ['4097'] }, [[19097], [4097], undefined]],
  ])('%j', async (body, expected) => {
    expect((await test.call(path, body)).code).toBe(200);
    expect(test.farm.heard.at(-1)).toEqual({ name: 'restartFrames', args: [ACCOUNT.accountId, ...expected] });
  });

  it('refuses a choice of nothing', async () => {
    expect((await test.call(path, { selectAll: 0, taskId: 19097 })).code).toBe(601);
    expect((await test.call(path, { selectAll: 1 })).code).toBe(601);
  });
});

const ENV = {
  cgId: '2007',
  cgName: 'Blender',
  cgVersion: '3.4',
  editName: 'film',
  renderSystem: '0',
  pluginIds: ['1652'],
};

describe('both generations of every path', () => {
  const bodies: Record<string, unknown> = {
    queryPlatforms: { zone: 2 },
    updateUserSetting: { taskOverTimeSec: 3600 },
    querySoftwareDetail: { cgId: 2007, osName: 'linux' },
    hardwareConfigList: { cloneTask: 'false' },
    editTaskHardwareConfig: {
      taskIds: ['19097'],
      hardwareConfigId: '301',
      model: '28C',
      gpuNum: '',
      ram: '64GB',
    },
    addUserPluginConfig: ENV,
    editUserPluginConfig: ENV,
    deleteUserPluginConfig: { editName: 'film' },
    setDefaultUserPluginConfig: { editName: 'film' },
    createTask: { count: 1, taskUserLevel: 50, labels: ['a'] },
    addProject: { newName: 'P', status: '0' },
    deleteProject: { delName: 'P' },
    projectList: { flag: 2 },
    queryAnalyseErrorDetail: { code: '10012', language: '1' },
    taskJsonFile: { taskId: 19097, fileName: 'task.json', content: '{}' },
    submitTask: { taskId: 19097, assetIsolationModel: 'out_user_model', outUserId: '12345' },
    addTaskLabel: { label: 'night', taskIds: [19097] },
    deleteTaskLabel: { labelIds: [3] },
    operateUserLabel: { taskId: 19097, status: 0, type: 1, newName: 'night' },
    setTaskOverTimeStop: { taskIds: [19097], overTime: 0.5 },
    updateTaskLimit: { taskId: 19097, taskLimit: 3 },
    recommitTasks: { taskIds: [19097] },
    recommitTaskFrames: { taskId: 19097, selectAll: 1 },
    stopTaskFrames: { taskId: 19097, selectAll: 1 },
    updateTaskUserLevel: { taskId: 19097, taskUserLevel: 50 },
    queryTaskFrames: { taskId: 19097, pageNum: 1, pageSize: 10 },
    showLog: { id: 4097, pageNum: 1, pageSize: 1, renderingType: 'render' },
    loadTaskProcessImg: { taskId: 19097, frameType: 5 },
    loadingFrameThumbnail: { id: 4097, frameStatus: 4 },
    getOutputUserDirFile: { treePath: '/' },
  };
  it('answers each with success', async () => {
    const endpoints = await loadEndpoints();
    expect(endpoints.size).toBeGreaterThan(60);
    for (const [path, { name }] of endpoints) {
      const envelope = await test.call(path, bodies[name] ?? { taskIds: [19097] });
      expect(envelope, path).toMatchObject({ code: 200, result: true, message: 'success' });
      expect(Object.keys(envelope)).toEqual(ENVELOPE_KEYS);
      expect(envelope.data, path).not.toBeUndefined();
      expect(envelope.requestId).toMatch(/^[A-Za-z0-9]{6}-Q3JvZnQ-\d{13}$/);
    }
  });
});

describe('what the SDK reads', () => {
  it('task info', async () => {
    const { data } = await test.call('/api/render/handle/queryTaskInfo/v2', { taskIds: [19097] });
    expect(data).toMatchObject({ pageCount: 1, pageNum: 1, total: 1, size: 100 });
    expect(data.items[0]).toMatchObject({
      id: 19097,
      taskStatus: 5,
      statusText: 'render_task_status_5',
      isOpen: 0,
      outputFileName: '19097_cube',
      respRenderingTaskList: [],
      userId: ACCOUNT.accountId,
      bid: OUTPUT_BID,
      renderDuration: 61,
      isDelete: 1,
      renderConsume: 0,
    });
  });

  it('never a status that would end its download loop', async () => {
    test.farm.tasks.push(aTask({ id: 20001, status: 70 }), aTask({ id: 20002, status: 50 }));
    const { data } = await test.call('/api/render/handle/queryTaskInfo', { taskIds: [20001, 20002] });
    expect(data.items.map((item: { taskStatus: number }) => item.taskStatus)).toEqual([30, 0]);
    test.farm.tasks.splice(1);
  });

  it('bids and the engine Aspera with this server as its default line', async () => {
    const bids = (await test.call('/api/render/transfer/getBid')).data;
    expect(bids.output_bid).toBe(OUTPUT_BID);
    const { data } = await test.call('/api/render/transfer/getConfig');
    const aspera = data.resqEngines.find((engine: { engineName: string }) => engine.engineName === 'Aspera');
    expect(aspera.respTaskEngineLines).toEqual([
      expect.objectContaining({ server: '127.0.0.1', port: String(test.server.port), isDefault: 1 }),
    ]);
  });

  it('software in the spelling of scenes, hardware with all its keys', async () => {
    const software = (await test.call('/api/render/plugin/querySoftwareDetail', { cgId: '2007' })).data;
    expect(software.cgVersion.map((row: { cgVersion: string }) => row.cgVersion)).toEqual(['3.4', '3.4.1']);
    for (const row of software.cgVersion) expect(row.id).toBeGreaterThan(0);
    expect(software.cgPlugin).toEqual([
      {
        cvId: expect.any(Number),
        pluginName: 'zblur',
        pluginVersions: [{ pluginId: 1652, pluginName: 'zblur', pluginVersion: 'zblur 2.02.019' }],
      },
    ]);
    const { renderInfoList } = (await test.call('/api/render/plugin/querySoftwareList')).data;
    expect(renderInfoList).toMatchObject([{ cgId: 2007, cgType: 'blend', isSupportLinux: 1 }]);
    const icon = await fetch(test.server.url + renderInfoList[0].iconPath);
    expect([icon.status, icon.headers.get('content-type')]).toEqual([200, 'image/svg+xml; charset=utf-8']);
    expect(await icon.text()).toMatch(/^<svg .*<\/svg>$/);
    const hardware = (await test.call('/api/render/hardwareConfig/list', { cloneTask: 'false' })).data;
    const match = hardware.find((row: Record<string, unknown>) => row.platform === 2 && row.ram === '64GB');
    expect(match).toMatchObject({
      status: 1,
      model: 'Default',
      gpuNum: null,
      notSupportCgId: [],
      notSupportCode: [],
      notSupportPluginList: [],
      notSupportCgVersions: [],
    });
    const ofTask = await test.call('/api/render/hardwareConfig/list', {
      taskIds: ['19097'],
      cloneTask: 'false',
    });
    expect([match.current, ofTask.data[0].current]).toEqual([false, true]);
    expect((await test.call('/api/render/hardwareConfig/list', { taskIds: [OTHER_TASK] })).code).toBe(605);
  });

  it('hardware is edited by every form of the call; ids win over words', async () => {
    const path = '/api/render/handle/editTaskHardwareConfig';
    const words = { model: '28C', ram: '64GB', gpuNum: '2*GPU' };
    for (const [form, edit] of [
      [
        { hardwareConfigIds: ['301', '302'], ...words, gpuNum: '' },
        { ids: [301, 302], model: '28C', ramGb: 64 },
      ],
      [{ hardwareConfigId: 301 }, { ids: [301] }],
      [{ hardwareConfigId: ['301'] }, { ids: [301] }],
      [words, { ids: [], model: '28C', ramGb: 64, gpus: 2 }],
    ] as const) {
      expect((await test.call(path, { taskIds: ['19097'], ...form })).code).toBe(200);
      expect(test.farm.heard.at(-1)).toEqual({
        name: 'editTaskHardware',
        args: [ACCOUNT.accountId, [19097], edit],
      });
    }
    expect((await test.call(path, { taskIds: [19097] })).code).toBe(601);
    expect((await test.call(path, { hardwareConfigIds: [301] })).code).toBe(601);
    expect((await test.call(path, { taskIds: [19097], ...words, ram: 'much' })).code).toBe(600);
  });

  it('render environments as both generations list them', async () => {
    const expected = {
      cgId: 2007,
      editName: 'film',
      cgName: 'Blender',
      cgVersion: '3.4',
      osName: 0,
      renderLayerType: 0,
      isDefault: 1,
      projectPath: '',
      isMainUserId: 1,
      respUserPluginInfoVos: [{ pluginId: 1652, pluginName: 'zblur', pluginVersion: 'zblur 2.02.019' }],
    };
    const path = '/api/render/plugin/getUserPluginConfig';
    for (const body of [{}, { cgId: '2007' }, { cgIds: ['2007', '2000'], osName: 1 }])
      expect((await test.call(path, body)).data).toEqual([expected]);
    expect((await test.call('/api/render/common/getRenderEnv', { cgId: 2000 })).data).toEqual([]);
    const added = await test.call('/api/render/common/addRenderEnv', { ...ENV, pluginIds: [] });
    expect(added.data).toEqual({ editName: 'film' });
    expect(test.farm.heard.at(-1)?.args[1]).toMatchObject({ cgId: 2007, osName: 0, pluginIds: [] });
    for (const missing of ['cgId', 'cgVersion', 'editName', 'renderSystem'])
      expect(
        (await test.call('/api/render/common/addRenderEnv', { ...ENV, [missing]: undefined })).code,
      ).toBe(601);
    expect((await test.call('/api/render/common/addRenderEnv', { ...ENV, renderSystem: 2 })).code).toBe(600);
  });

  it('platforms, whatever zone is asked for', async () => {
    for (const zone of [1, 2])
      expect((await test.call('/api/render/common/queryPlatforms', { zone })).data).toEqual([
        { platform: 2, name: 'query_platform_w2', type: 1, status: 3, taskPrefix: '2W', isShow: 1 },
      ]);
  });

  it('pages: the size asked for, and an empty page beyond the end', async () => {
    const path = '/api/render/handle/queryTaskFrames';
    const first = (await test.call(path, { taskId: 19097, pageNum: 1, pageSize: 1 })).data;
    expect(first).toMatchObject({ pageCount: 2, pageNum: 1, total: 2, size: 1 });
    expect(first.items[0]).toMatchObject({
      id: 4097,
      frameIndex: '1',
      frameStatusText: 'task_frame_status_4',
    });
    const beyond = await test.call(path, { taskId: 19097, pageNum: 9, pageSize: 1 });
    expect(beyond).toMatchObject({ code: 200, data: { items: [] } });
  });

  it('tips are a list with a type, also for codes nobody knows', async () => {
    const path = '/api/render/submit/queryAnalyseErrorDetail';
    expect((await test.call(path, { code: 15000, language: 0 })).data[0]).toMatchObject({
      type: 1,
      languageFlag: 0,
    });
    expect((await test.call(path, { code: '424242', language: '1' })).data[0].type).toBe(0);
  });

  it('a log in pages of 16 KiB', async () => {
    const outletLog = 'x'.repeat(16 * 1024 - 1);
    test.outlet.toNode('nobody', { type: 'drain' });
    const { createAttemptLogs } = await import('../node-link/attempt-logs.ts');
    const { silentLog, systemClock } = await import('@croft/contract');
    const logs = createAttemptLogs(test.home, systemClock, silentLog);
    await logs.begin(9, 19097, 'node-1');
    await logs.write('node-1', 9, 0, `${outletLog}\nend`);
    const path = '/api/render/handle/showLog';
    expect((await test.call(path, { id: 4097, pageNum: 0 })).data).toMatchObject({
      pageCount: 2,
      size: 16384,
      total: 16 * 1024 + 3,
    });
    expect((await test.call(path, { id: 4097, pageNum: 1 })).data.items).toEqual(['end']);
    expect((await test.call(path, { id: 4097, pageNum: 2 })).data.items).toEqual([]);
    expect((await test.call(path, { pageNum: 0 })).code).toBe(601);
  });
});
