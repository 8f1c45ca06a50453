/** The API's TaskInfo object (compat-api, section 3.2) from what the farm knows. */
import { survivableTaskStatus, TASK_STATUS, taskStatusText } from '@croft/contract';
import type { TaskInfoFacts } from '@croft/farm';

const SECOND_MS = 1000;
/** Channel of tasks made through the API. */
const API_CHANNEL = 4;

/** Platform prefix + id, the form of `aliasTaskIdList` and `taskAlias`. */
export function taskAlias(prefix: string, taskId: number): string {
  return `${prefix}${taskId}`;
}

/** Scheduler id of the documents: yyyymmdd + 5 digits. */
export function schedulerId(taskId: number, createdAt: number): string {
  const day = new Date(createdAt).toISOString().slice(0, 10).replaceAll('-', '');
  return `${day}${String(taskId % 100_000).padStart(5, '0')}`;
}

/** Words of the documents for `taskTypeText`; others have none. */
const TYPE_TEXTS: Readonly<Record<string, string>> = {
  Render: 'render_major_picture_task',
  RenderPhoton: 'render_photons_task',
};
/** Tasks that prepare others. */
const PREPARING: readonly string[] = ['RenderPhoton', 'GopRender'];

/**
 * `bidOf` tells the storage id of the output root of a task's owner. Children are shown in `respRenderingTaskList`: a list
 * even where there are none, because the real SDK reads it so.
 */
export function taskInfo(
  task: TaskInfoFacts,
  bidOf: (task: TaskInfoFacts) => string,
): Record<string, unknown> {
  const isParent = task.children.length > 0;
  const status = survivableTaskStatus(task.status);
  const preparing = task.children.find(({ taskType }) => PREPARING.includes(taskType));
  const preStatus = preparing ? survivableTaskStatus(preparing.status) : null;
  const scheduler = isParent ? '' : schedulerId(task.id, task.createdAt);
  return {
    id: task.id,
    sceneName: task.sceneName,
    taskAlias: taskAlias(task.taskPrefix, task.id),
    taskStatus: status,
    statusText: taskStatusText(status),
    preTaskStatus: preStatus,
    preStatusText: preStatus === null ? null : taskStatusText(preStatus),
    totalFrames: task.frames.total,
    abortFrames: task.frames.stopped,
    executingFrames: task.frames.running,
    doneFrames: task.frames.done,
    failedFrames: task.frames.failed,
    framesRange: task.framesRange,
    projectName: task.projectName,
    renderConsume: task.money.renderConsume,
    taskArrears: task.money.taskArrears,
    submitDate: task.submittedAt ?? task.createdAt,
    startTime: task.startedAt,
    completedDate: task.endedAt,
    renderDuration: Math.round(task.renderMs / SECOND_MS),
    userName: task.userName,
    producer: task.producer,
    taskLevel: task.level,
    taskUserLevel: task.level,
    taskLimit: task.nodeLimit,
    taskOverTime: task.reminderSec,
    overTimeStop: task.overTimeStopSec,
    userId: task.accountId,
    bid: bidOf(task),
    outputFileName: isParent ? null : task.outputName,
    munuTaskId: scheduler,
    munuTaskIds: scheduler,
    layerParentId: task.parentId,
    cgId: task.cgId,
    taskKeyValueVo: { tiles: null, allCamera: null, renderableCamera: task.renderCamera || null },
    userAccountConsume: task.money.userAccountConsume,
    couponConsume: task.money.couponConsume,
    qyCouponConsume: task.money.qyCouponConsume,
    isOpen: isParent ? 1 : 0,
    respRenderingTaskList: task.children.map((child) => taskInfo(child, bidOf)),
    taskType: task.taskType,
    taskTypeText: TYPE_TEXTS[task.taskType] ?? null,
    renderCamera: task.renderCamera,
    cloneParentId: task.clonedFrom,
    cloneOriginalId: task.cloneOriginalId,
    shareMainCapital: task.usesMainCapital ? 1 : 0,
    taskRam: task.ramGb,
    layerName: task.layerName,
    // Where a client saves the pictures is its own business; nothing sends it.
    locationOutput: '',
    // The other way round than it reads: 0 is deleted.
    isDelete: task.isDeleted ? 0 : 1,
    channel: API_CHANNEL,
    remark: '',
    labels: JSON.stringify(Object.fromEntries(task.labels.map(({ id, name }) => [id, name]))),
    isOverTime: task.isOverTime ? 1 : 0,
    waitingCount: task.frames.waiting,
    stopType: stopType(task.status),
  };
}

/** What stopped it: 0 nothing, 1 its user, 2 the time limit, 3 want of money. The documents show 0 only. */
function stopType(status: number): number {
  if (status === TASK_STATUS.stopped) return 1;
  if (status === TASK_STATUS.timedOut) return 2;
  return status === TASK_STATUS.arrearsStopped ? 3 : 0;
}
