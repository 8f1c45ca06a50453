/** Statuses as people read them. */
import { FRAME_STATUS, TASK_STATUS_TEXTS } from '@croft/contract';

export function statusName(status: number): string {
  return TASK_STATUS_TEXTS[status]?.en.toLowerCase() ?? `status ${status}`;
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
