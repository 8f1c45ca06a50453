/**
 * Every method of the documented operators: how it is called and what body goes over the wire, in the words of the
 * compatibility reference. Tests send them to a listener that records, and to a real farm.
 */
import type { RayvisionAPI } from '../api.ts';
import type { Generation } from '../api-paths.ts';

/** Things of the farm that the calls are about. */
export interface MethodIds {
  readonly taskId: number;
  readonly frameId: number;
  readonly frameIndex: string;
  readonly projectName: string;
  /** A label that was given out once. */
  readonly labelId: number;
  /** An id of the hardware list; a recording farm takes any. */
  readonly hardwareId: string;
}

export interface MethodRow {
  /** `operator.method`, a word in brackets where there are several bodies. */
  readonly method: string;
  /** Name in the reference's list of endpoints; absent for the one endpoint that is newer than it. */
  readonly endpoint?: string;
  /** Path where the reference has none. */
  readonly path?: string;
  /** Default: both. */
  readonly generations?: readonly Generation[];
  readonly run: (api: RayvisionAPI, ids: MethodIds) => Promise<unknown>;
  /** Exact text of the body. */
  readonly body: (ids: MethodIds, generation: Generation) => string;
  /** What a recording farm answers; default null. */
  readonly answer?: unknown;
}

const NONE = () => '{}';
const PAGE = { pageNum: 1, pageSize: 10, total: 0, pageCount: 0, size: 10, items: [] };
const ENV = {
  cgId: 2007,
  cgName: 'Blender',
  cgVersion: '3.4.1',
  editName: 'of-the-test',
  renderSystem: 0,
  pluginIds: [],
  renderLayerType: 0,
} as const;
const ENV_BODY =
  '{"cgId":2007,"cgName":"Blender","cgVersion":"3.4.1","renderLayerType":0,"editName":"of-the-test","renderSystem":0,"pluginIds":[]}';
const FIRST: readonly Generation[] = [1];
const SECOND_ONLY: readonly Generation[] = [2];
const PROFILE = { userId: 10001136, userName: 'rayvision' };
const idsOnly = ({ taskId }: MethodIds) => `{"taskIds":[${taskId}]}`;

