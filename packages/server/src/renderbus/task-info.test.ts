import { TASK_STATUS } from '@croft/contract';
import { describe, expect, it } from 'vitest';
import { aFrame, aTask } from '../testing/farm-double.ts';
import { frameInfo } from './frame-info.ts';
import { taskInfo } from './task-info.ts';

type Json = Record<string, unknown>;

const SURVIVABLE = [0, 5, 8, 10, 20, 23, 25, 30, 35, 40, 45];
const bidOf = () => '300';
const shown = (over: Parameters<typeof aTask>[0]) => taskInfo(aTask(over), bidOf) as Json;

describe('TaskInfo', () => {
  it('shows statuses that the real SDK survives, in parents, children and preparations', () => {
    for (const status of Object.values(TASK_STATUS)) {
      const children = [
        aTask({ id: 7, status, taskType: 'RenderPhoton' }),
        aTask({ id: 8, status, taskType: 'Render' }),
      ];
      const info = shown({ status, taskType: '', children });
      const [photon, main] = info.respRenderingTaskList as Json[];
      for (const each of [info, photon!, main!]) expect(SURVIVABLE).toContain(each.taskStatus);
      expect(SURVIVABLE).toContain(info.preTaskStatus);
      expect(info.preStatusText).toBe(`render_task_status_${info.preTaskStatus}`);
      expect(photon!.preTaskStatus).toBeNull();
    }
  });

  it('of a parent has children and no folder; of any other an empty list', () => {
    const parent = shown({ taskType: '', children: [aTask({ id: 8, parentId: 19097, layerName: 'Front' })] });
    expect(parent).toMatchObject({ isOpen: 1, outputFileName: null, taskType: '', taskTypeText: null });
    expect(parent.respRenderingTaskList).toMatchObject([
      {
        id: 8,
        isOpen: 0,
        layerParentId: 19097,
        layerName: 'Front',
        outputFileName: '8_cube',
        taskType: 'Render',
        taskTypeText: 'render_major_picture_task',
        respRenderingTaskList: [],
      },
    ]);
  });

  it('tells labels, clones, limits and times as they are', () => {
    const labels = [
      { id: 3, name: 'night' },
      { id: 12, name: 'a "b"' },
    ];
    const info = shown({
      labels,
      clonedFrom: 5,
      cloneOriginalId: 4,
      nodeLimit: 2,
      overTimeStopSec: 60,
      reminderSec: 30,
      isOverTime: true,
      ramGb: 128,
      renderCamera: 'Wide',
      usesMainCapital: true,
      status: TASK_STATUS.timedOut,
    });
    expect(JSON.parse(info.labels as string)).toEqual({ 3: 'night', 12: 'a "b"' });
    expect(info).toMatchObject({
      cloneParentId: 5,
      cloneOriginalId: 4,
      taskLimit: 2,
      overTimeStop: 60,
      taskOverTime: 30,
      isOverTime: 1,
      taskRam: 128,
      renderCamera: 'Wide',
      shareMainCapital: 1,
      stopType: 2,
      waitingCount: 4,
    });
    expect(shown({}).labels).toBe('{}');
  });
});

describe('FrameInfo', () => {
  const startedAt = 1_700_000_000_000;
  it.each([
    { usedSec: 59, reminderSec: 60, late: 0 },
    { usedSec: 61, reminderSec: 60, late: 1 },
    { usedSec: 999_999, reminderSec: 0, late: 0 },
  ])(
    'of $usedSec s with a reminder after $reminderSec s: over time $late',
    ({ usedSec, reminderSec, late }) => {
      const now = startedAt + usedSec * 1000;
      for (const endedAt of [null, now]) {
        const frame = aFrame({ startedAt, endedAt, taskId: 8 });
        const info = frameInfo(frame, aTask({ reminderSec }), now);
        expect(info).toMatchObject({
          isOverTime: late,
          frameExecuteTime: usedSec,
          taskOverTime: reminderSec,
          taskId: 8,
        });
      }
    },
  );
});
