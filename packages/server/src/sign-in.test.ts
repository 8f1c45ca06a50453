/** Signing in, out and being recorded, over the real farm. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RealServer, startRealServer, type TestKey } from './testing/real-server.ts';

const PASSWORD = 'correct horse battery';

let test: RealServer;
let key: TestKey;
beforeAll(async () => {
  test = await startRealServer({ timeZone: 'Asia/Shanghai' });
  key = await test.calls.createKey((await test.calls.firstAccount()).accountId, 'test');
});
afterAll(() => test.close());

/** As a browser of the farm's page asks. */
async function browse(path: string, body?: object, cookie?: string) {
  const response = await fetch(`${test.url}/api/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'x-croft-csrf': '1', 'user-agent': 'test browser', ...(cookie ? { cookie } : {}) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const set = response.headers.get('set-cookie');
  return {
    status: response.status,
    json: JSON.parse(await response.text()),
    set,
    cookie: set?.split(';')[0],
  };
}
const signIn = (password: string, account = 'admin') => browse('/sessions/password', { account, password });
const operations = async () =>
  (
    await test.call(key, '/api/render/handle/operate/sdk/taskRecord', {
      platform: 2,
      pageNum: 1,
      pageSize: 100,
    })
  ).data.items as Record<string, unknown>[];
const logins = async (range = {}) =>
  (
    await test.call(key, '/api/render/handle/operate/sdk/loginRecord', {
      pageNum: 1,
      pageSize: 100,
      ...range,
    })
  ).data as { total: number; items: Record<string, unknown>[] };

describe('a browser', () => {
  it('signs in by password, is known, and signs out', async () => {
    await test.calls.setPassword(key.accountId, { password: PASSWORD, isTrusted: true });
    expect(await signIn('wrong password')).toMatchObject({ status: 403, json: { apiCode: 805 }, set: null });
    expect(await signIn(PASSWORD, 'nobody')).toMatchObject({ status: 403, json: { apiCode: 800 } });
    const { status, cookie, set } = await signIn(PASSWORD);
    expect(status).toBe(200);
    expect(set).toMatch(/HttpOnly; SameSite=Strict/);
    expect((await browse('/session', undefined, cookie)).json).toEqual({
      accountId: key.accountId,
      accountName: 'admin',
      role: 'admin',
      by: 'cookie',
      hasPassword: true,
    });
    const out = await browse('/session/end', {}, cookie);
    expect(out.json).toEqual({ ended: 1 });
    expect(out.set).toMatch(/^croft_session_\d+=; .*Max-Age=0/);
    expect((await browse('/session', undefined, cookie)).status).toBe(401);
  });

  it('changes the password with the one so far, which ends its other sessions', async () => {
    const [here, there] = [(await signIn(PASSWORD)).cookie, (await signIn(PASSWORD)).cookie];
    const wish = { password: 'another good one' };
    expect((await browse('/password', wish, here)).json).toMatchObject({ apiCode: 805 });
    expect((await browse('/password', { ...wish, current: PASSWORD }, here)).status).toBe(200);
    expect((await browse('/session', undefined, here)).status).toBe(200);
    expect((await browse('/session', undefined, there)).status).toBe(401);
    await test.calls.setPassword(key.accountId, { password: PASSWORD, isTrusted: true });
  });

  it('cannot be signed in by a page of somebody else, nor by much guessing from one address', async () => {
    const forged = await fetch(`${test.url}/api/v1/sessions/password`, {
      method: 'POST',
      body: JSON.stringify({ account: 'admin', password: PASSWORD }),
    });
    expect(forged.status).toBe(403);
    expect(forged.headers.get('set-cookie')).toBeNull();
    const statuses: number[] = [];
    for (let guess = 0; guess < 12; guess++) statuses.push((await signIn('guess', `nobody ${guess}`)).status);
    expect(statuses.at(-1)).toBe(429);
  });

  it('an account of its own kind may not touch another’s password, link or addresses', async () => {
    const { accountId } = await test.calls.createAccount(key.accountId, { name: 'eve', mainAccountId: 0 });
    const eve = await test.calls.createKey(accountId, 'eve');
    for (const [path, body] of [
      ['/password', { account: 'admin', password: 'taken over now' }],
      ['/sign-in-codes', { account: 'admin' }],
      ['/address-rule', { account: 'admin', allow: ['192.0.2.1'] }],
    ] as const) {
      const answer = await test.ask(eve, 'POST', `/api/v1${path}`, JSON.stringify(body));
      expect([path, answer.status]).toEqual([path, 403]);
    }
    expect((await test.ask(key, 'POST', '/api/v1/sign-in-codes', '{"account":"eve"}')).status).toBe(200);
    expect((await test.ask(key, 'POST', '/api/v1/sign-in-codes', '{"account":"nobody"}')).text).toContain(
      '800',
    );
  });
});

describe('a list of addresses', () => {
  it('does not shut out whoever sets it', async () => {
    const rule = (body: object) => test.ask(key, 'POST', '/api/v1/address-rule', JSON.stringify(body));
    for (const body of [{ allow: ['10.0.0.0/8'] }, { account: 'admin', allow: ['192.0.2.1'] }]) {
      const { status, text } = await rule(body);
      expect([status, JSON.parse(text)]).toMatchObject([409, { code: 'NATIVE_OWN_ADDRESS' }]);
      expect(text).toContain('leaves out 127.0.0.1');
    }
    expect(await test.calls.addressRule(key.accountId)).toEqual([]);
    expect((await rule({ allow: ['10.0.0.0/8', '127.0.0.0/8'] })).status).toBe(200);
    expect((await rule({ allow: [] })).status).toBe(200);
  });
});

describe('records', () => {
  it('tell each change with what was asked and what came of it, without secrets', async () => {
    const made = await test.call(key, '/api/render/submit/createTask', { count: 1, taskUserLevel: 50 });
    const [taskId] = made.data.taskIdList;
    expect((await test.call(key, '/api/render/handle/stopTask', { taskIds: [999_999_999] })).code).toBe(404);
    const secret = JSON.stringify({ account: 'admin', password: 'a secret password' });
    await test.ask(key, 'POST', '/api/v1/password', secret);
    await expect.poll(async () => (await operations())[0]!.details).toBe('success');
    const [password, stop, create] = await operations();
    expect(password).toMatchObject({ buttonName: 'password', requestURI: '/api/v1/password', channel: '4' });
    expect(JSON.parse(String(password!.requestParam))).toEqual({ account: 'admin', password: '***' });
    expect(stop).toMatchObject({ buttonName: 'stopTask', taskIds: '[999999999]', taskType: 'Render' });
    expect(stop!.details).toMatch(/^404 resource_not_found/);
    expect(create).toEqual({
      userName: 'admin',
      userId: String(key.accountId),
      taskType: 'Render',
      buttonName: 'createTask',
      taskIds: `[${taskId}]`,
      channel: '4',
      createTime: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
      details: 'success',
      operateSource: 1,
      requestIp: '127.0.0.1',
      requestURI: '/api/render/submit/createTask',
      requestParam: '{"count":1,"taskUserLevel":50}',
    });
    // The zone of the setting, eight hours ahead of UTC.
    const told = Date.parse(`${String(create!.createTime).replace(' ', 'T')}+08:00`);
    expect(Math.abs(told - Date.now())).toBeLessThan(60_000);
  });

  it('tell who came in, how, from where, and who did not; by time', async () => {
    await test.calls.setPassword(key.accountId, { password: PASSWORD, isTrusted: true });
    const wrongKey = { ...key, accessKey: 'wrong' };
    for (let retry = 0; retry < 5; retry++)
      expect((await test.call(wrongKey, '/api/render/setUp/queryUserProfile')).code).toBe(611);
    await expect
      .poll(async () => (await logins()).items.filter(({ loginStatus }) => loginStatus === '611').length)
      .toBeGreaterThan(0);
    const { items } = await logins();
    const of = (status: string, type: string) =>
      items.filter(({ loginStatus, loginType }) => loginStatus === status && loginType === type);
    expect(of('200', 'password').length).toBeGreaterThan(0);
    expect(of('805', 'password').length).toBeGreaterThan(0);
    expect(of('200', 'key')).toHaveLength(1);
    // Five retries within a minute are one record; a minute may end between them.
    expect(of('611', 'key').length).toBeLessThanOrEqual(2);
    expect(of('200', 'password')[0]).toMatchObject({
      userId: key.accountId,
      userName: 'admin',
      userUa: 'test browser',
      loginStaDesc: 'success',
      moduleType: 'web',
      ip: '127.0.0.1',
      loginIp: '127.0.0.1',
      loginTime: expect.any(Number),
      traceId: expect.any(String),
    });
    expect(JSON.stringify(items)).not.toMatch(/wrong password|correct horse/);
    expect(await logins({ startDate: '', endDate: '' })).toMatchObject({ total: items.length });
    expect((await logins({ startDate: '2999-01-01 00:00:00' })).items).toEqual([]);
    expect((await logins({ endDate: '2001-01-01' })).items).toEqual([]);
    const path = '/api/render/handle/operate/sdk/loginRecord';
    expect((await test.call(key, path, { startDate: 'yesterday' })).code).toBe(600);
    const page = await test.call(key, path, { pageNum: 2, pageSize: 1 });
    expect(page.data).toMatchObject({ pageNum: 2, size: 1, items: [expect.anything()] });
    expect((await test.call(key, path, { pageNum: 99_999 })).data.items).toEqual([]);
  });

  it('are each account’s own', async () => {
    const eve = await test.calls.createKey(
      (await test.calls.createAccount(key.accountId, { name: 'mallory', mainAccountId: 0 })).accountId,
      'hers',
    );
    for (const path of ['taskRecord', 'loginRecord']) {
      const { data } = await test.call(eve, `/api/render/handle/operate/sdk/${path}`);
      expect(JSON.stringify(data)).not.toContain('admin');
    }
  });
});

describe('addresses', () => {
  it('other than those of the list are refused with 812, with key, cookie and password', async () => {
    const { token } = await test.calls.redeemSignInCode(await test.calls.createSignInCode(key.accountId));
    const cookie = `croft_session_${new URL(test.url).port}=${token}`;
    await test.calls.setAddressRule(key.accountId, ['192.0.2.0/24']);
    await expect
      .poll(async () => (await test.call(key, '/api/render/setUp/queryUserProfile')).code, {
        timeout: 15_000,
      })
      .toBe(812);
    expect((await test.ask(key, 'GET', '/api/v1/tasks')).text).toContain('"apiCode":812');
    expect((await browse('/session', undefined, cookie)).json).toMatchObject({ apiCode: 812 });
    await test.calls.setAddressRule(key.accountId, []);
    await expect
      .poll(async () => (await test.call(key, '/api/render/setUp/queryUserProfile')).code, {
        timeout: 15_000,
      })
      .toBe(200);
  }, 40_000);
});
