/** Accounts, their fields, their storages and what they share, on a real farm. */

import { expect, test } from 'vitest';
import { auditedFarm } from '../testing/audited-farm.ts';
import { blobIdOf } from '../testing/memory-blobs.ts';
import {
  ACCOUNT_FIELD_NAMES,
  ACCOUNT_FIELDS,
  type AccountFieldName,
  type AccountValue,
} from './account-fields.ts';

const farm = auditedFarm();

const codeOf = async (work: Promise<unknown>): Promise<[string, number | undefined]> => {
  try {
    await work;
    return ['ok', undefined];
  } catch (thrown) {
    const { code = String(thrown), apiCode } = thrown as { code?: string; apiCode?: number };
    return [code, apiCode];
  }
};

async function make(
  name: string,
  mainAccountId = 0,
  fields: Record<string, AccountValue> = {},
): Promise<number> {
  const { calls, accountId } = farm.current;
  return (await calls.createAccount(accountId, { name, mainAccountId, fields })).accountId;
}

test('names and e-mail addresses belong to one account each, in any case, until it is deleted', async () => {
  const { calls, accountId } = farm.current;
  const studio = await make('Studio', 0, { email: 'Render@Example.org' });
  expect(await codeOf(make('STUDIO'))).toEqual(['FARM_ACCOUNT_NAME', 902]);
  expect(await codeOf(make('other', 0, { email: 'render@example.ORG' }))).toEqual([
    'FARM_ACCOUNT_EMAIL',
    901,
  ]);
  const other = await make('other');
  expect(await codeOf(calls.changeAccount(accountId, other, { email: 'render@example.org' }))).toEqual([
    'FARM_ACCOUNT_EMAIL',
    901,
  ]);
  expect(
    await codeOf(calls.changeAccount(accountId, studio, { name: 'studio', email: 'render@example.org' })),
  ).toEqual(['ok', undefined]);
  for (const name of ['', ' ', '-x', 'a\nb', 'x'.repeat(65), '../etc'])
    expect([name, await codeOf(make(name))]).toEqual([name, ['FARM_ACCOUNT_NAME', 902]]);
  for (const email of ['nobody', 'a@', '@b', 'a b@c', 'a@b c'])
    expect([email, await codeOf(make('third', 0, { email }))]).toEqual([email, ['FARM_ACCOUNT_EMAIL', 901]]);
  await calls.deleteAccount(accountId, studio);
  expect(await make('studio', 0, { email: 'render@example.org' })).not.toBe(studio);
  expect(await codeOf(calls.profile(studio))).toEqual(['FARM_NOT_FOUND', 404]);
});

test('main accounts make and manage their sub-accounts only, administrators all, sub-accounts none', async () => {
  const { calls, accountId: admin } = farm.current;
  const studio = await make('studio');
  const rival = await make('rival');
  const ada = (await calls.createAccount(studio, { name: 'ada', mainAccountId: studio })).accountId;
  const refused = ['FARM_NOT_ALLOWED', 605];
  const foreign = ['FARM_NOT_YOURS', 605];
  const wishes: [number, Parameters<typeof calls.createAccount>[1]][] = [
    [studio, { name: 'x', mainAccountId: 0 }],
    [studio, { name: 'x', mainAccountId: rival }],
    [studio, { name: 'x', mainAccountId: studio, role: 'admin' }],
    [admin, { name: 'x', mainAccountId: studio, role: 'admin' }],
    [ada, { name: 'x', mainAccountId: ada }],
    [ada, { name: 'x', mainAccountId: studio }],
  ];
  for (const [by, wish] of wishes) expect(await codeOf(calls.createAccount(by, wish))).toEqual(refused);
  expect(await codeOf(make('x', ada))).toEqual(['FARM_INVALID', 600]);
  for (const act of [calls.disableAccount, calls.enableAccount, calls.deleteAccount]) {
    expect(await codeOf(act(rival, ada))).toEqual(foreign);
    expect(await codeOf(act(ada, studio))).toEqual(foreign);
    expect(await codeOf(act(ada, ada))).toEqual(refused);
    expect(await codeOf(act(admin, 99))).toEqual(['FARM_NOT_FOUND', 404]);
  }
  for (const act of [calls.disableAccount, calls.deleteAccount])
    expect(await codeOf(act(admin, admin))).toEqual(refused);
  expect(await codeOf(calls.accountOf(rival, ada))).toEqual(foreign);
  const names = async (by: number) => (await calls.listAccounts(by)).map(({ name }) => name);
  expect(await names(admin)).toEqual(['admin', 'studio', 'rival', 'ada']);
  expect(await names(studio)).toEqual(['studio', 'ada']);
  expect(await names(ada)).toEqual(['ada']);
});

