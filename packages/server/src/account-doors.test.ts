/** Accounts at the doors: what a key is made for, who is locked out, and what the API says of an account. */
import type { AccountValue } from '@croft/farm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nativeRoutes } from './native/routes.ts';
import { loadEndpoints } from './renderbus/registry.ts';
import { blobOf, type RealServer, startRealServer, type TestKey } from './testing/real-server.ts';

const PROFILE = '/api/render/setUp/queryUserProfile';
const SETTING = '/api/render/setUp/queryUserSetting';

let server: RealServer;
let admin: TestKey;

beforeAll(async () => {
  server = await startRealServer();
  admin = await server.calls.createKey((await server.calls.firstAccount()).accountId, 'admin');
});
afterAll(() => server.close());

let made = 0;
async function newKey(mainAccountId = 0, fields: Record<string, AccountValue> = {}): Promise<TestKey> {
  made += 1;
  const wish = { name: `account ${made}`, mainAccountId, fields };
  const { accountId } = await server.calls.createAccount(admin.accountId, wish);
  return server.calls.createKey(accountId, 'key');
}

describe('keys', () => {
  it('made to look may call what changes nothing, made to submit also what makes tasks', async () => {
    const { accountId } = await newKey();
    const look = await server.calls.createKey(accountId, 'look', 'read');
    const submit = await server.calls.createKey(accountId, 'submit', 'submit');
    const submits: string[] = [];
    for (const [path, endpoint] of await loadEndpoints()) {
      const { code } = await server.call(look, path);
      if (endpoint.mutates) expect([path, code]).toEqual([path, 605]);
      else expect([path, code]).not.toEqual([path, 605]);
      const needsFull = endpoint.mutates && endpoint.needs !== 'submit';
      const answer = await server.call(submit, path);
      if (needsFull) expect([path, answer.code]).toEqual([path, 605]);
      else expect([path, answer.code]).not.toEqual([path, 605]);
      if (endpoint.needs === 'submit') submits.push(endpoint.name);
    }
    expect([...new Set(submits)]).toEqual(
      expect.arrayContaining(['createTask', 'taskJsonFile', 'submitTask', 'addProject']),
    );
    expect(submits).not.toContain('deleteTask');
  });

  it('hold at the native API and the transfer door too', async () => {
    const { accountId } = await newKey();
    const look = await server.calls.createKey(accountId, 'look', 'read');
    for (const { method, path, open, needs } of nativeRoutes) {
      if (open || method === 'GET' || needs === 'read') continue;
      const target = `/api/v1${path.replaceAll(/\{\w+\}/g, '1')}`;
      const answer = await server.ask(look, method, target, '{}');
      expect([path, answer.status]).toEqual([path, 403]);
      expect(answer.text).toContain('KEY_RIGHTS_TOO_FEW');
    }
    expect(await server.ask(look, 'GET', '/api/v1/tasks')).toMatchObject({ status: 200 });
    expect(await server.ask(look, 'GET', '/transfer/v1/trees/input')).toMatchObject({ status: 200 });
    const { id, size } = blobOf('bytes');
    const put = await server.ask(look, 'PUT', `/transfer/v1/blobs/${id}?size=${size}`, 'bytes');
    expect(put.text).toContain('KEY_RIGHTS_TOO_FEW');
  });

  it('sign with both secrets while they are rotated, and with the new one only afterwards', async () => {
    const old = await newKey();
    const { accessKey } = await server.calls.rotateKey(old.accountId, old.accessId);
    const fresh = { ...(await newKey()), accessId: old.accessId, accessKey };
    for (const key of [old, fresh]) {
      expect((await server.call(key, PROFILE)).code).toBe(200);
      expect((await server.ask(key, 'GET', '/api/v1/tasks')).status).toBe(200);
    }
    const ended = await newKey();
    await server.calls.rotateKey(ended.accountId, ended.accessId, 0);
    expect((await server.call(ended, PROFILE)).code).toBe(611);
  });

  it('of a disabled key, account or main account are answered 804, and only to who can sign', async () => {
    const main = await newKey();
    const sub = await newKey(main.accountId);
    const key = await newKey();
    await server.calls.disableKey(key.accountId, key.accessId);
    await server.calls.disableAccount(admin.accountId, main.accountId);
    for (const locked of [main, sub, key]) {
      expect(await server.call(locked, PROFILE)).toMatchObject({
        code: 804,
        message: 'account_locked',
        data: null,
      });
      expect((await server.ask(locked, 'GET', '/api/v1/tasks')).text).toContain('KEY_LOCKED');
      expect((await server.ask(locked, 'GET', '/transfer/v1/trees/input')).text).toContain('KEY_LOCKED');
      expect((await server.call({ ...locked, accessKey: 'guess' }, PROFILE)).code).toBe(611);
    }
  });
});

