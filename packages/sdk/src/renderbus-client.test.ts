import { describe, expect, it } from 'vitest';
import { renderbusApi } from './renderbus-api.ts';
import { quickClock } from './testing/fake-clock.ts';
import { apiFailure, envelope, farmDouble, hangUp, json } from './testing/farm-double.ts';

const PROFILE = { userId: 7, userName: 'ada', mainUserId: 0 };

describe('the Renderbus client', () => {
  it('signs every request, each with a nonce of its own', async () => {
    await using farm = await farmDouble();
    farm.answer(envelope(PROFILE));
    const api = renderbusApi(farm.connection);
    expect(await api.user.profile()).toMatchObject({ userId: 7, userName: 'ada' });
    await api.task.stop([1, 2]);
    await api.task.taskJsonFile(9, 'task.json', '{"名": [1.0, "a&b=c"]}');
    expect(farm.seen.map(({ isSigned }) => isSigned)).toEqual([true, true, true]);
    expect(new Set(farm.seen.map(({ headers }) => headers.nonce)).size).toBe(3);
    expect(farm.seen[1]).toMatchObject({
      target: '/api/rendering/task/renderingTask/stopTask',
      body: '{"taskIds":[1,2]}',
    });
  });

  it('repeats a harmless call after a broken connection, signed anew, with growing pauses', async () => {
    await using farm = await farmDouble();
    farm.answer(hangUp, hangUp, envelope(PROFILE));
    const clock = quickClock();
    const told: number[] = [];
    const api = renderbusApi(farm.connection, {
      clock,
      random: () => 1,
      onRetry: (_error, attempt) => told.push(attempt),
    });
    expect((await api.user.profile()).userId).toBe(7);
    expect(clock.waits).toEqual([500, 1000]);
    expect(told).toEqual([1, 2]);
    expect(new Set(farm.seen.map(({ headers }) => headers.signature)).size).toBe(3);
  });

  it('gives up after five tries', async () => {
    await using farm = await farmDouble();
    farm.answer(hangUp);
    const api = renderbusApi(farm.connection, { clock: quickClock() });
    await expect(api.user.profile()).rejects.toMatchObject({ code: 'SDK_CONNECTION_LOST', exit: 5 });
    expect(farm.seen).toHaveLength(5);
  });

  it('never makes a task twice because an answer was lost', async () => {
    await using farm = await farmDouble();
    farm.answer(hangUp, envelope({ taskIdList: [1], aliasTaskIdList: ['2W1'], userId: 7 }));
    const api = renderbusApi(farm.connection, { clock: quickClock() });
    await expect(api.task.createTask()).rejects.toMatchObject({ code: 'SDK_CONNECTION_LOST' });
    expect(farm.seen).toHaveLength(1);
  });

  it.each([
    [611, 'signature_invalid', 'SDK_KEY_REFUSED', 6],
    [610, 'signature_expired', 'SDK_KEY_REFUSED', 6],
    [605, 'vinsufficient_permissions', 'SDK_FORBIDDEN', 6],
    [404, 'resource_not_found', 'SDK_NOT_FOUND', 8],
    [600, 'parameter_invalid', 'SDK_API_ERROR', 6],
  ])('turns code %i into one final error', async (code, message, expected, exit) => {
    await using farm = await farmDouble();
    farm.answer(apiFailure(code, message));
    const api = renderbusApi(farm.connection, { clock: quickClock() });
    await expect(api.user.profile()).rejects.toMatchObject({ code: expected, exit });
    expect(farm.seen).toHaveLength(1);
  });

  it('says that something else answers there', async () => {
    await using farm = await farmDouble();
    farm.answer((_request, response) => void response.end('<html>hello</html>'));
    await expect(renderbusApi(farm.connection).user.profile()).rejects.toMatchObject({
      code: 'SDK_REPLY_INVALID',
    });
    farm.answer(json({ code: 200, data: { userName: 'x' } }));
    await expect(renderbusApi(farm.connection).user.profile()).rejects.toThrow(/userId/);
  });

  it('tells at once that nobody listens, but waits for a farm that has answered before', async () => {
    const farm = await farmDouble();
    farm.answer(envelope(PROFILE));
    const clock = quickClock();
    const gone = { ...farm.connection };
    await farm[Symbol.asyncDispose]();
    await expect(renderbusApi(gone, { clock }).user.profile()).rejects.toMatchObject({
      code: 'SDK_FARM_UNREACHABLE',
    });
    expect(clock.waits).toHaveLength(0);
    await expect(renderbusApi(gone, { clock, patient: true }).user.profile()).rejects.toMatchObject({
      code: 'SDK_FARM_UNREACHABLE',
    });
    expect(clock.waits.length).toBe(44);
    expect(Math.max(...clock.waits)).toBeLessThanOrEqual(8000);
  });

  it('signs for a farm below the path of a proxy', async () => {
    await using farm = await farmDouble();
    farm.answer(envelope(PROFILE));
    await renderbusApi({ ...farm.connection, url: `${farm.connection.url}/farm/` }).user.profile();
    expect(farm.seen[0]?.target).toBe('/farm/api/render/setUp/queryUserProfile');
  });

  it('names the host that does not exist', async () => {
    const api = renderbusApi({ url: 'http://farm.invalid:1', accessId: 'a', accessKey: 'b' });
    await expect(api.user.profile()).rejects.toThrow(/farm\.invalid/);
  });
});