const READS: readonly MethodRow[] = [
  {
    method: 'user.queryUserProfile',
    endpoint: 'queryUserProfile',
    run: (api) => api.user.queryUserProfile(),
    body: NONE,
    answer: PROFILE,
  },
  {
    method: 'user.userId',
    endpoint: 'queryUserProfile',
    run: (api) => api.user.userId(),
    body: NONE,
    answer: PROFILE,
  },
  {
    method: 'api.getUserId',
    endpoint: 'queryUserProfile',
    run: (api) => api.getUserId(),
    body: NONE,
    answer: PROFILE,
  },
  {
    method: 'user.queryUserSetting',
    endpoint: 'queryUserSetting',
    run: (api) => api.user.queryUserSetting(),
    body: NONE,
    answer: {},
  },
  {
    method: 'user.updateUserSettings',
    endpoint: 'updateUserSetting',
    run: (api) => api.user.updateUserSettings(43_200),
    body: () => '{"taskOverTimeSec":43200}',
  },
  {
    method: 'user.getTransferBid',
    endpoint: 'getTransferBid',
    run: (api) => api.user.getTransferBid(),
    body: NONE,
    answer: { config_bid: '1', input_bid: '2', output_bid: '3' },
  },
  {
    method: 'user.getHardwareConfig',
    endpoint: 'hardwareConfigList',
    generations: SECOND_ONLY,
    run: (api) => api.user.getHardwareConfig(),
    body: () => '{"cloneTask":"false"}',
    answer: [],
  },
  {
    method: 'user.getHardwareConfig (of a task)',
    endpoint: 'hardwareConfigList',
    generations: SECOND_ONLY,
    run: (api, { taskId }) => api.user.getHardwareConfig([String(taskId)]),
    body: ({ taskId }) => `{"cloneTask":"false","taskIds":["${taskId}"]}`,
    answer: [],
  },
  {
    method: 'user.taskRecord',
    endpoint: 'taskRecord',
    generations: SECOND_ONLY,
    run: (api) => api.user.taskRecord(),
    body: () => '{"platform":2,"pageNum":1,"pageSize":10,"startDate":"","endDate":""}',
    answer: PAGE,
  },
  {
    method: 'user.loginRecord',
    endpoint: 'loginRecord',
    generations: SECOND_ONLY,
    run: (api) => api.user.loginRecord({ pageNum: 2, startDate: '2024-09-01', endDate: '2024-09-30' }),
    body: () => '{"pageNum":2,"pageSize":10,"startDate":"2024-09-01","endDate":"2024-09-30"}',
    answer: PAGE,
  },
  {
    method: 'query.platforms',
    endpoint: 'queryPlatforms',
    run: (api) => api.query.platforms(),
    body: () => '{"zone":2}',
    answer: [],
  },
  {
    method: 'query.errorDetail',
    endpoint: 'queryErrorDetail',
    run: (api) => api.query.errorDetail('15000', '1'),
    body: () => '{"language":"1","code":"15000"}',
    answer: [],
  },
  {
    method: 'query.errorDetail (many)',
    endpoint: 'queryErrorDetail',
    generations: SECOND_ONLY,
    run: (api) => api.query.errorDetail(['15000', '10010']),
    body: () => '{"language":"0","codes":["15000","10010"]}',
    answer: [],
  },
  {
    method: 'query.getTaskList',
    endpoint: 'getTaskList',
    run: (api) => api.query.getTaskList(),
    body: () => '{"pageNum":1,"pageSize":100}',
    answer: PAGE,
  },
  {
    method: 'query.getTaskList (filtered)',
    endpoint: 'getTaskList',
    run: (api) =>
      api.query.getTaskList({
        pageNum: 1,
        pageSize: 5,
        statusList: [0, 25],
        searchKeyword: 'zimmer',
        startTime: '2020-01-01 00:00:00',
        endTime: '2099-12-31 23:59:59',
      }),
    body: () =>
      '{"pageNum":1,"pageSize":5,"statusList":[0,25],"searchKeyword":"zimmer","startTime":"2020-01-01 00:00:00","endTime":"2099-12-31 23:59:59"}',
    answer: PAGE,
  },
  {
    method: 'query.getTaskList (deleted)',
    endpoint: 'getTaskList',
    generations: SECOND_ONLY,
    run: (api) => api.query.getTaskList({ recycleFlag: 1 }),
    body: () => '{"pageNum":1,"pageSize":100,"recycleFlag":1}',
    answer: PAGE,
  },
  {
    method: 'query.taskInfo',
    endpoint: 'queryTaskInfo',
    run: (api, { taskId }) => api.query.taskInfo([taskId]),
    body: idsOnly,
    answer: PAGE,
  },
  {
    method: 'query.getSmallTaskId',
    endpoint: 'queryTaskInfo',
    run: (api, { taskId }) => api.query.getSmallTaskId(taskId),
    body: idsOnly,
    answer: PAGE,
  },
  {
    method: 'query.taskFrames',
    endpoint: 'queryTaskFrames',
    run: (api, { taskId }) => api.query.taskFrames(taskId, { pageNum: 1, pageSize: 2, searchKeyword: '1' }),
    body: ({ taskId }) => `{"taskId":${taskId},"pageNum":1,"pageSize":2,"searchKeyword":"1"}`,
    answer: PAGE,
  },
  {
    method: 'query.getAllFrames',
    endpoint: 'queryTaskFrames',
    run: (api, { taskId }) => api.query.getAllFrames(taskId),
    body: ({ taskId }) => `{"taskId":${taskId},"pageNum":1,"pageSize":100}`,
    answer: PAGE,
  },
  {
    method: 'query.allFrameStatus',
    endpoint: 'queryAllFrameStats',
    run: (api) => api.query.allFrameStatus(),
    body: NONE,
    answer: {},
  },
  {
    method: 'query.supportedSoftware',
    endpoint: 'querySupportedSoftware',
    run: (api) => api.query.supportedSoftware(),
    body: NONE,
    answer: {},
  },
  {
    method: 'query.supportedPlugin',
    endpoint: 'querySupportedPlugin',
    run: (api) => api.query.supportedPlugin('Blender', 'linux'),
    body: () => '{"cgId":2007,"osName":"linux"}',
    answer: {},
  },
  {
    method: 'query.getTransferServerMsg',
    endpoint: 'getTransferServerMsg',
    run: (api) => api.query.getTransferServerMsg(),
    body: () => '{"zone":2}',
    answer: {},
  },
  {
    method: 'query.getRaysyncUserKey',
    endpoint: 'getRaySyncUserKey',
    run: (api) => api.query.getRaysyncUserKey(),
    body: NONE,
    answer: {},
  },
  {
    method: 'query.getTaskProcessingImg',
    endpoint: 'loadTaskProcessImg',
    run: (api, { taskId }) => api.query.getTaskProcessingImg(taskId, 2),
    body: ({ taskId }) => `{"taskId":${taskId},"frameType":2}`,
    answer: {},
  },
  {
    method: 'query.getFrameThumbnall',
    endpoint: 'loadingFrameThumbnail',
    run: (api, { frameId }) => api.query.getFrameThumbnall(frameId),
    body: ({ frameId }) => `{"id":${frameId},"frameStatus":4}`,
    answer: ['/small/x[-]exr.jpg'],
  },
  {
    method: 'query.getRenderLog',
    endpoint: 'showLog',
    generations: SECOND_ONLY,
    run: (api, { frameId }) => api.query.getRenderLog(frameId),
    body: ({ frameId }) => `{"renderingType":"render","pageNum":1,"pageSize":1,"id":${frameId}}`,
    answer: PAGE,
  },
  {
    method: 'query.getPackNodeInfo',
    endpoint: 'getUserPackNodeInfo',
    generations: SECOND_ONLY,
    run: (api) => api.query.getPackNodeInfo(),
    body: NONE,
    answer: [],
  },
  {
    method: 'transmit.getTransferConfig',
    endpoint: 'getTransferConfig',
    run: (api) => api.transmit.getTransferConfig(),
    body: NONE,
    answer: {},
  },
  {
    method: 'transmit.getOutputFiles',
    endpoint: 'getOutputUserDirFile',
    generations: SECOND_ONLY,
    run: (api) => api.transmit.getOutputFiles(),
    body: () => '{"treePath":"/"}',
    answer: [],
  },
  {
    method: 'transmit.getOutputFiles (of a task)',
    endpoint: 'getOutputUserDirFile',
    generations: SECOND_ONLY,
    run: (api, { taskId }) => api.transmit.getOutputFiles({ taskId, treePath: '/elsewhere' }),
    body: ({ taskId }) => `{"treePath":"/","taskId":${taskId}}`,
    answer: [],
  },
];

