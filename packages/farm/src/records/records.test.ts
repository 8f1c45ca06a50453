import { DAY } from '@croft/contract';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Caller } from '../accounts/caller.ts';
import { auditedFarm } from '../testing/audited-farm.ts';
import type { TestFarm } from '../testing/test-farm.ts';
import { MOST_RECORDS, RECORDS_KEPT_MS } from './trim.ts';

let farm: TestFarm;
let caller: Caller;
const audited = auditedFarm();
beforeEach(async () => {
  farm = audited.current;
  caller = await farm.calls.firstAccount();
});

const facts = (button: string, by: Caller = caller) => ({
  caller: by,
  button,
  taskIds: [7],
  channel: 4,
  address: '10.0.0.1',
  uri: '/api/render/handle/stopTask',
  parameters: '{}',
});
const proof = (nonce: string) => ({ accessId: 'AK', timestampSeconds: 1, nonce });
const all = { page: 1, size: 100 };
const operations = async (filter: object = {}, accountId = farm.accountId) =>
  (await farm.reads.operations(accountId, { ...all, ...filter })).items;

describe('operations', () => {
  test('are written with their nonce: a replay is refused and leaves no record', async () => {
    const id = await farm.calls.beginOperation(facts('stopTask'), proof('1'));
    expect(id).toBeGreaterThan(0);
    expect(await farm.calls.beginOperation(facts('stopTask'), proof('1'))).toBeNull();
    expect(await farm.calls.rememberNonce('AK', 1, '1')).toBe(false);
    expect(await operations()).toMatchObject([{ id, button: 'stopTask', outcome: null, taskIds: [7] }]);
    await farm.calls.endOperations([{ id: id!, outcome: 200, details: '', taskIds: [8, 9] }]);
    expect(await operations()).toMatchObject([{ outcome: 200, taskIds: [8, 9] }]);
  });

  test('are there after the farm died before their answer', async () => {
    await farm.calls.beginOperation(facts('deleteTask'), null);
    await farm.restart();
    expect(await operations()).toMatchObject([{ button: 'deleteTask', outcome: null }]);
  });

  test('are listed by time, newest first, in pages; a main account sees those of its sub-accounts, not the reverse', async () => {
    const sub: Caller = { ...caller, accountId: 555, accountName: 'sub', mainAccountId: farm.accountId };
    const times: number[] = [];
    for (const button of ['one', 'two', 'three']) {
      await farm.calls.beginOperation(facts(button, button === 'two' ? sub : caller), null);
      times.push(farm.clock.now());
      farm.clock.leap(1000);
    }
    const names = async (filter: object, accountId?: number) =>
      (await operations(filter, accountId)).map(({ button }) => button);
    expect(await names({})).toEqual(['three', 'two', 'one']);
    expect(await names({ from: times[1] })).toEqual(['three', 'two']);
    expect(await names({ to: times[1] })).toEqual(['two', 'one']);
    expect(await names({ from: times[1], to: times[1] })).toEqual(['two']);
    expect(await names({ page: 2, size: 2 })).toEqual(['one']);
    expect(await names({ page: 9 })).toEqual([]);
    expect(await names({}, 555)).toEqual(['two']);
    expect(await names({}, 556)).toEqual([]);
  });

  test('keep no more text than their columns hold', async () => {
    const long = 'x'.repeat(100_000);
    await farm.calls.beginOperation({ ...facts(long), parameters: long, uri: long, address: long }, null);
    expect(JSON.stringify(await operations()).length).toBeLessThan(3500);
  });

  test('older than a year go, and the newest are never more than there is room for', async () => {
    await farm.calls.beginOperation(facts('old'), null);
    farm.clock.leap(RECORDS_KEPT_MS + DAY);
    let last = 0;
    for (let count = 0; count < 256; count++) last = (await farm.calls.beginOperation(facts('new'), null))!;
    expect(last).toBeLessThan(MOST_RECORDS);
    const { total } = await farm.reads.operations(farm.accountId, all);
    expect(total).toBe(256);
    expect((await operations({ size: 1000 })).some(({ button }) => button === 'old')).toBe(false);
  });
});

describe('sign-ins', () => {
  const note = { way: 'key', outcome: 200, address: '10.0.0.1', userAgent: 'sdk', traceId: 't' } as const;

  test('of one name are kept once, others as often as they come', async () => {
    const at = farm.clock.now();
    const once = { ...note, caller, at, once: 'AK 1 10.0.0.1' };
    await farm.calls.noteSignIns([once, once, { ...note, caller, at }, { ...note, caller, at }]);
    await farm.calls.noteSignIns([once]);
    const { items, total } = await farm.reads.signIns(farm.accountId, all);
    expect(total).toBe(3);
    expect(items[0]).toMatchObject({ way: 'key', outcome: 200, userAgent: 'sdk', address: '10.0.0.1' });
  });
});
