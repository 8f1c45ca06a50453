/** The API's TaskInfo object (compat-api, section 3.2) from what the farm knows. Money is 0: this farm sends no bills. */
import { survivableTaskStatus, taskStatusText } from '@croft/contract';
import type { TaskInfoFacts } from '@croft/farm';

const SECOND_MS = 1000;
/** The reminder time-out of the documents, seconds. */
const DEFAULT_OVER_TIME_SEC = 43_200;
/** Channel of tasks made through the API. */
const API_CHANNEL = 4;

/** Platform prefix + id, the form of `aliasTaskIdList` and `taskAlias`. */
export function taskAlias(taskId: number): string {
  return `2W${taskId}`;
}

/** Scheduler id of the documents: yyyymmdd + 5 digits. */
export function schedulerId(taskId: number, createdAt: number): string {
  const day = new Date(createdAt).toISOString().slice(0, 10).replaceAll('-', '');
  return `${day}${String(taskId % 100_000).padStart(5, '0')}`;
}

/** `children` are the tasks whose parent this one is; `outputBid` is the storage id of the owner's output root. */
export function taskInfo(
  task: TaskInfoFacts,
  outputBid: string,
  children: readonly unknown[] = [],
): Record<string, unknown> {
  const isParent = children.length > 0;
  const status = survivableTaskStatus(task.status);
  const scheduler = isParent ? '' : schedulerId(task.id, task.createdAt);
  return {
    id: task.id,
    sceneName: task.sceneName,
    taskAlias: taskAlias(task.id),
    taskStatus: status,
    statusText: taskStatusText(status),
    preTaskStatus: null,
    preStatusText: null,
    totalFrames: task.frames.total,
    abortFrames: task.frames.stopped,
    executingFrames: task.frames.running,
    doneFrames: task.frames.done,
    failedFrames: task.frames.failed,
    framesRange: task.framesRange,
    projectName: task.projectName,
    renderConsume: 0,
    taskArrears: 0,
    submitDate: task.submittedAt ?? task.createdAt,
    startTime: task.startedAt,
    completedDate: task.endedAt,
    renderDuration: Math.round(task.renderMs / SECOND_MS),
    userName: task.userName,
    producer: task.producer,
    taskLevel: task.level,
    taskUserLevel: task.level,
    taskLimit: null,
    taskOverTime: DEFAULT_OVER_TIME_SEC,
    overTimeStop: task.overTimeStopSec,
    userId: task.accountId,
    bid: outputBid,
    outputFileName: isParent ? null : task.outputName,
    munuTaskId: scheduler,
    munuTaskIds: scheduler,
    layerParentId: task.parentId,
    cgId: task.cgId,
    taskKeyValueVo: { tiles: null, allCamera: null, renderableCamera: null },
    userAccountConsume: 0,
    couponConsume: 0,
    qyCouponConsume: 0,
    isOpen: isParent ? 1 : 0,
    respRenderingTaskList: children,
    taskType: isParent ? '' : 'Render',
    taskTypeText: isParent ? null : 'render_major_picture_task',
    renderCamera: '',
    cloneParentId: 0,
    cloneOriginalId: 0,
    shareMainCapital: 0,
    taskRam: null,
    layerName: '',
    locationOutput: '',
    // The other way round than it reads: 0 is deleted.
    isDelete: task.isDeleted ? 0 : 1,
    channel: API_CHANNEL,
    remark: '',
    labels: JSON.stringify(Object.fromEntries(task.labels.map((label, index) => [index + 1, label]))),
    isOverTime: 0,
    waitingCount: null,
    stopType: 0,
  };
}
