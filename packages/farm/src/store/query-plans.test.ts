/**
 * Every statement that a farm's day runs finds its rows by an index. All that is prepared while tasks are made, rendered,
 * steered, looked at and deleted is collected, and SQLite is asked how it would run it.
 */
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { farmHome } from '../home.ts';
import { blobIdOf } from '../testing/memory-blobs.ts';
import { TestFarm } from '../testing/test-farm.ts';

let farm: TestFarm;
const statements = new Set<string>();
beforeEach(async () => {
  const prepare = DatabaseSync.prototype.prepare;
  vi.spyOn(DatabaseSync.prototype, 'prepare').mockImplementation(function (this: DatabaseSync, sql, ...rest) {
    if (!sql.startsWith('explain')) statements.add(sql);
    return prepare.call(this, sql, ...rest);
  });
  farm = await TestFarm.open();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await farm.end();
});

/** Tables of a few rows a farm or an account: reading all of them is right. */
const SMALL = [
  'accounts',
  'nodes',
  'projects',
  'codes',
  'sessions',
  'sequences',
  'migrations',
  'storage_ids',
  'team_rights',
  'trees',
  'prices',
  'money_settings',
];

/** Runs once a start, a look, or a tick, over what is live or new: told here so that a new one is a decision. */
const WHOLE: readonly RegExp[] = [
  // Live attempts, by a partial index.
  /from "attempts" where "state" <> 'ended'$/,
  // Tasks whose labels an earlier version kept in them, by a partial index: once an hour.
  /from "tasks" where labels <> '\[\]'/,
  // What nodes are kept away from: rows of the last hours only.
  /from "node_faults" where "avoid_until"/,
];

test('every statement of a farm at work uses an index', async () => {
  await comeIn();
  await workForMoney();
  await work();
  const plans = new DatabaseSync(farmHome(farm.home).database, { readOnly: true });
  const scans: string[] = [];
  for (const sql of statements) {
    if (!/^(select|update|delete|insert|with)/i.test(sql)) continue;
    for (const { detail } of plans.prepare(`explain query plan ${sql}`).all() as { detail: string }[]) {
      const table = /^SCAN ([a-z]\w*)/.exec(detail)?.[1];
      if (!table || SMALL.includes(table) || WHOLE.some((known) => known.test(sql))) continue;
      scans.push(`${detail}: ${sql.slice(0, 300)}`);
    }
  }
  plans.close();
  expect(statements.size).toBeGreaterThan(80);
  expect(scans).toEqual([]);
});

/** Somebody signs in, is recorded, and looks who else did. */
async function comeIn(): Promise<void> {
  const { calls, reads, accountId } = farm;
  const place = { address: '10.0.0.1', userAgent: '', traceId: '' };
  await calls.setPassword(accountId, { password: 'a good password', isTrusted: true });
  await calls.passwordSignIn('admin', 'a wrong password', place).catch(() => {});
  const { token, caller } = await calls.passwordSignIn('admin', 'a good password', place);
  await calls.redeemSignInCode(await calls.createSignInCode(accountId), place);
  await calls.sessionCaller(token);
  await calls.sessions(accountId, token);
  await calls.setAddressRule(accountId, ['10.0.0.0/8']);
  const asked = {
    caller,
    button: 'stopTask',
    taskIds: [1],
    channel: 4,
    address: '',
    uri: '',
    parameters: '{}',
  };
  const id = await calls.beginOperation(asked, { accessId: 'AK', timestampSeconds: 1, nonce: '1' });
  await calls.endOperations([{ id: id!, outcome: 200, details: '' }]);
  await calls.noteSignIns([{ caller, way: 'key', outcome: 200, at: 1, once: 'x', ...place }]);
  const range = { page: 1, size: 10, from: 1, to: 2 };
  for (const account of [accountId, 555])
    for (const filter of [{ page: 1, size: 10 }, range]) {
      await reads.operations(account, filter);
      await reads.signIns(account, filter);
    }
  await calls.endOtherSessions(accountId, token);
  await calls.endSessionOf(token);
}

test('thumbnails of a page of frames are found by frame, the newest of a task and results since a moment by time', async () => {
  await work();
  const plans = new DatabaseSync(farmHome(farm.home).database, { readOnly: true });
  const plansOf = (part: RegExp) =>
    [...statements]
      .filter((sql) => part.test(sql))
      .flatMap((sql) => plans.prepare(`explain query plan ${sql}`).all() as { detail: string }[])
      .map(({ detail }) => detail);
  expect(plansOf(/select "frame_id", "capability"/).join()).toMatch(/task_id=\? AND frame_id[=>]\?/);
  expect(plansOf(/select "capability" from "results"/).join()).toMatch(
    /results_newest_thumbnail \(task_id=\?\)/,
  );
  expect(plansOf(/select \* from "results" where .*"published_at" >= /)).toEqual([
    expect.stringMatching(/results_published \(task_id=\? AND published_at>\?\)$/),
  ]);
  plans.close();
});

