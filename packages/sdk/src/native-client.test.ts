import type { TaskDetail } from '@croft/contract';
import { describe, expect, it } from 'vitest';
import { NativeClient } from './native-client.ts';
import { collect } from './testing/collect.ts';
import { quickClock } from './testing/fake-clock.ts';
import { type Answer, farmDouble, json } from './testing/farm-double.ts';
import { watchTask } from './watch-task.ts';

function taskDetail(status: number, done = 0): TaskDetail {
  const frames = { total: 3, waiting: 3 - done, running: 0, done, failed: 0, stopped: 0 };
  return {
    accountId: 10001,
    id: 5,
    sceneName: 'a.blend',
    status,
    statusText: `render_task_status_${status}`,
    app: 'blender',
    frames,
    level: 50,
    userName: 'ada',
    outputName: '5_a',
    createdAt: 1,
    submittedAt: 2,
    startedAt: null,
    endedAt: null,
    thumbnail: null,
    framesRange: '1-3[1]',
    projectName: '',
    appVersion: '3.4',
    deletedAt: null,
    waitingFor: [],
    failures: [],
    labels: [],
    nodeLimit: null,
    overTimeStopSec: 0,
    isOverTime: false,
    clonedFrom: 0,
    parentId: 0,
    childIds: [],
    layerName: '',
    taskType: 'Render',
  };
}

const sse =
  (...events: unknown[]): Answer =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(events.map((event) => `: beat\ndata: ${JSON.stringify(event)}\n\n`).join(''));
  };

describe('the native client', () => {
  it('signs, reads pages, and follows them', async () => {
    await using farm = await farmDouble();
    const row = {
      id: 1,
      frame: '1',
      status: 4,
      percent: 100,
      node: null,
      startedAt: null,
      endedAt: null,
      attempts: 1,
      failure: null,
      thumbnail: null,
    };
    farm.answer(
      json({ total: 3, page: 1, size: 2, items: [row, { ...row, id: 2 }] }),
      json({ total: 3, page: 2, size: 2, items: [{ ...row, id: 3 }] }),
    );
    const rows = await collect(new NativeClient(farm.connection).allFrames(5));
    expect(rows.map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(farm.seen.map(({ isSigned }) => isSigned)).toEqual([true, true]);
    expect(farm.seen[1]?.target).toBe('/api/v1/tasks/5/frames?page=2&size=200');
  });

  it("throws the farm's own error with its exit code and hint", async () => {
    await using farm = await farmDouble();
    farm.answer(
      json({ code: 'FARM_NOT_FOUND', message: 'no task 5', status: 404, exit: 8, hint: 'Look.' }, 404),
    );
    await expect(new NativeClient(farm.connection).task(5)).rejects.toMatchObject({
      code: 'FARM_NOT_FOUND',
      exit: 8,
      hint: 'Look.',
    });
  });

  it('connects again for events and says that some may be missing', async () => {
    await using farm = await farmDouble();
    const event = { kind: 'frame', taskId: 5, frameId: 1, frame: '1', status: 2, percent: 5 };
    farm.answer(sse(event, { kind: 'of a newer farm' }), sse({ ...event, percent: 50 }));
    const stop = new AbortController();
    const heard: unknown[] = [];
    for await (const one of new NativeClient(farm.connection, { clock: quickClock() }).events(stop.signal)) {
      heard.push(one === null ? null : 'percent' in one ? one.percent : one);
      if (heard.length === 3) break;
    }
    stop.abort();
    expect(heard).toEqual([5, null, 50]);
  });
});

describe('watching a task', () => {
  const route =
    (events: Answer, task: () => unknown): Answer =>
    (request, response) =>
      (request.target.includes('/events') ? events : json(task()))(request, response);

  it('ends with the task, by polling alone where there are no events', async () => {
    await using farm = await farmDouble();
    let reads = 0;
    farm.answer(
      route(json({ code: 'X', message: 'no events here', status: 404, exit: 8 }, 404), () =>
        ++reads < 3 ? taskDetail(5, reads) : taskDetail(25, 3),
      ),
    );
    const native = new NativeClient(farm.connection);
    const clock = quickClock();
    const statuses: number[] = [];
    for await (const news of watchTask(native, 5, { clock }))
      if (news.kind === 'task') statuses.push(news.task.status);
    expect(statuses.at(-1)).toBe(25);
    expect(reads).toBe(3);
    expect(clock.waits).toContain(5000);
  });

  it('ends by an event, frames before the end, without waiting for the next poll', async () => {
    await using farm = await farmDouble();
    const frame = { kind: 'frame', taskId: 5, frameId: 1, frame: '1', status: 4, percent: 100 };
    const {
      framesRange: _1,
      projectName: _2,
      appVersion: _3,
      deletedAt: _6,
      waitingFor: _4,
      failures: _5,
      ...done
    } = taskDetail(25, 3);
    farm.answer(
      route(sse(frame, { ...frame, taskId: 6 }, { kind: 'task', task: done }), () => taskDetail(5, 0)),
    );
    const kinds: string[] = [];
    for await (const news of watchTask(new NativeClient(farm.connection), 5)) kinds.push(news.kind);
    expect(kinds.filter((kind) => kind === 'frame')).toHaveLength(1);
    expect(kinds.at(-1)).toBe('task');
  });

  it('throws what the farm says of an unknown task, and the reason of an abort', async () => {
    await using farm = await farmDouble();
    farm.answer(json({ code: 'FARM_NOT_FOUND', message: 'no task 5', status: 404, exit: 8 }, 404));
    const native = new NativeClient(farm.connection);
    await expect(collect(watchTask(native, 5))).rejects.toMatchObject({ code: 'FARM_NOT_FOUND' });
    farm.answer(route(json({}, 404), () => taskDetail(5)));
    const stop = new AbortController();
    const watching = (async () => {
      for await (const _ of watchTask(native, 5, { signal: stop.signal })) stop.abort(new Error('enough'));
    })();
    await expect(watching).rejects.toThrow('enough');
  });
});
