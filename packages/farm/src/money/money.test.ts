import { HOUR, TASK_STATUS } from '@croft/contract';
import { describe, expect, test } from 'vitest';
import { auditedFarm } from '../testing/audited-farm.ts';
import { framesOf, pricedFarm, renderFor, taskInfoOf } from '../testing/priced-farm.ts';
import type { TaskWish, TestFarm } from '../testing/test-farm.ts';

const farm = auditedFarm();

async function submitted(current: TestFarm, wish: TaskWish = {}): Promise<number> {
  return current.submit({ frames: '1', ...wish });
}

describe('charging', () => {
  test('a finished frame costs the time of the attempt that finished it, in its task, frame and profile', async () => {
    const { current, node, accountId } = await pricedFarm(farm.current);
    const taskId = await submitted(current, { frames: '1-2' });
    await renderFor(current, node, [100]);
    await renderFor(current, node, [50.5]);
    expect((await taskInfoOf(current, taskId)).money).toEqual({
      renderConsume: 0.1505,
      taskArrears: 0,
      userAccountConsume: 0.1505,
      couponConsume: 0,
      qyCouponConsume: 0,
    });
    const frames = await framesOf(current, taskId);
    expect(frames.map(({ money }) => money.feeAmount)).toEqual([0.1, 0.0505]);
    expect(frames[0]!.money).toMatchObject({ framePrice: 3.6, feeType: 0, couponFee: 0, arrearsFee: 0 });
    expect(await current.reads.accountMoney(accountId, 2)).toMatchObject({
      usdbalance: 9.8495,
      usdCumulative: 10,
      rmbbalance: 0,
      cpuPrice: 3.6,
    });
  });

  test('a completion that is sent again, and attempts that failed, cost nothing more', async () => {
    const { current, node, accountId } = await pricedFarm(farm.current);
    const taskId = await submitted(current);
    const failing = node.orders.at(-1)!;
    await node.started(failing, failing.frames[0]!);
    await current.turn(40_000);
    await node.failed(failing, failing.frames[0]!, 'scene');
    await node.ended(failing);
    await current.turn(HOUR);
    const order = node.orders.at(-1)!;
    await node.started(order, order.frames[0]!);
    await current.turn(10_000);
    await node.done(order, order.frames[0]!, {}, 10_000);
    await node.done(order, order.frames[0]!, {}, 10_000);
    await node.ended(order);
    expect((await taskInfoOf(current, taskId)).money.renderConsume).toBe(0.01);
    expect((await current.reads.statement(accountId, accountId, 1, 10)).total).toBe(2);
  });

  test('a frame that its user renders again is charged again', async () => {
    const { current, node, accountId } = await pricedFarm(farm.current);
    const taskId = await submitted(current);
    await renderFor(current, node, [10]);
    await current.calls.restartFrames(accountId, taskId);
    await current.turn(1000);
    await renderFor(current, node, [20]);
    expect((await taskInfoOf(current, taskId)).money.renderConsume).toBe(0.03);
    expect((await framesOf(current, taskId))[0]!.money.feeAmount).toBe(0.03);
  });

  test('a node that claims more time than its attempt has lived is not believed, whatever it says of each frame', async () => {
    const { current, node } = await pricedFarm(farm.current);
    await submitted(current, { frames: '1-8', segments: [{ frames: '1-8[1]', oneAttempt: true }] });
    const order = node.orders.at(-1)!;
    expect(order.frames).toHaveLength(8);
    const taskId = order.taskId;
    for (const frame of order.frames) {
      await current.turn(10_000);
      await node.done(order, frame, {}, 9_000_000);
    }
    // Eight times ten seconds, and the minute by which clocks may differ, once.
    expect((await taskInfoOf(current, taskId)).money.renderConsume).toBe(0.14);
  });

  test('without prices nothing is written and nothing stops', async () => {
    const { current } = farm;
    const node = await current.addNode();
    const taskId = await submitted(current);
    await renderFor(current, node, [100]);
    const [frame] = await framesOf(current, taskId);
    expect(frame!.money).toEqual({
      feeAmount: 0,
      couponFee: 0,
      arrearsFee: 0,
      framePrice: null,
      feeType: null,
    });
    expect((await current.reads.statement(current.accountId, current.accountId, 1, 10)).total).toBe(0);
  });

  test('the most particular price holds, from its time on, for the share of the node that an attempt takes', async () => {
    const { current, admin, accountId } = await pricedFarm(farm.current, '100');
    current.accountId = admin;
    const wide = await current.addNode({ name: 'wide', slots: 4, cpuModel: 'EPYC 9654' });
    current.accountId = accountId;
    const price = { platform: 0, machine: '', model: '', per: 'node-hour' } as const;
    await current.calls.setPrice(admin, { ...price, machine: 'cpu', amount: '7.2' });
    await current.calls.setPrice(admin, { ...price, model: 'epyc', per: 'core-hour', amount: '0.9' });
    const later = current.clock.now() + 10 * HOUR;
    await current.calls.setPrice(admin, { ...price, model: 'epyc 9654', amount: '1000', fromAt: later });
    expect((await current.reads.accountMoney(accountId, 2)).cpuPrice).toBe(7.2);
    const taskId = await submitted(current, { frames: '1-6' });
    await current.turn(1000);
    await renderFor(current, wide, [100]);
    // 8 threads among 4 slots at 0.9 an hour each: 1.8 an hour, 0.05 for 100 seconds.
    expect((await taskInfoOf(current, taskId)).money.renderConsume).toBe(0.05);
  });
});

