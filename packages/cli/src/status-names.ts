/** Statuses as people read them. */
import { FRAME_STATUS, TASK_STATUS, TASK_STATUS_TEXTS } from '@croft/contract';

/** The API's own words stay in the API; these are the page's. */
const TASK_NAMES = new Map<number, string>([
  [TASK_STATUS.preRendering, 'preparing'],
  [TASK_STATUS.stopped, 'stopped'],
  [TASK_STATUS.arrearsStopped, 'stopped: no funds'],
  [TASK_STATUS.timedOut, 'timed out'],
  [TASK_STATUS.doneWithFailed, 'done with failed frames'],
  [TASK_STATUS.abandoned, 'abandoned'],
  [TASK_STATUS.testDone, 'test frames done'],
  [TASK_STATUS.doneWithStopped, 'done with stopped frames'],
]);

export function statusName(status: number): string {
  return TASK_NAMES.get(status) ?? TASK_STATUS_TEXTS[status]?.en.toLowerCase() ?? `status ${status}`;
}

const FRAME_NAMES = new Map<number, string>([
  [FRAME_STATUS.waiting, 'waiting'],
  [FRAME_STATUS.started, 'rendering'],
  [FRAME_STATUS.aborted, 'stopped'],
  [FRAME_STATUS.done, 'done'],
  [FRAME_STATUS.error, 'failed'],
  [FRAME_STATUS.timedOut, 'timed out'],
]);

export function frameStatusName(status: number): string {
  return FRAME_NAMES.get(status) ?? 'waiting for others';
}
