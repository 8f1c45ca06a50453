import { FRAME_STATUS } from '@croft/contract';
import { expect, it } from 'vitest';
import { frameAgain, frameWithLog } from './frame-logs.ts';
import { NativeClient } from './native-client.ts';
import { farmDouble, json } from './testing/farm-double.ts';

const row = (id: number, status: number) => {
  const rest = {
    percent: 0,
    node: null,
    startedAt: null,
    endedAt: null,
    attempts: 1,
    failure: null,
    thumbnail: null,
  };
  return { id, frame: String(id), status, ...rest };
};

it('finds the frame to look at with a few requests, and again with one, in a task of 10,000 frames', async () => {
  await using farm = await farmDouble();
  const rows = Array.from({ length: 10_000 }, (_, at) => row(at, at === 7_000 ? FRAME_STATUS.started : 1));
  farm.answer((request, response) => {
    const query = new URL(request.target, 'http://farm').searchParams;
    const [page, size] = [Number(query.get('page')), Number(query.get('size'))];
    const status = query.get('status');
    const wanted = status === null ? rows : rows.filter((one) => String(one.status) === status);
    const items = wanted.slice((page - 1) * size, page * size);
    json({ total: wanted.length, page, size, items })(request, response);
  });
  const native = new NativeClient(farm.connection);
  const running = await frameWithLog(native, 5);
  expect(running.row.id).toBe(7_000);
  expect(farm.seen).toHaveLength(2);
  const again = await frameAgain(native, 5, running);
  farm.seen.length = 0;
  rows[7_000] = row(7_000, FRAME_STATUS.done);
  // Another one fails meanwhile: the frame that was chosen stays the one.
  rows[3] = row(3, FRAME_STATUS.error);
  expect((await frameAgain(native, 5, again)).row).toMatchObject({ id: 7_000, status: FRAME_STATUS.done });
  expect(farm.seen).toHaveLength(1);
  expect((await frameWithLog(native, 5)).row.id).toBe(3);
  expect((await frameWithLog(native, 5, '9000')).row.id).toBe(9_000);
  await expect(frameWithLog(native, 5, 'none')).rejects.toMatchObject({ code: 'SDK_NOT_FOUND' });
});