describe('who pays', () => {
  test('vouchers go before the balance, the one that runs out first before the others', async () => {
    const { current, admin, node, accountId } = await pricedFarm(farm.current);
    const now = current.clock.now();
    await current.calls.grantVoucher(admin, accountId, { amount: '0.02', expiresAt: null, company: false });
    await current.calls.grantVoucher(admin, accountId, {
      amount: '0.01',
      expiresAt: now + HOUR,
      company: false,
    });
    await current.calls.grantVoucher(admin, accountId, { amount: '0.005', expiresAt: null, company: true });
    const taskId = await submitted(current);
    await renderFor(current, node, [15]);
    const standing = await current.reads.moneyStanding(accountId, accountId);
    expect(standing.vouchers.map(({ left }) => left)).toEqual(['0.015', '0.00', '0.005']);
    await current.calls.restartFrames(accountId, taskId);
    await current.turn(1000);
    await renderFor(current, node, [40]);
    const { money } = await taskInfoOf(current, taskId);
    expect(money).toEqual({
      renderConsume: 0.055,
      taskArrears: 0,
      userAccountConsume: 0.02,
      couponConsume: 0.03,
      qyCouponConsume: 0.005,
    });
    expect((await framesOf(current, taskId))[0]!.money).toMatchObject({ feeAmount: 0.02, couponFee: 0.035 });
  });

  test('a voucher whose time is over pays nothing', async () => {
    const { current, admin, node, accountId } = await pricedFarm(farm.current);
    const expiresAt = current.clock.now() + HOUR;
    await current.calls.grantVoucher(admin, accountId, { amount: '5', expiresAt, company: false });
    await current.turn(2 * HOUR);
    const { vouchers } = await current.reads.moneyStanding(accountId, accountId);
    expect(vouchers[0]).toMatchObject({ left: '0.00', endedAt: expect.any(Number) });
    const taskId = await submitted(current);
    await renderFor(current, node, [10]);
    expect((await taskInfoOf(current, taskId)).money).toMatchObject({
      couponConsume: 0,
      userAccountConsume: 0.01,
    });
  });

  test('a main account pays for a sub-account that shares its balance, until the limit of that one', async () => {
    const { current, admin, node, accountId } = await pricedFarm(farm.current);
    const sub = await current.calls.createAccount(admin, { name: 'sub', mainAccountId: accountId });
    await current.calls.changeAccount(admin, sub.accountId, { useMainBalance: 1 });
    await current.calls.setSpendLimit(admin, sub.accountId, '0.015');
    current.accountId = sub.accountId;
    const taskId = await submitted(current, { frames: '1-3' });
    await renderFor(current, node, [10]);
    expect((await current.task(taskId)).status).toBe(TASK_STATUS.rendering);
    await renderFor(current, node, [10]);
    expect((await current.task(taskId)).status).toBe(TASK_STATUS.arrearsStopped);
    expect((await current.reads.moneyStanding(accountId, accountId)).balance).toBe('9.98');
    expect((await current.reads.accountMoney(sub.accountId, 2)).usdbalance).toBe(9.98);
    await current.calls.setSpendLimit(admin, sub.accountId, null);
    await current.turn(1000);
    await renderFor(current, node, [10]);
    expect((await current.task(taskId)).status).toBe(TASK_STATUS.done);
  });

  test('a project package by amount pays, then by time, then the balance', async () => {
    const { current, admin, node, accountId } = await pricedFarm(farm.current);
    const sold = { paid: '0', fromBalance: false, endsAt: null } as const;
    const amount = { kind: 'project', project: 'film', amount: '0.01' } as const;
    const time = { kind: 'project', project: 'film', timeMs: 4000 } as const;
    await current.calls.sellPackage(admin, accountId, { ...sold, name: 'amount', covers: amount });
    await current.calls.sellPackage(admin, accountId, { ...sold, name: 'time', covers: time });
    const taskId = await submitted(current);
    await renderFor(current, node, [20]);
    const [frame] = await framesOf(current, taskId);
    // 20 s cost 0.02: 0.01 from the amount; of what is left a fifth (4 of 20 s) is prepaid time; 0.008 from the balance.
    expect(frame!.money).toMatchObject({ feeType: 2, feeAmount: 0.018 });
    expect((await taskInfoOf(current, taskId)).money.userAccountConsume).toBe(0.008);
    const { packages } = await current.reads.moneyStanding(accountId, accountId);
    expect(packages.map(({ left, timeLeftMs }) => [left, timeLeftMs])).toEqual([
      ['0.00', null],
      ['0.00', 0],
    ]);
  });
});