test('a main account has as many sub-accounts as its limit says', async () => {
  const { calls, accountId: admin } = farm.current;
  const studio = await make('studio', 0, { subaccountLimits: 1 });
  const sub = (name: string) => calls.createAccount(studio, { name, mainAccountId: studio });
  const { accountId: ada } = await sub('ada');
  expect(await codeOf(sub('bob'))).toEqual(['FARM_NOT_ALLOWED', 605]);
  expect(await codeOf(calls.changeAccount(studio, studio, { subaccountLimits: 2 }))).toEqual([
    'FARM_NOT_ALLOWED',
    605,
  ]);
  await calls.changeAccount(admin, studio, { subaccountLimits: 2 });
  await sub('bob');
  await calls.deleteAccount(studio, ada);
  await sub('cyd');
});

/** A value of each field that no account has from the start. */
const VALUES: Partial<Record<AccountFieldName, AccountValue>> = {
  name: 'grace',
  email: 'grace@example.org',
  phone: '+49 30 1234',
  endsAt: 4_000_000_000_000,
  zone: 1,
  autoCommit: 1,
  subDeleteTask: 0,
  displaySubaccount: 0,
  separateAccountFlag: 0,
  maxIgnoreMapFlag: 0,
  ignoreMapFlag: 0,
  useLevelDirectory: 0,
  softStatus: 0,
  taskOverTimeSec: 3600,
};
const wishFor = (field: AccountFieldName): AccountValue =>
  VALUES[field] ??
  (ACCOUNT_FIELDS[field].allowed.startsWith('a text')
    ? 'a word'
    : ACCOUNT_FIELDS[field].allowed === '0 or 1'
      ? 1
      : 7);

test.each(ACCOUNT_FIELD_NAMES)('%s is changed by those who may, and by nobody else', async (field) => {
  const { calls, accountId: admin } = farm.current;
  const studio = await make('studio');
  const ada = await make('ada', studio);
  const rule = ACCOUNT_FIELDS[field];
  const ofMain = 'of' in rule && rule.of === 'main';
  const account = ofMain ? studio : ada;
  const value = wishFor(field);
  const change = (by: number, to: AccountValue = value, whose = account) =>
    codeOf(calls.changeAccount(by, whose, { [field]: to })).then(([code]) => code);
  const rank = { self: 0, main: 1, admin: 2 }[rule.by];
  if (!ofMain) expect(await change(ada)).toBe(rank === 0 ? 'ok' : 'FARM_NOT_ALLOWED');
  expect(await change(studio)).toBe(rank <= 1 ? 'ok' : 'FARM_NOT_ALLOWED');
  expect(await change(admin)).toBe('ok');
  // What was set on a main account as a limit is not its own to lift.
  const isItsOwn = rank === 0 || 'isOwn' in rule;
  if (!('of' in rule))
    expect(await change(studio, field === 'name' ? 'hal' : field === 'email' ? 'h@al' : value, studio)).toBe(
      isItsOwn ? 'ok' : 'FARM_NOT_ALLOWED',
    );
  expect((await calls.profile(account)).facts[field]).toBe(value);
  if ('of' in rule) expect(await change(admin, value, ofMain ? ada : studio)).toBe('FARM_INVALID');
  for (const wrong of ['x'.repeat(300), -1, 0.5, '\u0000'])
    expect([wrong, (await change(admin, wrong)).startsWith('FARM_')]).toEqual([wrong, true]);
  expect((await calls.profile(account)).facts[field]).toBe(value);
});

