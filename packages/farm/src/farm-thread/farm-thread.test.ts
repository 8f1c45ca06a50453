import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CroftError, silentLog } from '@croft/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { backupStore } from '../backup-store.ts';
import type { Farm } from '../farm-api.ts';
import { farmHome } from '../home.ts';
import { memoryBlobs } from '../testing/memory-blobs.ts';
import { openFarm } from './open-farm.ts';

let home: string;
let farm: Farm;
const blobs = memoryBlobs();
const open = () =>
  openFarm({
    home,
    blobs,
    apps: async () => [],
    log: silentLog,
    outlet: { event() {}, toNode() {} },
  });

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'croft-thread-'));
  farm = await open();
});
afterEach(async () => {
  await farm.close();
  await rm(home, { recursive: true });
});

test('calls reach the thread, and sets, errors with their codes and blobs come back', async () => {
  const { accountId } = await farm.calls.firstAccount();
  expect(await farm.calls.missingBlobs(accountId, [])).toEqual(new Set());
  const failure = await farm.calls.profile(1).catch((thrown: unknown) => thrown);
  expect(failure).toBeInstanceOf(CroftError);
  expect(failure).toMatchObject({ code: 'FARM_NOT_FOUND', status: 404 });
  const [taskId] = await farm.calls.createTasks(accountId, { count: 1, userLevel: 50 });
  await farm.calls.putTaskFile(accountId, taskId!, 'tips.json', '{}');
  const config = { accountId, root: 'config' } as const;
  expect(await farm.reads.treeEntry(config, `/${taskId}/cfg/tips.json`)).toMatchObject({ size: 2 });
});

test('a home is one farm at a time', async () => {
  await expect(open()).rejects.toMatchObject({ code: 'FARM_STORE_BUSY' });
});

test('a running farm can be backed up, and the copy is a farm', async () => {
  const { accountId } = await farm.calls.firstAccount();
  const key = await farm.calls.createKey(accountId, 'mine');
  const copy = await mkdtemp(join(tmpdir(), 'croft-copy-'));
  await backupStore(home, farmHome(copy).database);
  await expect(backupStore(home, farmHome(copy).database)).rejects.toMatchObject({ code: 'FARM_INVALID' });
  await expect(
    openFarm({
      home: copy,
      blobs,
      apps: async () => [],
      log: silentLog,
      outlet: { event() {}, toNode() {} },
    }),
  ).rejects.toMatchObject({ code: 'FARM_MASTER_KEY' });
  const { backupMasterKey } = await import('../backup-store.ts');
  await backupMasterKey(home, farmHome(copy).masterKey);
  const second = await openFarm({
    home: copy,
    blobs,
    apps: async () => [],
    log: silentLog,
    outlet: { event() {}, toNode() {} },
  });
  expect((await second.calls.keySecret(key.accessId))?.secret).toBe(key.accessKey);
  await second.close();
  await rm(copy, { recursive: true });
});

test('a closed farm refuses calls', async () => {
  await farm.close();
  await expect(farm.calls.firstAccount()).rejects.toMatchObject({ code: 'FARM_CLOSED' });
  farm = await open();
});