describe('arrears', () => {
  test('a task stops when nothing pays any more, and goes on by itself after a top-up', async () => {
    const { current, admin, node, accountId } = await pricedFarm(farm.current, '0.015');
    const taskId = await submitted(current, { frames: '1-4' });
    await renderFor(current, node, [10]);
    await current.calls.stopFrames(accountId, taskId, [(await framesOf(current, taskId))[3]!.id]);
    await renderFor(current, node, [10]);
    expect((await current.task(taskId)).status).toBe(TASK_STATUS.arrearsStopped);
    expect((await framesOf(current, taskId)).map(({ status }) => status)).toEqual([4, 4, 3, 3]);
    expect((await taskInfoOf(current, taskId)).money).toMatchObject({
      renderConsume: 0.02,
      userAccountConsume: 0.015,
      taskArrears: 0.005,
    });
    expect((await framesOf(current, taskId))[1]!.money).toMatchObject({
      feeAmount: 0.005,
      arrearsFee: 0.005,
    });
    expect((await current.reads.outputsInArrears(accountId)).size).toBe(1);
    await current.calls.topUp(admin, accountId, '0.004');
    await current.turn(1000);
    expect((await current.task(taskId)).status).toBe(TASK_STATUS.arrearsStopped);
    await current.calls.topUp(admin, accountId, '1');
    await current.turn(1000);
    expect((await taskInfoOf(current, taskId)).money.taskArrears).toBe(0);
    expect((await framesOf(current, taskId)).map(({ status }) => status)).toEqual([4, 4, 1, 3]);
    await renderFor(current, node, [10]);
    expect((await current.task(taskId)).frames).toMatchObject({ done: 3, stopped: 1 });
    expect((await current.reads.moneyStanding(accountId, accountId)).balance).toBe('0.989');
  });

  test('with nothing to pay a task is not even begun, and a user may stop it for good', async () => {
    const { current, admin, node, accountId } = await pricedFarm(farm.current, '0');
    const taskId = await submitted(current, { frames: '1-1000' });
    await current.turn(1000);
    expect(node.orders).toHaveLength(0);
    expect((await current.task(taskId)).status).toBe(TASK_STATUS.arrearsStopped);
    expect((await current.task(taskId)).frames).toMatchObject({ stopped: 1000, waiting: 0 });
    await current.calls.startTasks(accountId, [taskId]);
    await current.turn(1000);
    expect((await current.task(taskId)).status).toBe(TASK_STATUS.arrearsStopped);
    await current.calls.stopTasks(accountId, [taskId]);
    await current.calls.setCredit(admin, accountId, '5');
    await current.turn(1000);
    expect((await current.task(taskId)).status).toBe(TASK_STATUS.stopped);
    await current.calls.startTasks(accountId, [taskId]);
    await current.turn(1000);
    expect(node.orders).toHaveLength(1);
  });
});

