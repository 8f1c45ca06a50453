/** The farm while its disk fails: what was not committed never happened, and it goes on once the disk does. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Log, silentLog, type ToNode } from '@croft/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FarmCore, startFarmCore } from './farm-thread/farm-core.ts';
import { openSqliteStore } from './store/sqlite/open.ts';
import { crashFacts, draftTask } from './testing/crash-work.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { memoryBlobs } from './testing/memory-blobs.ts';
import { testApp } from './testing/test-app.ts';

let folder: string;
let core: FarmCore;
let clock: FakeClock;
let broken: 'commit' | 'begin' | null;
let errors: number;
const sent: ToNode[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'croft-broken-'));
  broken = null;
  errors = 0;
  sent.length = 0;
  clock = new FakeClock();
  const store = openSqliteStore(join(folder, 'farm.sqlite'));
  const full = () => new Error('database or disk is full');
  const log: Log = { ...silentLog, error: () => errors++, child: () => log };
  core = await startFarmCore({
    store: {
      ...store,
      begin: async () => (broken === 'begin' ? Promise.reject(full()) : store.begin()),
      commit: async () => {
        if (broken !== 'commit') return store.commit();
        await store.rollback();
        throw full();
      },
    },
    masterKey: new Uint8Array(32),
    blobs: memoryBlobs(),
    apps: async () => [testApp],
    clock,
    log,
    outlet: { event() {}, toNode: (_, message) => sent.push(message) },
  });
});
afterEach(async () => {
  await core.close();
  await rm(folder, { recursive: true });
});

test('nobody sees what a failing commit takes back, not even while it is under way', async () => {
  const { accountId } = await core.calls.firstAccount();
  broken = 'commit';
  let over = false;
  const adding = core.calls.addProject(accountId, 'ghost').finally(() => {
    over = true;
  });
  const seen: string[] = [];
  while (!over)
    for (const { projectName } of await core.calls.listProjects(accountId)) seen.push(projectName);
  await expect(adding).rejects.toThrow(/full/);
  expect(seen).toEqual([]);
});

test.each(['commit', 'begin'] as const)(
  'bookings that cannot be saved (%s) wait without haste and go on later',
  async (part) => {
    const { accountId } = await core.calls.firstAccount();
    await draftTask(core.calls, accountId);
    const { code } = await core.calls.createNodeCode(accountId);
    const { nodeId } = await core.calls.enrolNode(code, 'n', Buffer.alloc(32, 7).toString('base64'));
    await core.calls.nodeConnected(nodeId, { ...crashFacts, slots: 1 }, [], false);
    broken = part;
    for (let time = 0; time < 100; time++) await clock.turn(20, () => core.idle());
    expect(sent).toEqual([]);
    expect(errors).toBeLessThan(20);
    broken = null;
    await clock.turn(30_000, () => core.idle());
    expect(sent[0]).toMatchObject({ type: 'run' });
  },
);