const PROJECTS: readonly MethodRow[] = [
  {
    method: 'tag.addLabel',
    endpoint: 'addLabel',
    run: (api, { projectName }) => api.tag.addLabel(projectName, 0),
    body: ({ projectName }) => `{"newName":"${projectName}","status":0}`,
  },
  {
    method: 'tag.getLabelList',
    endpoint: 'getLabelList',
    run: (api) => api.tag.getLabelList(),
    body: NONE,
    answer: {},
  },
  {
    method: 'tag.getProjectList',
    endpoint: 'getLabelList',
    run: (api) => api.tag.getProjectList(),
    body: NONE,
    answer: { projectNameList: [{ projectId: 3671, projectName: 'myLabel' }] },
  },
  {
    method: 'tag.getList',
    endpoint: 'listProjects',
    generations: SECOND_ONLY,
    run: (api) => api.tag.getList(2),
    body: () => '{"flag":2}',
    answer: {},
  },
  {
    method: 'tag.deleteLabel',
    endpoint: 'deleteLabel',
    run: async (api, { projectName }) => api.tag.deleteLabel(projectName),
    body: ({ projectName }) => `{"delName":"${projectName}"}`,
  },
  {
    method: 'env.addRenderEnv',
    endpoint: 'addRenderEnv',
    run: (api) => api.env.addRenderEnv(ENV),
    body: () => ENV_BODY,
    answer: { editName: ENV.editName },
  },
  {
    method: 'env.updateRenderEnv',
    endpoint: 'updateRenderEnv',
    run: (api) => api.env.updateRenderEnv(ENV),
    body: () => ENV_BODY,
  },
  {
    method: 'env.setDefaultRenderEnv',
    endpoint: 'setDefaultRenderEnv',
    run: (api) => api.env.setDefaultRenderEnv(ENV.editName),
    body: () => '{"editName":"of-the-test"}',
  },
  {
    method: 'env.getRenderEnv',
    endpoint: 'getRenderEnv',
    run: (api) => api.env.getRenderEnv({ name: 'blender', osName: 0 }),
    body: (_ids, generation) => (generation === 1 ? '{"cgId":2007}' : '{"cgId":2007,"osName":0}'),
    answer: [],
  },
  {
    method: 'env.getRenderEnv (several)',
    endpoint: 'getRenderEnv',
    generations: SECOND_ONLY,
    run: (api) => api.env.getRenderEnv({ cgNames: ['maya', '3ds Max'] }),
    body: () => '{"cgIds":[2000,2001],"osName":1}',
    answer: [],
  },
  {
    method: 'env.deleteRenderEnv',
    endpoint: 'deleteRenderEnv',
    run: (api) => api.env.deleteRenderEnv(ENV.editName),
    body: () => '{"editName":"of-the-test"}',
  },
];