describe('what is free', () => {
  test('a price to come stops nothing yet; one that was set to 0, or is of another platform, stops nothing', async () => {
    const { current, admin } = await pricedFarm(farm.current, '0');
    const price = { platform: 0, machine: '', model: '', per: 'node-hour' } as const;
    const taskId = await submitted(current);
    await current.turn(1000);
    expect((await current.task(taskId)).status).toBe(TASK_STATUS.arrearsStopped);
    await current.calls.setPrice(admin, { ...price, amount: '0' });
    await current.turn(1000);
    expect((await current.task(taskId)).status).toBe(TASK_STATUS.waiting);
    await current.calls.setPrice(admin, { ...price, amount: '5', platform: 77 });
    await current.calls.setPrice(admin, { ...price, amount: '5', fromAt: current.clock.now() + HOUR });
    await current.turn(1000);
    expect((await current.task(taskId)).status).toBe(TASK_STATUS.waiting);
    await current.turn(HOUR + 20_000);
    expect((await current.task(taskId)).status).toBe(TASK_STATUS.arrearsStopped);
    for (const { id } of await current.reads.prices()) await current.calls.removePrice(admin, id);
    await current.turn(1000);
    expect((await current.task(taskId)).status).toBe(TASK_STATUS.waiting);
  });
});

describe('refunds and limits', () => {
  test('a refund gives every pot back what it gave, once', async () => {
    const { current, admin, node, accountId } = await pricedFarm(farm.current, '0.012');
    await current.calls.grantVoucher(admin, accountId, { amount: '0.005', expiresAt: null, company: false });
    const taskId = await submitted(current);
    await renderFor(current, node, [20]);
    const [frame] = await framesOf(current, taskId);
    expect(frame!.money).toMatchObject({ feeAmount: 0.012, couponFee: 0.005, arrearsFee: 0.003 });
    expect(await current.calls.refundFrame(admin, frame!.id)).toBe('0.02');
    expect(await current.calls.refundFrame(admin, frame!.id)).toBe('0.00');
    const standing = await current.reads.moneyStanding(accountId, accountId);
    expect(standing).toMatchObject({ balance: '0.012', arrears: '0.00' });
    expect(standing.vouchers[0]!.left).toBe('0.005');
    expect((await taskInfoOf(current, taskId)).money.renderConsume).toBe(0);
  });

  test('the same reference twice is one movement; wrong amounts and strangers are refused', async () => {
    const { current, admin, accountId } = await pricedFarm(farm.current, '0');
    await current.calls.topUp(admin, accountId, '1.5', { reference: 'invoice 7' });
    await current.calls.topUp(admin, accountId, '1.5', { reference: 'invoice 7' });
    const { topUp, payOut } = current.calls;
    for (const other of [
      topUp(admin, accountId, '2', { reference: 'invoice 7' }),
      payOut(admin, accountId, '1.5', { reference: 'invoice 7' }),
      topUp(admin, admin, '1.5', { reference: 'invoice 7' }),
    ])
      await expect(other).rejects.toMatchObject({ code: 'FARM_INVALID' });
    await payOut(admin, accountId, '0.5', { reference: 'back' });
    await payOut(admin, accountId, '0.5', { reference: 'back' });
    expect((await current.reads.moneyStanding(admin, accountId)).balance).toBe('1.00');
    for (const amount of ['', '-1', '1e3', '0.0000001', 'NaN', '1000000001', '0', '1,5'])
      await expect(current.calls.topUp(admin, accountId, amount)).rejects.toMatchObject({
        code: 'FARM_INVALID',
      });
    await expect(current.calls.payOut(admin, accountId, '2')).rejects.toMatchObject({ code: 'FARM_INVALID' });
    await expect(current.calls.topUp(accountId, accountId, '1')).rejects.toMatchObject({
      code: 'FARM_NOT_ALLOWED',
    });
    const stranger = await current.calls.createAccount(admin, { name: 'stranger', mainAccountId: 0 });
    await expect(current.reads.moneyStanding(stranger.accountId, accountId)).rejects.toMatchObject({
      code: 'FARM_NOT_YOURS',
    });
  });
});
