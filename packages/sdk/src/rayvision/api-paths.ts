/**
 * Paths of all operations in both generations of the API (compat-api 3.1): the first is that of SDK 1.x to 2.2, the
 * second that of 2.3 and later. Null: the generation has no such operation.
 */
import { CLIENT_CODES, RayvisionError } from './exceptions.ts';

/** Generation of the API's paths and of its `version` header. */
export type Generation = 1 | 2;

const FRAME_WORK = '/api/rendering/task/renderingTask';

const API_PATHS = {
  queryPlatforms: ['/api/render/common/queryPlatforms', '/api/render/common/queryPlatforms'],
  queryUserProfile: ['/api/render/user/queryUserProfile', '/api/render/setUp/queryUserProfile'],
  queryUserSetting: ['/api/render/user/queryUserSetting', '/api/render/setUp/queryUserSetting'],
  updateUserSetting: ['/api/render/user/updateUserSetting', '/api/render/setUp/updateUserSetting'],
  getTransferBid: ['/api/render/task/getTransferBid', '/api/render/transfer/getBid'],
  createTask: ['/api/render/task/createTask', '/api/render/submit/createTask'],
  submitTask: ['/api/render/task/submitTask', '/api/render/submit/task'],
  queryErrorDetail: ['/api/render/common/queryErrorDetail', '/api/render/submit/queryAnalyseErrorDetail'],
  getTaskList: ['/api/render/task/getTaskList', '/api/render/handle/getTaskList/v2'],
  stopTask: ['/api/render/task/stopTask', `${FRAME_WORK}/stopTask`],
  startTask: ['/api/render/task/startTask', `${FRAME_WORK}/startTask`],
  abortTask: ['/api/render/task/abortTask', '/api/render/handle/abandonTask'],
  deleteTask: ['/api/render/task/deleteTask', '/api/render/handle/deleteTask'],
  queryTaskFrames: ['/api/render/task/queryTaskFrames', '/api/render/handle/queryTaskFrames'],
  queryAllFrameStats: ['/api/render/task/queryAllFrameStats', '/api/render/handle/queryAllFrameStats'],
  restartFailedFrames: ['/api/render/task/restartFailedFrames', '/api/render/handle/recommitTasks'],
  restartFrame: ['/api/render/task/restartFrame', '/api/render/handle/recommitTaskFrames'],
  queryTaskInfo: ['/api/render/task/queryTaskInfo', '/api/render/handle/queryTaskInfo/v2'],
  addLabel: ['/api/render/common/addLabel', '/api/render/project/add'],
  deleteLabel: ['/api/render/common/deleteLabel', '/api/render/project/delete'],
  getLabelList: ['/api/render/common/getLabelList', '/api/render/project/getList'],
  listProjects: [null, '/api/render/project/list'],
  querySupportedSoftware: [
    '/api/render/common/querySupportedSoftware',
    '/api/render/plugin/querySoftwareList',
  ],
  querySupportedPlugin: ['/api/render/common/querySupportedPlugin', '/api/render/plugin/querySoftwareDetail'],
  addRenderEnv: ['/api/render/common/addRenderEnv', '/api/render/plugin/addUserPluginConfig'],
  updateRenderEnv: ['/api/render/common/updateRenderEnv', '/api/render/plugin/editUserPluginConfig'],
  deleteRenderEnv: ['/api/render/common/deleteRenderEnv', '/api/render/plugin/deleteUserPluginConfig'],
  setDefaultRenderEnv: [
    '/api/render/common/setDefaultRenderEnv',
    '/api/render/plugin/setDefaultUserPluginConfig',
  ],
  getRenderEnv: ['/api/render/common/getRenderEnv', '/api/render/plugin/getUserPluginConfig'],
  updateTaskUserLevel: [`${FRAME_WORK}/updateTaskUserLevel`, `${FRAME_WORK}/updateTaskUserLevel`],
  getRaySyncUserKey: ['/api/render/user/getRaySyncUserKey', '/api/render/transfer/getRaySyncUserKey'],
  getTransferServerMsg: ['/api/render/task/getTransferServerMsg', '/api/render/transfer/getServerInfo'],
  loadTaskProcessImg: ['/api/render/task/loadTaskProcessImg', '/api/render/handle/loadTaskProcessImg'],
  setOverTimeStop: ['/api/render/task/setOverTimeStop', '/api/render/handle/setTaskOverTimeStop'],
  loadingFrameThumbnail: [
    '/api/render/task/loadingFrameThumbnail',
    '/api/render/handle/loadingFrameThumbnail',
  ],
  fullSpeed: ['/api/render/task/fullSpeed', '/api/render/handle/fullSpeedRendering'],
  taskJsonFile: ['/api/render/task/taskJsonFile', '/api/render/submit/taskJsonFile'],
  getTransferConfig: ['/api/render/task/getTransferConfig', '/api/render/transfer/getConfig'],
  addTaskLabel: ['/api/render/task/addTaskLabel', '/api/render/handle/addTaskLabel'],
  deleteTaskLabel: ['/api/render/task/deleteTaskLabel', '/api/render/handle/deleteTaskLabel'],
  operateUserLabel: ['/api/rendering/task/common/operateUserLabel', null],
  getOutputUserDirFile: [null, '/api/render/file/operate/getOutputUserDirFile'],
  stopTaskFrames: [null, '/api/render/handle/stopTaskFrames'],
  hardwareConfigList: [null, '/api/render/hardwareConfig/list'],
  showLog: [null, '/api/render/handle/showLog'],
  updateTaskLimit: [null, '/api/render/handle/updateTaskLimit'],
  editTaskHardwareConfig: [null, '/api/render/handle/editTaskHardwareConfig'],
  getUserPackNodeInfo: [null, '/api/render/submit/getUserPackNodeInfo'],
  taskRecord: [null, '/api/render/handle/operate/sdk/taskRecord'],
  loginRecord: [null, '/api/render/handle/operate/sdk/loginRecord'],
} as const satisfies Readonly<Record<string, readonly [string | null, string | null]>>;

export type ApiOperation = keyof typeof API_PATHS;

/** The path of an operation; throws RayvisionError 1000000 where the generation has none. */
export function apiPath(operation: ApiOperation, generation: Generation): string {
  const path = API_PATHS[operation][generation - 1];
  if (typeof path === 'string') return path;
  const other = generation === 1 ? 2 : 1;
  throw new RayvisionError(
    CLIENT_CODES.general,
    `${operation} is not in generation ${generation} of the API; connect with generation: ${other}`,
  );
}