const CHANGES: readonly MethodRow[] = [
  {
    method: 'task.createTask',
    endpoint: 'createTask',
    run: (api) => api.task.createTask({ labels: [] }),
    body: () => '{"count":1,"taskUserLevel":50}',
    answer: { taskIdList: [19097], aliasTaskIdList: ['2W19097'], userId: 1 },
  },
  {
    method: 'task.createTask (all options)',
    endpoint: 'createTask',
    generations: SECOND_ONLY,
    run: (api) =>
      api.task.createTask({ count: 2, taskUserLevel: 60, outUserId: 5, labels: ['a', 'ü'], artist: 'Ann' }),
    body: () => '{"count":2,"taskUserLevel":60,"outUserId":5,"labels":["a","ü"],"artist":"Ann"}',
    answer: { taskIdList: [19097, 19098], aliasTaskIdList: ['2W19097', '2W19098'], userId: 1 },
  },
  {
    method: 'task.taskId',
    endpoint: 'createTask',
    run: (api) => api.task.taskId(),
    body: () => '{"count":1,"taskUserLevel":50}',
    answer: { taskIdList: [19097] },
  },
  {
    method: 'tag.addTaskTag',
    endpoint: 'addTaskLabel',
    run: (api, { taskId }) => api.tag.addTaskTag('test_tag', [taskId]),
    body: ({ taskId }) => `{"label":"test_tag","taskIds":[${taskId}]}`,
  },
  {
    method: 'tag.deleteTaskTag',
    endpoint: 'deleteTaskLabel',
    run: (api, { taskId }) => api.tag.deleteTaskTag([taskId], ['test_tag']),
    body: ({ taskId }) => `{"taskIds":[${taskId}],"labelNames":["test_tag"],"labelIds":[]}`,
  },
  {
    method: 'tag.deleteTaskTag (by ids)',
    endpoint: 'deleteTaskLabel',
    run: (api, { labelId }) => api.tag.deleteTaskTag([labelId]),
    body: ({ labelId }) => `{"labelIds":[${labelId}]}`,
  },
  {
    method: 'query.operaUserLabel',
    endpoint: 'operateUserLabel',
    generations: FIRST,
    run: (api, { taskId }) => api.query.operaUserLabel(taskId, 0, { labelName: 'n', type: 1 }),
    body: ({ taskId }) => `{"taskId":${taskId},"status":0,"type":1,"newName":"n"}`,
  },
  {
    method: 'task.updatePriority',
    endpoint: 'updateTaskUserLevel',
    run: (api, { taskId }) => api.task.updatePriority(taskId, 60),
    body: ({ taskId }) => `{"taskId":${taskId},"taskUserLevel":60}`,
  },
  {
    method: 'task.setTaskOvertimeTop',
    endpoint: 'setOverTimeStop',
    run: (api, { taskId }) => api.task.setTaskOvertimeTop([taskId], 1800),
    body: ({ taskId }) => `{"taskIds":[${taskId}],"overTime":1800}`,
    answer: 'SUCCESS',
  },
  {
    method: 'task.updateTaskLimit',
    path: '/api/render/handle/updateTaskLimit',
    generations: SECOND_ONLY,
    run: (api, { taskId }) => api.task.updateTaskLimit(taskId, 3),
    body: ({ taskId }) => `{"taskId":${taskId},"taskLimit":3}`,
  },
  {
    method: 'task.editTaskHardwareConfig',
    endpoint: 'editTaskHardwareConfig',
    generations: SECOND_ONLY,
    run: (api, { taskId, hardwareId }) =>
      api.task.editTaskHardwareConfig([taskId], [hardwareId], '28C', '', '64GB'),
    body: ({ taskId, hardwareId }) =>
      `{"taskIds":[${taskId}],"hardwareConfigIds":["${hardwareId}"],"model":"28C","gpuNum":"","ram":"64GB"}`,
  },
  {
    method: 'task.stopTask',
    endpoint: 'stopTask',
    run: (api, { taskId }) => api.task.stopTask([taskId]),
    body: idsOnly,
  },
  {
    method: 'task.startTask',
    endpoint: 'startTask',
    run: (api, { taskId }) => api.task.startTask([taskId]),
    body: idsOnly,
  },
  {
    method: 'task.fullSpeed',
    endpoint: 'fullSpeed',
    run: (api, { taskId }) => api.task.fullSpeed([taskId]),
    body: idsOnly,
    answer: 'success',
  },
  {
    method: 'query.restartFailedFrames',
    endpoint: 'restartFailedFrames',
    run: (api, { taskId }) => api.query.restartFailedFrames([taskId]),
    body: idsOnly,
  },
  {
    method: 'query.restartFailedFrames (by status)',
    endpoint: 'restartFailedFrames',
    generations: SECOND_ONLY,
    run: (api, { taskId }) => api.query.restartFailedFrames([taskId], [3, 5]),
    body: ({ taskId }) => `{"taskIds":[${taskId}],"status":[3,5]}`,
  },
  {
    method: 'query.restartFrame',
    endpoint: 'restartFrame',
    run: (api, { taskId }) => api.query.restartFrame(taskId),
    body: ({ taskId }, generation) =>
      generation === 1
        ? `{"taskIds":${taskId},"selectAll":1,"ids":[]}`
        : `{"taskId":${taskId},"selectAll":1}`,
  },
  {
    method: 'query.restartFrame (some)',
    endpoint: 'restartFrame',
    run: (api, { taskId, frameId }) => api.query.restartFrame(taskId, { ids: [frameId] }),
    body: ({ taskId, frameId }, generation) =>
      generation === 1
        ? `{"taskIds":${taskId},"selectAll":0,"ids":[${frameId}]}`
        : `{"taskId":${taskId},"ids":[${frameId}],"selectAll":0}`,
  },
  {
    method: 'query.stopFrame',
    endpoint: 'stopTaskFrames',
    generations: SECOND_ONLY,
    run: (api, { taskId }) => api.query.stopFrame(taskId),
    body: ({ taskId }) => `{"taskId":${taskId},"selectAll":1}`,
  },
  {
    method: 'query.stopFrame (some)',
    endpoint: 'stopTaskFrames',
    generations: SECOND_ONLY,
    run: (api, { taskId, frameId }) => api.query.stopFrame(taskId, { ids: [frameId] }),
    body: ({ taskId, frameId }) => `{"taskId":${taskId},"ids":[${frameId}],"selectAll":0}`,
  },
  {
    method: 'task.abortTask',
    endpoint: 'abortTask',
    run: (api, { taskId }) => api.task.abortTask([taskId]),
    body: idsOnly,
  },
  {
    method: 'task.deleteTask',
    endpoint: 'deleteTask',
    run: (api, { taskId }) => api.task.deleteTask([taskId]),
    body: idsOnly,
  },
];

/** In an order that a real farm can follow: reading first, deleting last. */
export const METHOD_TABLE: readonly MethodRow[] = [...READS, ...PROJECTS, ...CHANGES];
