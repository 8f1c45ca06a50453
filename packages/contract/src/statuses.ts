/**
 * Task and frame statuses with the numbers of the Renderbus API. They are the statuses of the store too: one word, one
 * number, everywhere.
 */

export const TASK_STATUS = {
  waiting: 0,
  rendering: 5,
  preRendering: 8,
  stopped: 10,
  arrearsStopped: 20,
  timedOut: 23,
  done: 25,
  doneWithFailed: 30,
  abandoned: 35,
  testDone: 40,
  failed: 45,
  analysing: 50,
  submitting: 60,
  submitFailed: 65,
  doneWithStopped: 70,
  updating: 100,
} as const;
export type TaskStatus = (typeof TASK_STATUS)[keyof typeof TASK_STATUS];

/** Statuses after which a task does nothing by itself; the real SDK's list and 70, which it is never shown. */
export const ENDED_TASK_STATUSES: readonly TaskStatus[] = [10, 20, 23, 25, 30, 35, 45, 70];

/**
 * The status as replies may show it. The real SDK raises on a code outside 0, 5, 8, 10, 20, 23, 25, 30, 35, 40, 45 and
 * with it ends the whole download loop, so the others are told as the nearest of these.
 */
export function survivableTaskStatus(status: number, previous: number = TASK_STATUS.waiting): TaskStatus {
  switch (status) {
    case 15:
      return TASK_STATUS.stopped;
    case TASK_STATUS.analysing:
    case TASK_STATUS.submitting:
      return TASK_STATUS.waiting;
    case TASK_STATUS.submitFailed:
      return TASK_STATUS.failed;
    case TASK_STATUS.doneWithStopped:
      return TASK_STATUS.doneWithFailed;
    case TASK_STATUS.updating:
      return previous === TASK_STATUS.updating ? TASK_STATUS.waiting : survivableTaskStatus(previous);
    default:
      return status as TaskStatus;
  }
}

/** Display names as the SDK prints them. */
export const TASK_STATUS_TEXTS: Readonly<Record<number, { en: string; zh: string }>> = {
  0: { en: 'Waiting', zh: '等待中' },
  5: { en: 'Rendering', zh: '渲染中' },
  8: { en: 'Preprocessing', zh: '预处理中' },
  10: { en: 'Stop', zh: '停止' },
  20: { en: 'Arrearage-stop', zh: '欠费停止' },
  23: { en: 'Timeout stop', zh: '超时停止' },
  25: { en: 'Done', zh: '已完成' },
  30: { en: 'Done(with failed frame)', zh: '已完成(有失败帧)' },
  35: { en: 'Abort', zh: '放弃' },
  40: { en: 'Test done', zh: '等待全速渲染' },
  45: { en: 'Failed', zh: '失败' },
  50: { en: 'Analysing', zh: '分析中' },
  60: { en: 'Submitting', zh: '提交中' },
  65: { en: 'Submit failed', zh: '提交失败' },
  70: { en: 'Done(with stopped frame)', zh: '已完成(有停止帧)' },
  100: { en: 'Updating', zh: '更新中' },
};

/** `statusText` of the API. */
export function taskStatusText(status: number): string {
  return `render_task_status_${status}`;
}

export const FRAME_STATUS = {
  waiting: 1,
  started: 2,
  aborted: 3,
  done: 4,
  error: 5,
  preDoneWaiting: 6,
  photonDoneWaiting: 7,
  priorityWaiting: 8,
  preDoneJobWaiting: 9,
  gopJobWaiting: 10,
  timedOut: 11,
  subFrameWaiting: 12,
} as const;
export type FrameStatus = (typeof FRAME_STATUS)[keyof typeof FRAME_STATUS];

export const FRAME_TYPE = {
  preRender: 1,
  photon: 2,
  mergePhoton: 3,
  priority: 4,
  main: 5,
  priorityComposite: 6,
  mainComposite: 7,
  simulation: 8,
  channel: 9,
} as const;
