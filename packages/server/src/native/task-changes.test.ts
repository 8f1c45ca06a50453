import { CroftError, EXIT } from '@croft/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ACCOUNT, aTask, OTHER_TASK, SESSION, SIGN_IN_CODE } from '../testing/farm-double.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

let test: TestServer;
let cookie = '';
beforeAll(async () => {
  test = await startTestServer();
  test.farm.tasks.push(aTask({ labels: [{ id: 1, name: 'night' }] }), aTask({ id: 500 }), aTask({ id: 501 }));
  await test.farm.calls.redeemSignInCode(SIGN_IN_CODE);
  cookie = `croft_session_${test.server.port}=${SESSION}`;
});
beforeEach(() => {
  test.farm.heard.length = 0;
});
afterAll(() => test.close());

async function post(path: string, body: object): Promise<{ status: number; json: Record<string, unknown> }> {
  const response = await fetch(`${test.server.url}/api/v1${path}`, {
    method: 'POST',
    headers: { cookie, 'x-croft-csrf': '1', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}
const ID = ACCOUNT.accountId;
const heard = () => test.farm.heard.map(({ name, args }) => [name, ...args]);

describe('changing a task', () => {
  it.each([
    ['full-speed', {}, ['fullSpeed', ID, [19097]]],
    ['limit', { nodes: 2 }, ['setNodeLimit', ID, 19097, 2]],
    ['time-limit', { seconds: 1.5 }, ['setOverTimeStop', ID, [19097], 1.5]],
    ['level', { level: 60 }, ['setUserLevel', ID, 19097, 60]],
    ['labels', { name: 'day' }, ['addTaskLabel', ID, 'day', [19097]]],
    ['labels/remove', { name: 'day' }, ['removeTaskLabels', ID, [19097], ['day']]],
  ])('%s is one call of the farm and answers with the task', async (name, body, call) => {
    expect(await post(`/tasks/19097/${name}`, body)).toMatchObject({ status: 200, json: { id: 19097 } });
    expect(heard()).toEqual([call]);
  });

  it.each([
    ['limit', { nodes: -1 }],
    ['limit', {}],
    ['time-limit', { seconds: '1' }],
    ['level', { level: 101 }],
    ['labels', { name: '' }],
    ['clone', { frames: 5 }],
  ])('%s refuses %j', async (name, body) => {
    expect((await post(`/tasks/19097/${name}`, body)).status).toBe(400);
    expect(heard()).toEqual([]);
  });

  it('clone makes, changes and submits a task with the labels of the old one', async () => {
    const reply = await post('/tasks/19097/clone', { frames: '7', level: 70 });
    expect(reply).toMatchObject({ status: 200, json: { id: 500 } });
    const wish = { count: 1, userLevel: 70, labels: ['night'], cloneOriginalId: 19097 };
    expect(heard()).toEqual([
      ['createTasks', ID, wish],
      ['changeFrames', ID, 500, '7'],
      ['submitTask', ID, 500, {}],
    ]);
  });

  it('a clone that cannot be submitted leaves nothing', async () => {
    const kind = { status: 400, apiCode: 600, exit: EXIT.badInput };
    test.farm.fail.set('submitTask', new CroftError('FARM_TASK_FILE_INVALID', kind, 'no frames'));
    expect((await post('/tasks/19097/clone', {})).status).toBe(400);
    expect(heard().at(-1)).toEqual(['deleteTasks', ID, [501]]);
    test.farm.heard.length = 0;
    expect((await post(`/tasks/${OTHER_TASK}/clone`, {})).status).toBe(403);
    expect(heard()).toEqual([]);
  });
});
