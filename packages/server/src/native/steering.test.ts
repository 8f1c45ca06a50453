import { CroftError, EXIT } from '@croft/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ACCOUNT, aTask, OTHER_TASK, SESSION, SIGN_IN_CODE } from '../testing/farm-double.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

let test: TestServer;
let cookie = '';
beforeAll(async () => {
  test = await startTestServer();
  test.farm.tasks.push(aTask());
  await test.farm.calls.redeemSignInCode(SIGN_IN_CODE);
  cookie = `croft_session_${test.server.port}=${SESSION}`;
});
beforeEach(() => {
  test.farm.heard.length = 0;
});
afterAll(() => test.close());

function post(path: string, headers: Record<string, string> = { 'x-croft-csrf': '1' }): Promise<Response> {
  return fetch(`${test.server.url}/api/v1${path}`, { method: 'POST', headers: { cookie, ...headers } });
}

const steered = () => test.farm.heard.map(({ name, args }) => [name, ...args]);

describe('steering a task', () => {
  it.each([
    ['stop', 'stopTasks'],
    ['start', 'startTasks'],
    ['abandon', 'abandonTasks'],
    ['retry', 'restartFailedFrames'],
  ])('%s is one call of the farm and answers with the task', async (name, call) => {
    const response = await post(`/tasks/19097/${name}`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ id: 19097, sceneName: 'cube.blend' });
    expect(steered()).toEqual([[call, ACCOUNT.accountId, [19097]]]);
  });

  it('delete names what is gone', async () => {
    expect(await (await post('/tasks/19097/delete')).json()).toEqual({ id: 19097 });
    expect(steered()).toEqual([['deleteTasks', ACCOUNT.accountId, [19097]]]);
  });

  it.each(['stop', 'start', 'abandon', 'retry', 'delete'])(
    '%s changes nothing for strangers, for pages of others, and for what is not there',
    async (name) => {
      expect((await post(`/tasks/19097/${name}`, {})).status).toBe(403);
      expect((await post(`/tasks/19097/${name}`, { 'x-croft-csrf': '1', cookie: '' })).status).toBe(401);
      expect((await post(`/tasks/${OTHER_TASK}/${name}`)).status).toBe(403);
      expect((await post(`/tasks/1/${name}`)).status).toBe(404);
      expect((await post(`/tasks/x/${name}`)).status).toBe(400);
      const get = await fetch(`${test.server.url}/api/v1/tasks/19097/${name}`, { headers: { cookie } });
      expect(get.status).toBe(404);
      expect(steered()).toEqual([]);
    },
  );

  it('says why the farm refuses', async () => {
    test.farm.fail.set(
      'startTasks',
      new CroftError(
        'FARM_TASK_STATE',
        { status: 409, apiCode: 600, exit: EXIT.refused },
        'task 19097 was abandoned and cannot be started again',
      ),
    );
    const response = await post('/tasks/19097/start');
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      code: 'FARM_TASK_STATE',
      message: expect.stringContaining('abandoned'),
    });
  });
});
