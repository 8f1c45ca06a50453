import { CroftError, FRAME_STATUS, HOUR } from '@croft/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TestFarm, type TestNode } from '../testing/test-farm.ts';
import { moneyFrom, UNIT } from './amounts.ts';

/** Every finished frame takes a second of a node hour at 3.6: a thousandth. */
const PRICE = '3.6';
const FRAME_COST = UNIT / 1000;

const pick = fc.nat({ max: 1000 });
const amount = fc.constantFrom('0.0005', '0.001', '0.0025', '0.004', '1');
const step = fc.oneof(
  { weight: 9, arbitrary: fc.record({ do: fc.constant('render' as const), order: pick, frame: pick }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fail' as const), order: pick, frame: pick }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('end' as const), order: pick }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('send-again' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('top-up' as const), who: pick, amount }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pay-out' as const), who: pick, amount }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('voucher' as const), who: pick, amount, kind: pick }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('package' as const), who: pick, amount }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('credit' as const), who: pick, amount }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('limit' as const), who: pick, amount, kind: pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('share' as const), kind: pick }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('refund' as const), who: pick, frame: pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart-all' as const), who: pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart-some' as const), who: pick, frame: pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stop-some' as const), who: pick, frame: pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stop' as const), who: pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('start' as const), who: pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart-farm' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(20, HOUR) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Two accounts of one team, a task of each, and what a model remembers of their money. */
interface World {
  readonly farm: TestFarm;
  readonly admin: number;
  readonly node: TestNode;
  readonly team: readonly { readonly accountId: number; readonly taskId: number }[];
  /** Put in from outside, less what was paid out; refunded to users, of what frames cost. */
  cash: bigint;
  refunded: bigint;
  /** Finished frames reported last, to send again. */
  last: Parameters<TestNode['done']> | null;
}

test('whatever is rendered, paid, given, refunded and sent again, the ledger balances and the API says the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 50 }), async (steps) => {
      const world = await openWorld();
      try {
        for (const one of steps) {
          await refusedOrDone(take(world, one));
          await world.farm.turn(20);
          await check(world);
        }
        await finish(world);
        await check(world);
      } finally {
        await world.farm.end();
      }
    }),
    { numRuns: 8, endOnFailure: true },
  );
});

async function openWorld(): Promise<World> {
  const farm = await TestFarm.open();
  const admin = farm.accountId;
  const node = await farm.addNode({ slots: 2 });
  await farm.calls.setPrice(admin, {
    platform: 0,
    machine: '',
    model: '',
    per: 'node-hour',
    // Two slots: an attempt takes half a node.
    amount: String(2 * Number(PRICE)),
    fromAt: 0,
  });
  const main = await farm.calls.createAccount(admin, { name: 'main', mainAccountId: 0 });
  const sub = await farm.calls.createAccount(admin, { name: 'sub', mainAccountId: main.accountId });
  const team = [];
  for (const { accountId } of [main, sub]) {
    farm.accountId = accountId;
    team.push({ accountId, taskId: await farm.submit({ frames: '1-6[1]' }) });
  }
  return { farm, admin, node, team, cash: 0n, refunded: 0n, last: null };
}

/** Whether the step was taken; what the farm refuses changes nothing, and is fine. */
async function refusedOrDone(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (thrown) {
    if (!(thrown instanceof CroftError)) throw thrown;
  }
}

async function take(world: World, one: Step): Promise<void> {
  const { farm, admin, node, team } = world;
  const { calls, clock } = farm;
  const { accountId, taskId } = team[('who' in one ? one.who : 0) % team.length]!;
  const order = 'order' in one ? node.orders[one.order % Math.max(1, node.orders.length)] : undefined;
  const ordered = order && 'frame' in one ? order.frames[one.frame % order.frames.length] : undefined;
  const rows = await farm.reads.frames(accountId, taskId, { page: 1, size: 100 });
  const frameId = 'frame' in one ? rows.items[one.frame % rows.items.length]!.id : 0;
  switch (one.do) {
    case 'render':
      if (order && ordered) {
        farm.accountId = team.find((member) => member.taskId === order.taskId)!.accountId;
        await node.started(order, ordered);
        world.last = [order, ordered, {}, 1000];
        await node.done(...world.last);
      }
      return;
    case 'send-again':
      if (world.last) await node.done(...world.last);
      return;
    case 'fail':
      if (order && ordered) await node.failed(order, ordered, 'memory');
      return;
    case 'end':
      if (order) await node.ended(order);
      return;
    case 'top-up':
      await calls.topUp(admin, accountId, one.amount);
      world.cash += BigInt(moneyFrom(one.amount));
      return;
    case 'pay-out':
      await calls.payOut(admin, accountId, one.amount);
      world.cash -= BigInt(moneyFrom(one.amount));
      return;
    case 'voucher': {
      const expiresAt = one.kind % 2 === 0 ? null : clock.now() + HOUR;
      const company = one.kind % 3 === 0;
      await calls.grantVoucher(admin, accountId, { amount: one.amount, expiresAt, company });
      return;
    }
    case 'package': {
      const covers = { kind: 'project', project: 'film', amount: one.amount } as const;
      const wish = { name: 'p', paid: '0.001', fromBalance: true, endsAt: clock.now() + HOUR, covers };
      await calls.sellPackage(admin, accountId, wish);
      return;
    }
    case 'credit':
      return calls.setCredit(admin, accountId, one.amount);
    case 'limit':
      return calls.setSpendLimit(admin, accountId, one.kind % 2 === 0 ? null : one.amount);
    case 'share':
      return calls.changeAccount(admin, team[1]!.accountId, { useMainBalance: one.kind % 2 });
    case 'refund':
      world.refunded += BigInt(moneyFrom(await calls.refundFrame(admin, frameId)));
      return;
    case 'restart-all':
      return calls.restartFrames(accountId, taskId);
    case 'restart-some':
      return calls.restartFrames(accountId, taskId, [frameId]);
    case 'stop-some':
      return calls.stopFrames(accountId, taskId, [frameId]);
    case 'stop':
      return calls.stopTasks(accountId, [taskId]);
    case 'start':
      return calls.startTasks(accountId, [taskId]);
    case 'restart-farm':
      await farm.restart();
      return node.connect();
    case 'wait':
      return farm.turn(one.ms);
  }
}

