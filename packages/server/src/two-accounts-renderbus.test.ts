/**
 * The Renderbus API between accounts: what is foreign is refused with 605, what never was with 404, and nothing of it changes or
 * shows. An endpoint that nobody put into these tables fails here.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadEndpoints } from './renderbus/registry.ts';
import { SECRET, startTwoAccounts, type TwoAccounts } from './testing/two-accounts.ts';

let two: TwoAccounts;
beforeAll(async () => {
  two = await startTwoAccounts();
});
afterAll(() => two.close());

/** A task that a body names; `beside` are tasks of the caller's own, where a body takes several. */
interface Named {
  readonly id: number;
  readonly frame: number;
  readonly frames: readonly number[];
  readonly beside: readonly number[];
}

describe('Renderbus API', () => {
  const ENV = { cgId: 2007, cgName: 'Blender', cgVersion: '3.4', renderSystem: 0, pluginIds: [] };
  /** Endpoints that name tasks or frames, with a body that names the task, some beside one of the caller's own. */
  const bodies: Record<string, (of: Named) => object> = {
    abandonTask: (of) => ({ taskIds: [of.id] }),
    deleteTask: (of) => ({ taskIds: [of.id] }),
    stopTask: (of) => ({ taskIds: [...of.beside, of.id] }),
    startTask: (of) => ({ taskIds: [of.id] }),
    recommitTasks: (of) => ({ taskIds: [of.id], status: [2, 3, 4, 5] }),
    recommitTaskFrames: (of) => ({ ids: of.frames, selectAll: 0 }),
    stopTaskFrames: (of) => ({ taskId: of.id, selectAll: 1 }),
    submitTask: (of) => ({ taskId: of.id }),
    editTaskHardwareConfig: (of) => ({ taskIds: [...of.beside, of.id], hardwareConfigIds: ['301'] }),
    taskJsonFile: (of) => ({ taskId: of.id, fileName: 'task.json', content: '{}' }),
    updateTaskUserLevel: (of) => ({ taskId: of.id, taskUserLevel: 50 }),
    addTaskLabel: (of) => ({ taskIds: [...of.beside, of.id], label: 'mine' }),
    operateUserLabel: (of) => ({ taskId: of.id, status: 0, type: 1, newName: 'mine' }),
    deleteTaskLabel: (of) => ({ taskIds: [of.id], labelNames: ['hers'] }),
    fullSpeedRendering: (of) => ({ taskIds: [of.id] }),
    setTaskOverTimeStop: (of) => ({ taskIds: [of.id], overTime: 1.5 }),
    updateTaskLimit: (of) => ({ taskId: of.id, taskLimit: 1 }),
    queryTaskInfo: (of) => ({ taskIds: [of.id] }),
    queryTaskFrames: (of) => ({ taskId: of.id }),
    loadTaskProcessImg: (of) => ({ taskId: of.id }),
    loadingFrameThumbnail: (of) => ({ id: of.frame }),
    showLog: (of) => ({ id: of.frame, pageNum: 0 }),
    getOutputUserDirFile: (of) => ({ taskId: of.id }),
  };
  /** Endpoints about the caller's own account, or the same for all: what eve gets must hold nothing of ada's. */
  const own: Record<string, object> = {
    createTask: { count: 1 },
    addUserPluginConfig: { ...ENV, editName: 'hers' },
    editUserPluginConfig: { ...ENV, editName: 'hers' },
    setDefaultUserPluginConfig: { editName: 'hers' },
    getUserPluginConfig: {},
    deleteUserPluginConfig: { editName: 'hers' },
    getUserPackNodeInfo: {},
    addProject: { newName: 'P' },
    deleteProject: { delName: 'P' },
    projectList: { flag: 2 },
    projectGetList: {},
    getBid: {},
    getConfig: {},
    getRaySyncUserKey: {},
    getServerInfo: {},
    getTaskList: { searchKeyword: 'scene' },
    hardwareConfigList: {},
    queryAllFrameStats: {},
    queryAnalyseErrorDetail: { code: '10012' },
    queryPlatforms: { zone: 2 },
    querySoftwareDetail: { cgId: 2007 },
    querySoftwareList: {},
    queryUserProfile: {},
    queryUserSetting: {},
    taskRecord: {},
    loginRecord: {},
    updateUserSetting: { taskOverTimeSec: 60 },
  };

  /** What a sub-account is told of its team by right: projects below the main account, and its render environments. */
  const OF_THE_TEAM = ['projectList', 'getUserPluginConfig'];

  it('has no endpoint that these tables miss', async () => {
    const names = new Set([...(await loadEndpoints()).values()].map(({ name }) => name));
    expect([...names].filter((name) => !(name in bodies) && !(name in own))).toEqual([]);
  });

  it('answers 605 to what is foreign and 404 to what never was, and changes neither', async () => {
    const before = await two.whatAdaSees();
    const named = { ...two.task, beside: [two.evesTask] };
    const isCalled: string[] = [];
    for (const [path, { name }] of await loadEndpoints()) {
      const body = bodies[name]?.(named);
      if (!body) continue;
      isCalled.push(name);
      for (const stranger of [two.eve, two.sam]) {
        const foreign = await two.call(stranger, path, body);
        expect([path, foreign.code, foreign.data]).toEqual([path, 605, null]);
        expect(JSON.stringify(foreign)).not.toMatch(SECRET);
      }
      const unknown = JSON.parse(JSON.stringify(body).replaceAll(/\d{6}/g, '999999999')) as object;
      const never =
        'ids' in body || 'id' in body ? { ...unknown, id: 99_999_999, ids: [99_999_999] } : unknown;
      expect([path, (await two.call(two.eve, path, never)).code]).toEqual([path, 404]);
    }
    expect(new Set(isCalled).size).toBe(Object.keys(bodies).length);
    expect(await two.whatAdaSees()).toBe(before);
  });

  it('answers who may see a task but no more: looks yes, changes 605', async () => {
    const before = await two.whatAdaSees();
    for (const [path, endpoint] of await loadEndpoints()) {
      const body = bodies[endpoint.name]?.({ ...two.task, beside: [] });
      if (!body) continue;
      const { code } = await two.call(two.vic, path, body);
      expect([path, code]).toEqual([path, endpoint.mutates ? 605 : 200]);
    }
    expect(await two.whatAdaSees()).toBe(before);
    const { data } = await two.call(two.vic, '/api/render/handle/queryTaskInfo/v2', {
      taskIds: [two.task.id],
    });
    // The id under which results are fetched comes with the right to download.
    expect(data.items[0]).toMatchObject({ userId: two.ada.accountId, userName: 'admin', bid: '' });
  });

  it('a main account may use every call with the tasks of its sub-accounts', async () => {
    const { calls, reads } = two;
    const kim = await two.newAccount('kim', two.ada.accountId);
    const scene = await two.store(Buffer.from('a scene of kim'));
    await calls.blobsArrived(kim.accountId, [scene]);
    const input = { accountId: kim.accountId, root: 'input' } as const;
    await calls.commitTree(input, [{ path: '/secret/scene.blend', ...scene, mtimeMs: 1 }]);
    // What ends a task for good comes last.
    const last = ['abandonTask', 'deleteTask'];
    const all = [...(await loadEndpoints())].sort(
      ([, a], [, b]) => last.indexOf(a.name) - last.indexOf(b.name),
    );
    const [id] = (await calls.createTasks(kim.accountId, { count: 1, userLevel: 50 })) as [number];
    await calls.putTaskFile(kim.accountId, id, 'task.json', '{"task_info": {"cg_id": "2007"}}');
    await calls.submitTask(kim.accountId, id, {});
    const frames = (await reads.frames(kim.accountId, id, { page: 1, size: 10 })).items.map((row) => row.id);
    for (const [path, { name }] of all) {
      const body = bodies[name]?.({ id, frame: frames[0]!, frames, beside: [] });
      if (!body) continue;
      const { code, detail } = await two.call(two.ada, path, body);
      expect([path, code, detail]).not.toEqual([path, expect.toBeOneOf([404, 500, 605]), detail]);
    }
    expect((await reads.task(kim.accountId, id)).deletedAt).not.toBeNull();
  });

  it('frames of another account cannot be reached through a task of one’s own', async () => {
    const before = await two.whatAdaSees();
    for (const path of ['/api/render/handle/recommitTaskFrames', '/api/render/handle/stopTaskFrames']) {
      const reply = await two.call(two.eve, path, {
        taskId: two.evesTask,
        ids: two.task.frames,
        selectAll: 0,
      });
      expect([404, 605]).toContain(reply.code);
    }
    expect(await two.whatAdaSees()).toBe(before);
  });

  it('shows an account its own things only', async () => {
    await two.calls.addProject(two.ada.accountId, 'secret film');
    const secretEnv = { cgId: 2007, cgName: 'Blender', cgVersion: '3.4', editName: 'secret', osName: 0 };
    await two.calls.addRenderEnv(two.ada.accountId, {
      ...secretEnv,
      renderLayerType: 0,
      projectPath: '',
      pluginIds: [],
    });
    const before = await two.whatAdaSees();
    for (const [path, { name }] of await loadEndpoints()) {
      if (!(name in own)) continue;
      const reply = await two.call(two.eve, path, own[name]);
      expect(JSON.stringify(reply.data), path).not.toMatch(SECRET);
      expect(JSON.stringify(reply.data), path).not.toMatch(new RegExp(`\\b${two.ada.accountId}\\b`));
      if (OF_THE_TEAM.includes(name)) continue;
      expect(JSON.stringify((await two.call(two.sam, path, own[name])).data), path).not.toMatch(SECRET);
    }
    for (const stranger of [two.eve, two.sam]) {
      const stats = await two.call(stranger, '/api/render/handle/queryAllFrameStats', {});
      expect(stats.data).toMatchObject({ totalFrames: 0 });
    }
    expect(await two.whatAdaSees()).toBe(before);
  });
});