test('changes are all or none, and unknown fields are refused', async () => {
  const { calls, accountId: admin } = farm.current;
  const ada = await make('ada');
  expect(await codeOf(calls.changeAccount(admin, ada, { job: 'artist', hideBalance: 3 }))).toEqual([
    'FARM_INVALID',
    600,
  ]);
  for (const field of ['role', 'id', '__proto__', 'constructor'])
    expect((await codeOf(calls.changeAccount(admin, ada, { [field]: 1 })))[0]).toBe('FARM_INVALID');
  expect((await calls.profile(ada)).facts.job).toBe('');
});

test('a main account that keeps settings to itself gives them to its sub-accounts', async () => {
  const { calls } = farm.current;
  const studio = await make('studio');
  const ada = await make('ada', studio);
  await calls.updateTaskOverTime(ada, 60);
  await calls.changeAccount(studio, studio, { taskOverTimeSec: 7200, separateAccountFlag: 0 });
  expect((await calls.profile(ada)).taskOverTimeSec).toBe(7200);
  expect(await codeOf(calls.updateTaskOverTime(ada, 90))).toEqual(['FARM_NOT_ALLOWED', 605]);
  await calls.changeAccount(studio, studio, { separateAccountFlag: 1 });
  expect((await calls.profile(ada)).taskOverTimeSec).toBe(60);
});

test('new sub-accounts begin with their main account’s word on deleting', async () => {
  const { calls } = farm.current;
  const studio = await make('studio');
  await calls.changeAccount(studio, studio, { subDeleteTask: 0, subDeleteCapital: 1 });
  const { facts } = await calls.profile(await make('ada', studio));
  expect(facts).toMatchObject({ subDeleteTask: 0, subDeleteCapital: 1 });
  expect((await calls.profile(await make('bob', studio, { subDeleteTask: 1 }))).facts.subDeleteTask).toBe(1);
});

test('a sub-account with tasks is not deleted (912); without them it is gone, and its keys with it', async () => {
  const { calls, reads, accountId: admin } = farm.current;
  const studio = await make('studio');
  const ada = await make('ada', studio);
  farm.current.accountId = ada;
  const taskId = await farm.current.submit();
  farm.current.accountId = admin;
  const key = await calls.createKey(ada, 'k');
  expect(await codeOf(calls.deleteAccount(studio, ada))).toEqual(['FARM_ACCOUNT_HAS_TASKS', 912]);
  expect(await codeOf(calls.deleteAccount(admin, studio))).toEqual(['FARM_NOT_ALLOWED', 605]);
  await calls.deleteTasks(studio, [taskId]);
  await calls.deleteAccount(studio, ada);
  expect((await calls.keySecret(key.accessId))?.isLocked).toBe(true);
  expect(await calls.listAccounts(studio)).toHaveLength(1);
  expect((await reads.task(studio, taskId)).userName).toBe('ada');
});

test('a sub-account that shares assets uploads to, and renders from, the main account’s input root', async () => {
  const { calls, reads, accountId: admin } = farm.current;
  const studio = await make('studio');
  const ada = await make('ada', studio, { shareMainCapital: 1 });
  const ids = { ada: await calls.storageIds(ada), studio: await calls.storageIds(studio) };
  expect(ids.ada.parentInput).not.toBe(ids.ada.input);
  expect(await calls.storageOwner(ids.ada.parentInput)).toEqual({ accountId: studio, root: 'input' });
  expect(ids.studio.subOutputs.map(({ userId }) => userId)).toEqual([ada]);
  expect(await calls.storageOwner(ids.studio.subOutputs[0]!.outputBid)).toEqual({
    accountId: ada,
    root: 'output',
  });

  // The scene lies with the main account only.
  const id = blobIdOf('scene');
  await calls.blobsArrived(ada, [{ id, size: 5 }]);
  const tree = { accountId: studio, root: 'input' } as const;
  await calls.commitTree(tree, [{ path: '/home/u/scene.blend', id, size: 5, mtimeMs: 1 }]);
  const [taskId] = await calls.createTasks(ada, { count: 1, userLevel: 50 });
  const scene = { frames: '1', scenePath: '/home/u/scene.blend', version: '3.4', needs: [] };
  const taskFile = {
    task_info: { cg_id: '2007' },
    software_config: { cg_version: '3.4' },
    scene_info: scene,
  };
  await calls.putTaskFile(ada, taskId!, 'task.json', JSON.stringify(taskFile));
  await calls.submitTask(ada, taskId!, {});
  const node = await farm.current.addNode();
  await farm.current.turn(1000);
  const grant = await calls.attemptGrant(node.orders[0]!.token);
  expect(grant).toMatchObject({ accountId: ada, inputAccountId: studio });
  const inputs = await Array.fromAsync(reads.attemptInputs(grant!));
  expect(inputs.map(({ path }) => path)).toEqual(['/home/u/scene.blend']);
  expect(await reads.inputBlobSize(grant!, id)).toBe(5);

  // Taken back, the id is closed; the task goes on with what it froze.
  await calls.changeAccount(studio, ada, { shareMainCapital: 0 });
  expect(await calls.storageOwner(ids.ada.parentInput)).toBeNull();
  expect((await calls.storageIds(ada)).parentInput).toBe(ids.ada.input);
  expect(await reads.inputBlobSize(grant!, id)).toBe(5);
  farm.current.accountId = ada;
  await node.renderAll();
  farm.current.accountId = admin;
});

