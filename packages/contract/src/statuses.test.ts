import { describe, expect, it } from 'vitest';
import { isSdkEndCode, SDK_END_CODES } from './sdk-constants.ts';
import {
  ENDED_TASK_STATUSES,
  survivableTaskStatus,
  TASK_STATUS,
  TASK_STATUS_TEXTS,
  taskStatusText,
} from './statuses.ts';

const SURVIVABLE = [0, 5, 8, 10, 20, 23, 25, 30, 35, 40, 45];

describe('task statuses', () => {
  it('have a text each', () => {
    for (const status of Object.values(TASK_STATUS)) {
      expect(TASK_STATUS_TEXTS[status]?.en).toBeTruthy();
      expect(TASK_STATUS_TEXTS[status]?.zh).toBeTruthy();
    }
    expect(taskStatusText(25)).toBe('render_task_status_25');
  });

  it('are shown only as codes that the real SDK survives', () => {
    for (const status of [...Object.values(TASK_STATUS), 15]) {
      for (const previous of Object.values(TASK_STATUS)) {
        expect(SURVIVABLE).toContain(survivableTaskStatus(status, previous));
      }
    }
  });

  it.each([
    [15, 10],
    [50, 0],
    [60, 0],
    [65, 45],
    [70, 30],
    [25, 25],
  ])('%d is shown as %d', (status, shown) => expect(survivableTaskStatus(status)).toBe(shown));

  it('end for the real SDK where they ended', () => {
    for (const status of ENDED_TASK_STATUSES) expect(SDK_END_CODES).toContain(survivableTaskStatus(status));
    for (const status of [0, 5, 8, 40]) expect(isSdkEndCode(status)).toBe(false);
    expect(isSdkEndCode(40, true)).toBe(true);
  });
});
