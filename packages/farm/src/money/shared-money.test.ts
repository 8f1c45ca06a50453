/** Money of tasks with children, of machine packages, and of accounts that may not see it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HOUR, TASK_STATUS } from '@croft/contract';
import { describe, expect, test } from 'vitest';
import { auditedFarm } from '../testing/audited-farm.ts';
import { framesOf, pricedFarm, renderFor, taskInfoOf } from '../testing/priced-farm.ts';
import type { TestFarm } from '../testing/test-farm.ts';

const farm = auditedFarm();

async function declare(current: TestFarm, nodes: string[]): Promise<void> {
  const packages = [{ id: 809, name: 'ten nodes', nodes }];
  await writeFile(join(current.home, 'catalogue.json'), JSON.stringify({ packages }));
  await current.turn(HOUR);
  await current.calls.settle();
}

describe('children', () => {
  const LAYERS = [
    { layerName: 'back', frames: '1-2[1]' },
    { layerName: 'front', frames: '1-2[1]' },
  ];

  test('a parent costs what its children cost, and stops and goes on with them', async () => {
    const { current, admin, node, accountId } = await pricedFarm(farm.current, '0.025');
    const parent = await current.submit({ children: LAYERS });
    await renderFor(current, node, [10]);
    await renderFor(current, node, [20]);
    const info = await taskInfoOf(current, parent);
    expect(info.money).toMatchObject({
      renderConsume: 0.03,
      userAccountConsume: 0.025,
      taskArrears: 0.005,
    });
    const ofChildren = info.children.map(({ money }) => money.renderConsume!);
    expect(ofChildren.reduce((sum, one) => sum + one, 0)).toBe(0.03);
    expect(info.status).toBe(TASK_STATUS.arrearsStopped);
    await current.calls.topUp(admin, accountId, '1');
    await current.turn(1000);
    expect([TASK_STATUS.waiting, TASK_STATUS.rendering]).toContain((await current.task(parent)).status);
    await renderFor(current, node, [1]);
    await renderFor(current, node, [1]);
    expect((await current.task(parent)).status).toBe(TASK_STATUS.done);
    expect((await taskInfoOf(current, parent)).money.taskArrears).toBe(0);
  });

  test('pictures that wait for photons stopped for arrears are not ended by that', async () => {
    const { current, admin, node, accountId } = await pricedFarm(farm.current, '0.005');
    const photons = {
      layerName: '',
      taskType: 'RenderPhoton' as const,
      frames: '1-2[1]',
      segments: [{ frames: '1-2[1]', frameType: 2 }],
    };
    const parent = await current.submit({
      children: [photons, { layerName: '', after: 0, frames: '1-2[1]' }],
    });
    await renderFor(current, node, [10]);
    expect((await current.task(parent)).status).toBe(TASK_STATUS.arrearsStopped);
    await current.calls.topUp(admin, accountId, '1');
    await current.turn(1000);
    for (let round = 0; round < 4; round++) {
      const { status } = await current.task(parent);
      if (status === TASK_STATUS.done) break;
      await renderFor(current, node, [1]);
      await current.turn(1000);
    }
    expect((await current.task(parent)).status).toBe(TASK_STATUS.done);
  });
});

describe('machine packages', () => {
  test('frames on their nodes are free within the term, and tasks that name them never stop', async () => {
    const { current, admin, node, accountId } = await pricedFarm(farm.current, '0');
    await declare(current, ['node']);
    const endsAt = current.clock.now() + 10 * HOUR;
    await current.calls.sellPackage(admin, accountId, {
      name: 'ten nodes',
      paid: '30',
      fromBalance: false,
      endsAt,
      covers: { kind: 'machine', catalogueId: 809 },
    });
    const taskId = await current.submit({ frames: '1-2', taskInfo: { pack_node_id: '809' } });
    const other = await current.submit({ frames: '1' });
    await current.turn(1000);
    expect((await current.task(other)).status).toBe(TASK_STATUS.arrearsStopped);
    await renderFor(current, node, [100]);
    const [frame] = await framesOf(current, taskId);
    expect(frame!.money).toEqual({
      feeAmount: 0,
      couponFee: 0,
      arrearsFee: 0,
      framePrice: 3.6,
      feeType: 1,
    });
    expect((await taskInfoOf(current, taskId)).money.renderConsume).toBe(0);
    await current.turn(11 * HOUR);
    expect((await current.task(taskId)).status).toBe(TASK_STATUS.arrearsStopped);
    expect((await current.task(taskId)).waitingFor).toEqual([
      'Nothing is left that could pay for it: it goes on by itself after a top-up.',
    ]);
  });

  test('one of nodes that nobody declared, without an end, or that the balance cannot pay is refused', async () => {
    const { current, admin, accountId } = await pricedFarm(farm.current, '1');
    await declare(current, ['node']);
    const endsAt = current.clock.now() + HOUR;
    const sold = { name: 'n', paid: '0', fromBalance: false, endsAt } as const;
    const machine = (catalogueId: number) => ({ kind: 'machine', catalogueId }) as const;
    const sell = (wish: object) =>
      current.calls.sellPackage(admin, accountId, { ...sold, covers: machine(809), ...wish });
    await expect(sell({ covers: machine(810) })).rejects.toMatchObject({ code: 'FARM_NOT_FOUND' });
    await expect(sell({ endsAt: null })).rejects.toMatchObject({ code: 'FARM_INVALID' });
    await expect(sell({ endsAt: 5 })).rejects.toMatchObject({ code: 'FARM_INVALID' });
    await expect(sell({ paid: '2', fromBalance: true })).rejects.toMatchObject({ code: 'FARM_INVALID' });
    await sell({ paid: '0.4', fromBalance: true, reference: 'once' });
    await sell({ paid: '0.4', fromBalance: true, reference: 'once' });
    expect((await current.reads.moneyStanding(admin, accountId)).balance).toBe('0.60');
  });
});

describe('who may see it', () => {
  test('charges are hidden from an account whose main account says so, and only from it', async () => {
    const { current, admin, node, accountId } = await pricedFarm(farm.current);
    const sub = await current.calls.createAccount(admin, { name: 'sub', mainAccountId: accountId });
    await current.calls.changeAccount(admin, sub.accountId, { useMainBalance: 1, hideJobCharge: 1 });
    current.accountId = sub.accountId;
    const taskId = await current.submit({ frames: '1' });
    await renderFor(current, node, [10]);
    expect((await taskInfoOf(current, taskId)).money.renderConsume).toBe(null);
    expect((await framesOf(current, taskId))[0]!.money.feeAmount).toBe(null);
    await expect(current.reads.statement(sub.accountId, sub.accountId, 1, 9)).rejects.toMatchObject({
      code: 'FARM_NOT_ALLOWED',
    });
    current.accountId = accountId;
    expect((await taskInfoOf(current, taskId)).money.renderConsume).toBe(0.01);
  });
});