test('assets are deleted by their account, by sub-accounts with the right only, and never from under a task', async () => {
  const { calls, reads } = farm.current;
  const studio = await make('studio');
  const ada = await make('ada', studio, { shareMainCapital: 1 });
  const apart = await make('apart', studio);
  const put = async (owner: number, path: string) => {
    const id = blobIdOf(path);
    await calls.blobsArrived(owner, [{ id, size: path.length }]);
    await calls.commitTree({ accountId: owner, root: 'input' }, [
      { path, id, size: path.length, mtimeMs: 1 },
    ]);
  };
  const left = async (owner: number) =>
    (await Array.fromAsync(reads.treeEntries({ accountId: owner, root: 'input' }, '/'))).map(
      ({ path }) => path,
    );
  for (const path of ['/a/1', '/a/2', '/ab', '/b']) await put(studio, path);
  await put(apart, '/own');
  expect(await codeOf(calls.deleteAssets(ada, '/a'))).toEqual(['FARM_NOT_ALLOWED', 605]);
  expect(await codeOf(calls.deleteAssets(apart, '/own'))).toEqual(['FARM_NOT_ALLOWED', 605]);
  await calls.changeAccount(studio, ada, { subDeleteCapital: 1 });
  expect(await calls.deleteAssets(ada, '/a')).toBe(2);
  expect(await left(studio)).toEqual(['/ab', '/b']);
  expect(await calls.deleteAssets(studio, '/b')).toBe(1);
  expect(await calls.deleteAssets(studio, '/')).toBe(1);
  expect(await left(apart)).toEqual(['/own']);
  expect((await codeOf(calls.deleteAssets(studio, '/../x')))[0]).toBe('PATH_REFUSED');
});

test('ids of outputs are for one holder each: what one may not, another still may', async () => {
  const { calls } = farm.current;
  const studio = await make('studio');
  const ada = await make('ada', studio);
  const bob = await make('bob', studio);
  const bidFor = async (viewer: number) => (await calls.outputIds(viewer, [ada]))[0]?.bid;
  const [own, mains] = [await bidFor(ada), await bidFor(studio)];
  expect(new Set([own, mains, await bidFor(bob)])).toEqual(new Set([own, mains, undefined]));
  expect(await bidFor(studio)).toBe(mains);
  const isOpen = async (bid: string | undefined) => (await calls.storageOwner(bid!)) !== null;
  await calls.changeAccount(studio, ada, { downloadDisable: 1 });
  expect([await isOpen(own), await isOpen(mains)]).toEqual([false, true]);
  expect(await bidFor(ada)).toBeUndefined();
  await calls.setTeamRight(studio, {
    memberId: bob,
    ownerId: ada,
    see: false,
    control: false,
    download: true,
  });
  const bobs = await bidFor(bob);
  expect(await isOpen(bobs)).toBe(true);
  await calls.disableAccount(studio, bob);
  expect(await isOpen(bobs)).toBe(false);
  await calls.enableAccount(studio, bob);
  await calls.setTeamRight(studio, {
    memberId: bob,
    ownerId: ada,
    see: true,
    control: false,
    download: false,
  });
  expect(await isOpen(bobs)).toBe(false);
});
