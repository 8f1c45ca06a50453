import { describe, expect, it } from 'vitest';
import type { Json } from '../reading.ts';
import { RayvisionDownload } from './download.ts';
import { RayvisionError } from './exceptions.ts';
import { RayvisionManageTask } from './manage-task.ts';

const managing = (items: Json[]) =>
  new RayvisionManageTask({ taskInfo: async () => ({ items, total: items.length, pageNum: 1 }) as never });
const item = (id: number, taskStatus: number, more: Json = {}): Json => ({
  id,
  taskStatus,
  statusText: `render_task_status_${taskStatus}`,
  isOpen: 0,
  outputFileName: `${id}_shot`,
  userId: 7,
  bid: '123',
  totalFrames: 3,
  ...more,
});
const parent = (taskStatus: number, children: Json[]) =>
  item(1, taskStatus, { isOpen: 1, outputFileName: null, respRenderingTaskList: children });

describe('tasks as the transfer looks at them', () => {
  it('have their documented fields, as text', async () => {
    expect(await managing([item(111, 25)]).getTaskStatus([111])).toEqual([
      {
        taskId: '111',
        taskStatusCode: '25',
        taskStatusText: 'render_task_status_25',
        taskStatusDescription: 'Done',
        isOpener: '0',
        outputFileName: '111_shot',
        subTaskStatus: [],
        userId: 7,
        bid: '123',
        totalFrames: 3,
      },
    ]);
  });

  it.each([
    ['one that renders', [item(1, 5)], false, false],
    ['one that is done', [item(1, 25)], false, true],
    ['one that was stopped', [item(1, 10)], false, true],
    ['one that is done but for stopped frames', [item(1, 70)], false, true],
    ['one whose test frames are done', [item(1, 40)], false, false],
    ['the same for who waits for test frames', [item(1, 40)], true, true],
    ['a parent with a child that renders', [parent(25, [item(2, 25), item(3, 5)])], false, false],
    [
      'a parent whose children are done, whatever it says',
      [parent(5, [item(2, 25), item(3, 30)])],
      false,
      true,
    ],
    ['a parent without children', [parent(25, [])], false, false],
  ])('%s: has it ended?', async (_what, items, isTestStop, hasEnded) => {
    expect(await managing(items).isTaskEnd(1, isTestStop)).toBe(hasEnded);
  });

  it('name the folders of those that render, and whose they are', () => {
    const manage = managing([]);
    const tasks = manage.taskInfoIterater([
      parent(5, [item(2, 25), item(3, 5, { outputFileName: null })]),
      item(4, 0, { userId: '', bid: null }),
    ]);
    expect(manage.outputFileNames(tasks)).toEqual([
      { outputName: '2_shot', userId: 7, bid: '123', totalFrames: 3 },
      { outputName: '4_shot', userId: null, bid: null, totalFrames: 3 },
    ]);
    expect(manage.findTaskStatusCodes(tasks)).toEqual(['25', '5', '0']);
  });

  it('that are not there, or in a state that no document has, are told', async () => {
    await expect(managing([]).isTaskEnd(1)).rejects.toBeInstanceOf(RayvisionError);
    expect(() => managing([]).taskInfoIterater([item(1, 71)])).toThrow('71');
  });
});

it.each([
  [undefined, undefined, false, 601],
  [[], undefined, false, 601],
  [[], '', false, 601],
  [[1], undefined, true, 600],
] as const)('tasks %j, path %j, assets %j are refused', (taskIds, path, asset, errorCode) => {
  expect(() => RayvisionDownload.checkParams(taskIds, path, asset)).toThrow(
    expect.objectContaining({ errorCode }),
  );
});

it.each([
  [[1], undefined, false],
  [undefined, '1_shot', false],
  [[], ['/D/a'], true],
] as const)('tasks %j, path %j, assets %j are enough', (taskIds, path, asset) => {
  RayvisionDownload.checkParams(taskIds, path, asset);
});
