import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FRAME_STATUS, silentLog } from '@croft/contract';
import { expect, test } from 'vitest';
import { audit } from './audit/audit.ts';
import { openFarmInProcess } from './farm-thread/open-farm-in-process.ts';
import { farmHome } from './home.ts';
import { openSqliteReads } from './store/sqlite/open.ts';
import { crashFacts } from './testing/crash-work.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { memoryBlobs } from './testing/memory-blobs.ts';
import { testApp } from './testing/test-app.ts';

const CHILD = fileURLToPath(new URL('./testing/crash-child.ts', import.meta.url));

test('kill -9 at any moment leaves a farm that the auditor accepts and that goes on', async () => {
  for (const workMs of [60, 250, 700]) {
    const home = await mkdtemp(join(tmpdir(), 'croft-crash-'));
    await killAfter(home, workMs);
    expect(await faultsOf(home)).toEqual([]);
    await everyDoneFrameIsChargedOnce(home);
    const farm = await openFarmInProcess({
      home,
      blobs: memoryBlobs(),
      apps: async () => [testApp],
      clock: new FakeClock(Date.now()),
      log: silentLog,
      outlet: { event() {}, toNode() {} },
    });
    const { accountId } = await farm.calls.firstAccount();
    const [node] = await farm.reads.nodes();
    await farm.calls.nodeConnected(node!.id, crashFacts, [], false);
    await farm.calls.settle();
    const { items } = await farm.reads.listTasks(accountId, { page: 1, size: 10 });
    expect(items.length).toBeGreaterThan(0);
    for (const { frames } of items) expect(frames).toMatchObject({ running: 0, failed: 0 });
    await farm.close();
    expect(await faultsOf(home)).toEqual([]);
    await rm(home, { recursive: true });
  }
});

async function faultsOf(home: string): Promise<string[]> {
  const connection = openSqliteReads(farmHome(home).database);
  const faults = await audit(connection.db);
  connection.close();
  return faults;
}

async function everyDoneFrameIsChargedOnce(home: string): Promise<void> {
  const { db, close } = openSqliteReads(farmHome(home).database);
  const ids = (rows: readonly { id: number | null }[]) => rows.map(({ id }) => id).sort();
  const done = db.selectFrom('frames').select('id').where('status', '=', FRAME_STATUS.done);
  const charged = db.selectFrom('movements').select('frame_id as id').where('kind', '=', 'charge');
  expect(ids(await charged.execute())).toEqual(ids(await done.execute()));
  close();
}

/** Lets the child work for so long once it has begun, then kills it. */
async function killAfter(home: string, workMs: number): Promise<void> {
  const child = spawn(process.execPath, [CHILD, home], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`the farm ended by itself with ${code}`)));
  });
  await new Promise((resolve) => setTimeout(resolve, workMs));
  child.kill('SIGKILL');
  await ended;
}