/** The auditor, and a model that knows only what was done: frames that became done, money in, out and back. */
async function check({ farm, admin, team, cash, refunded }: World): Promise<void> {
  expect(await farm.faults()).toEqual([]);
  const finished = farm.events.filter(
    ({ event }) => event.kind === 'frame' && event.status === FRAME_STATUS.done,
  ).length;
  let consumed = 0n;
  let holding = 0n;
  for (const { accountId, taskId } of team) {
    const [info] = await farm.reads.taskInfos(accountId, [taskId]);
    const frames = (await farm.reads.frames(accountId, taskId, { page: 1, size: 100 })).items;
    const fees = frames.map(({ money }) => micros(money.feeAmount) + micros(money.couponFee));
    const owed = frames.map(({ money }) => micros(money.arrearsFee));
    const total = micros(info!.money.renderConsume);
    expect(sum(fees) + sum(owed)).toBe(total);
    expect(sum(owed)).toBe(micros(info!.money.taskArrears));
    consumed += total;
    holding += await heldBy(farm, admin, accountId);
  }
  expect(consumed + refunded).toBe(BigInt(finished) * BigInt(FRAME_COST));
  expect(holding).toBe(cash);
}

/** What an account holds and what it has had for it: all that ever came in from outside, seen from the statement. */
async function heldBy(farm: TestFarm, admin: number, accountId: number): Promise<bigint> {
  const standing = await farm.reads.moneyStanding(admin, accountId);
  const profile = await farm.reads.accountMoney(accountId, 0);
  const lines = (await farm.reads.statement(admin, accountId, 1, 1000)).items;
  const booked = lines.reduce((all, { balance }) => all + exact(balance), 0n);
  expect(booked).toBe(exact(standing.balance));
  expect(standing.vouchers.every(({ left }) => exact(left) >= 0n)).toBe(true);
  if ((await farm.calls.profile(accountId)).facts.useMainBalance === 0) {
    expect(micros(profile.usdbalance)).toBe(exact(standing.balance) - exact(standing.arrears));
  }
  return lines
    .filter(({ kind }) => kind === 'top-up' || kind === 'pay-out')
    .reduce((all, { balance }) => all + exact(balance), 0n);
}

/** With money for everything, everything is rendered. */
async function finish(world: World): Promise<void> {
  const { farm, admin, node, team } = world;
  await node.connect();
  for (const { accountId, taskId } of team) {
    await farm.calls.setSpendLimit(admin, accountId, null);
    await farm.calls.topUp(admin, accountId, '100');
    world.cash += BigInt(moneyFrom('100'));
    await farm.calls.startTasks(accountId, [taskId]);
    await farm.calls.restartFailedFrames(accountId, [taskId], [3, 5, 11]);
  }
  for (let round = 0; round < 10; round++) {
    await farm.turn(400_000);
    await node.connect();
    for (const order of [...node.orders]) {
      farm.accountId = team.find((member) => member.taskId === order.taskId)!.accountId;
      for (const frame of order.frames) {
        await node.started(order, frame);
        await node.done(order, frame, {}, 1000);
      }
      await node.ended(order);
    }
  }
  for (const { accountId, taskId } of team) {
    expect((await farm.reads.task(accountId, taskId)).frames).toMatchObject({ total: 6, done: 6 });
    const [info] = await farm.reads.taskInfos(accountId, [taskId]);
    expect(info!.money.taskArrears).toBe(0);
  }
}

function micros(shown: number | null): bigint {
  return BigInt(Math.round(shown! * UNIT));
}

function exact(text: string): bigint {
  const size = BigInt(moneyFrom(text.replace('-', '')));
  return text.startsWith('-') ? -size : size;
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((all, one) => all + one, 0n);
}