/** A priced farm: charges, debts, top-ups, vouchers, packages, refunds, and looks at all of it. */
async function workForMoney(): Promise<void> {
  const { calls, reads, accountId } = farm;
  const node = await farm.addNode();
  const price = { platform: 0, machine: '', model: '', per: 'node-hour' } as const;
  await calls.setPrice(accountId, { ...price, amount: '36', fromAt: 0 });
  const taskId = await farm.submit({ frames: '1-3' });
  await calls.topUp(accountId, accountId, '0.0005', { reference: 'r' });
  await farm.turn(20);
  await node.done(node.orders[0]!, node.orders[0]!.frames[0]!);
  await farm.turn(20_000);
  await calls.setSpendLimit(accountId, accountId, '100');
  await calls.grantVoucher(accountId, accountId, {
    amount: '0.0001',
    company: true,
    expiresAt: farm.clock.now() + 1000,
  });
  const covers = { kind: 'project', project: 'film', amount: '1' } as const;
  const sold = { name: 'p', paid: '0', fromBalance: true, endsAt: farm.clock.now() + 50_000, covers };
  await calls.sellPackage(accountId, accountId, sold);
  await calls.topUp(accountId, accountId, '1');
  await farm.turn(20_000);
  await node.renderAll();
  const [frame] = (await reads.frames(accountId, taskId, { page: 1, size: 5 })).items;
  await calls.refundFrame(accountId, frame!.id);
  await farm.turn(60_000);
  await reads.moneyStanding(accountId, accountId);
  await reads.statement(accountId, accountId, 1, 10);
  await reads.accountMoney(accountId, 2);
  await reads.outputsInArrears(accountId);
  await reads.taskInfos(accountId, [taskId]);
  await node.disconnect();
}

async function work(): Promise<void> {
  const { calls, reads, accountId } = farm;
  const node = await farm.addNode({ slots: 2 });
  const taskId = await farm.submit({
    taskInfo: { task_stop_time: '1000' },
    segments: [{ frames: '1', stage: 'priority', frameType: 4, pauseAfter: true }, { frames: '2-40[1]' }],
  });
  const [order] = node.orders;
  await node.started(order!, order!.frames[0]!);
  const running = [{ attemptId: order!.attemptId, frameId: order!.frames[0]!.frameId, percent: 50 }];
  await calls.nodePulse(node.id, {
    type: 'pulse',
    cpuPercent: 1,
    memoryFreeBytes: 1,
    diskFreeBytes: 1,
    running,
  });
  await node.done(order!, order!.frames[0]!, { kind: 'thumbnail' });
  await node.ended(order!);
  await calls.startTasks(accountId, [taskId]);
  await farm.turn(20);
  const chunk = node.orders[1]!;
  await node.failed(chunk, chunk.frames[0]!, 'scene');
  await node.failed(chunk, chunk.frames[1]!, 'node');
  await node.done(chunk, chunk.frames[2]!);
  const { items } = await reads.frames(accountId, taskId, { page: 1, size: 50 });
  await reads.frames(accountId, taskId, { page: 1, size: 50, statuses: [4, 5] });
  await reads.frames(accountId, taskId, { page: 1, size: 50, search: '3' });
  await calls.stopFrames(accountId, taskId, [items[20]!.id]);
  await calls.restartFrames(accountId, taskId, [items[20]!.id]);
  await calls.stopFrames(accountId, taskId, undefined, [1]);
  await calls.restartFailedFrames(accountId, [taskId], [3, 5]);
  await node.disconnect();
  await farm.turn(50_000);
  await node.connect();
  await farm.turn(60_000);
  await node.renderAll();
  await reads.listTasks(accountId, { page: 1, size: 10 });
  await reads.listTasks(accountId, { page: 1, size: 10, statuses: [25, 30], search: 'x', submittedFrom: 1 });
  await reads.task(accountId, taskId);
  await reads.taskInfos(accountId, [taskId]);
  await reads.frameTotals(accountId);
  await reads.results(accountId, taskId, 1, 10);
  await reads.results(accountId, taskId, 1, 10, { since: 5 });
  await reads.newestAttempt(accountId, items[0]!.id);
  await reads.picture('none');
  const tree = { accountId, root: 'output' } as const;
  for await (const _ of reads.treeEntries(tree, '/')) break;
  const grant = {
    attemptId: 1,
    nodeId: node.id,
    taskId,
    accountId,
    inputAccountId: accountId,
    inputVersion: 1,
  };
  for await (const _ of reads.attemptInputs(grant)) break;
  await reads.inputBlobSize(grant, blobIdOf('scene'));
  await calls.attemptGrant('no token');
  await calls.rememberNonce('k', 1, 'n');
  const { accessId } = await calls.createKey(accountId, 'k');
  await calls.keySecret(accessId);
  await calls.disableKey(accountId, accessId);
  await calls.stopTasks(accountId, [taskId]);
  await calls.restartFrames(accountId, taskId);
  await calls.deleteTasks(accountId, [taskId]);
  await farm.idle();
  await reads.listTasks(accountId, { page: 1, size: 10, deleted: true });
}