describe('profile and settings', () => {
  it('have all documented fields', async () => {
    const { data: profile } = await server.call(admin, PROFILE);
    expect(Object.keys(profile)).toHaveLength(46);
    expect(Object.keys((await server.call(admin, SETTING)).data)).toHaveLength(20);
  });

  /** Field of the store, where the API shows it, a value, and what the API makes of it where that is something else. */
  const shown: [string, 'profile' | 'setting' | 'both', AccountValue, unknown?][] = [
    ['phone', 'profile', '123'],
    ['email', 'profile', 'a@b.c'],
    ['company', 'profile', 'Films'],
    ['job', 'profile', 'artist'],
    ['communicationNumber', 'profile', '77'],
    ['softType', 'profile', 2000],
    ['softStatus', 'profile', 0],
    ['businessType', 'profile', 2],
    ['userType', 'profile', 2],
    ['level', 'profile', 49],
    ['zone', 'profile', 1],
    ['description', 'profile', 'words'],
    ['country', 'profile', 'Iceland'],
    ['city', 'profile', 'Vik'],
    ['address', 'profile', 'Street 1'],
    ['hideJobCharge', 'profile', 1],
    ['useLevelDirectory', 'profile', 0],
    ['infoStatus', 'both', 1],
    ['subDeleteTask', 'both', 0],
    ['useMainBalance', 'both', 1],
    ['shareMainCapital', 'both', 1],
    ['downloadDisable', 'both', 1],
    ['hideBalance', 'profile', 1],
    ['singleNodeRenderFrames', 'setting', 3, '3'],
    ['maxIgnoreMapFlag', 'setting', 0, '0'],
    ['autoCommit', 'setting', 1, '1'],
    ['mifileSwitchFlag', 'setting', 1],
    ['assfileSwitchFlag', 'setting', 1],
    ['manuallyStartAnalysisFlag', 'setting', 1],
    ['ignoreMapFlag', 'setting', 0],
    ['isVrayLicense', 'setting', 1],
    ['justUploadConfigFlag', 'setting', 1],
    ['justUploadCgFlag', 'setting', 1],
    ['mandatoryAnalyseAllAgent', 'setting', 1],
    ['taskOverTimeSec', 'setting', 7200],
  ];
  it.each(shown)('%s is told as the store has it (%s)', async (field, where, value, told = value) => {
    const sub = await newKey((await newKey()).accountId, {});
    const [profile, setting] = [await server.call(sub, PROFILE), await server.call(sub, SETTING)];
    await server.calls.changeAccount(admin.accountId, sub.accountId, { [field]: value });
    const after = { profile: await server.call(sub, PROFILE), setting: await server.call(sub, SETTING) };
    for (const [name, before] of [
      ['profile', profile],
      ['setting', setting],
    ] as const) {
      if (where !== 'both' && where !== name) continue;
      expect(before.data[field]).not.toEqual(told);
      expect(after[name].data[field]).toEqual(told);
    }
  });

  it('of a main account tell its own: sub-accounts shown, their limit, settings kept apart', async () => {
    const main = await newKey();
    const fields = { displaySubaccount: 0, subaccountLimits: 3, separateAccountFlag: 0, fullName: 'Ada L.' };
    await server.calls.changeAccount(admin.accountId, main.accountId, {
      ...fields,
      endsAt: 4_000_000_000_000,
    });
    const { data } = await server.call(main, PROFILE);
    expect(data).toMatchObject({ displaySubaccount: 0, subaccountLimits: 3, name: 'Ada L.', mainUserId: 0 });
    expect(data).toMatchObject({ accountType: 1, status: 1, studentEndTime: 4_000_000_000_000 });
    expect((await server.call(main, SETTING)).data.separateAccountFlag).toBe(0);
    const sub = await newKey(main.accountId);
    expect((await server.call(sub, PROFILE)).data).toMatchObject({
      accountType: 2,
      mainUserId: main.accountId,
    });
  });

  it('the time-out is changed through the API in seconds and in hours', async () => {
    const key = await newKey();
    const update = (body: object) => server.call(key, '/api/render/setUp/updateUserSetting', body);
    const told = async () => (await server.call(key, SETTING)).data;
    await update({ taskOverTimeSec: 5400 });
    expect(await told()).toMatchObject({ taskOverTimeSec: 5400, taskOverTime: 2 });
    await update({ taskOverTime: 13 });
    expect(await told()).toMatchObject({ taskOverTimeSec: 46_800, taskOverTime: 13 });
    expect((await update({ taskOverTime: -1 })).code).toBe(600);
  });

  it('amounts are hidden from an account by its main account', async () => {
    const sub = await newKey((await newKey()).accountId, { hideBalance: 1 });
    const { data } = await server.call(sub, PROFILE);
    for (const field of ['rmbbalance', 'usdbalance', 'rmbCumulative', 'usdCumulative', 'credit', 'coupon'])
      expect([field, data[field]]).toEqual([field, null]);
  });
});

describe('storages', () => {
  it('getBid and getConfig tell the main account’s input storage to whoever shares it, and sub-accounts’ outputs', async () => {
    const main = await newKey();
    const sharing = await newKey(main.accountId, { shareMainCapital: 1 });
    const apart = await newKey(main.accountId);
    const bids = async (key: TestKey) => (await server.call(key, '/api/render/transfer/getBid')).data;
    const [mains, shared, own] = [await bids(main), await bids(sharing), await bids(apart)];
    expect(mains.sub_user_output_bids.map(({ userId }: { userId: number }) => userId)).toEqual([
      sharing.accountId,
      apart.accountId,
    ]);
    expect(mains.parent_input_bid).toBe(mains.input_bid);
    expect(own).toMatchObject({ parent_input_bid: own.input_bid, sub_user_output_bids: [] });
    expect(await server.calls.storageOwner(shared.parent_input_bid)).toEqual({
      accountId: main.accountId,
      root: 'input',
    });
    const { data: config } = await server.call(sharing, '/api/render/transfer/getConfig');
    expect(config).toMatchObject({ parentInputBid: shared.parent_input_bid, subUserOutputBids: [] });
    const { data: mainConfig } = await server.call(main, '/api/render/transfer/getConfig');
    expect(mainConfig.subUserOutputBids).toEqual(mains.sub_user_output_bids);
  });

  it('the transmitter’s pair of a storage id and an account opens what its holder may use, and closes with the right', async () => {
    const main = await newKey();
    const sharing = await newKey(main.accountId, { shareMainCapital: 1 });
    const bids = (await server.call(sharing, '/api/render/transfer/getBid')).data;
    const mains = (await server.call(main, '/api/render/transfer/getBid')).data;
    const pair = (bid: string, accountId: number) => ({
      'croft-storage': bid,
      'croft-account': String(accountId),
    });
    const root = async (key: TestKey | null, bid: string, accountId: number) =>
      (await server.ask(key, 'GET', '/transfer/v1/storage', undefined, pair(bid, accountId))).text;
    const open = (name: string) => JSON.stringify({ root: name });
    // As the SDK names them: the main account's id for shared assets, the sub-account's for its outputs.
    expect(await root(null, bids.parent_input_bid, main.accountId)).toBe(open('input'));
    expect(await root(sharing, bids.parent_input_bid, main.accountId)).toBe(open('input'));
    expect(await root(null, mains.sub_user_output_bids[0].outputBid, sharing.accountId)).toBe(open('output'));
    expect(await root(main, mains.sub_user_output_bids[0].outputBid, sharing.accountId)).toBe(open('output'));
    // Signed by somebody who has no right to it.
    expect(await root(sharing, mains.output_bid, main.accountId)).toContain('SIGNATURE_INVALID');
    expect(await root(sharing, mains.config_bid, main.accountId)).toContain('SIGNATURE_INVALID');
    expect(await root(null, bids.parent_input_bid, sharing.accountId)).toContain('TRANSFER_STORAGE_REFUSED');
    const closed = await newKey(main.accountId, { shareMainCapital: 1 });
    const taken = (await server.call(closed, '/api/render/transfer/getBid')).data.parent_input_bid;
    await server.calls.changeAccount(main.accountId, closed.accountId, { shareMainCapital: 0 });
    expect(await root(null, taken, main.accountId)).toContain('TRANSFER_STORAGE_REFUSED');
  });

  it('what a sharing sub-account uploads lies with its main account, and nobody else', async () => {
    const main = await newKey();
    const sharing = await newKey(main.accountId, { shareMainCapital: 1 });
    const apart = await newKey(main.accountId);
    const { id, size } = blobOf('shared bytes');
    const T = '/transfer/v1';
    expect((await server.ask(sharing, 'POST', `${T}/missing`, `["${id}",${size}]\n`)).text).toBe('0\n');
    const put = await server.ask(sharing, 'PUT', `${T}/blobs/${id}?size=${size}`, 'shared bytes');
    expect(put.status).toBe(200);
    const entry = `${JSON.stringify({ path: '/a.blend', id, size, mtimeMs: 1 })}\n`;
    expect((await server.ask(sharing, 'POST', `${T}/trees/input/commit`, entry)).status).toBe(200);
    for (const key of [main, sharing])
      expect((await server.ask(key, 'GET', `${T}/trees/input/file?path=/a.blend`)).text).toBe('shared bytes');
    expect((await server.ask(apart, 'GET', `${T}/trees/input`)).text).toBe('');
    expect((await server.ask(sharing, 'POST', `${T}/missing`, `["${id}",${size}]\n`)).text).toBe('');
    expect((await server.ask(apart, 'POST', `${T}/missing`, `["${id}",${size}]\n`)).text).toBe('0\n');
  });
});
