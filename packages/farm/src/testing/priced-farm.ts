/** A farm that charges: a node at 3.6 an hour (0.001 a second), and a customer whose tasks it renders. */
import type { TestFarm, TestNode } from './test-farm.ts';

export interface PricedFarm {
  readonly current: TestFarm;
  readonly admin: number;
  readonly node: TestNode;
  /** The customer; also `current.accountId`. */
  readonly accountId: number;
}

export async function pricedFarm(current: TestFarm, balance = '10'): Promise<PricedFarm> {
  const admin = current.accountId;
  const node = await current.addNode();
  const price = { platform: 0, machine: '', model: '', per: 'node-hour' } as const;
  await current.calls.setPrice(admin, { ...price, amount: '3.6' });
  const { accountId } = await current.calls.createAccount(admin, { name: 'customer', mainAccountId: 0 });
  if (balance !== '0') await current.calls.topUp(admin, accountId, balance);
  current.accountId = accountId;
  return { current, admin, node, accountId };
}

/** Renders the first frames of the newest order; each takes as long as said. */
export async function renderFor(
  current: TestFarm,
  node: TestNode,
  seconds: readonly number[],
): Promise<void> {
  const order = node.orders.at(-1)!;
  for (const [index, taken] of seconds.entries()) {
    const frame = order.frames[index]!;
    await node.started(order, frame);
    await current.turn(taken * 1000);
    await node.done(order, frame, {}, taken * 1000);
  }
  await node.ended(order);
}

export async function taskInfoOf(current: TestFarm, taskId: number) {
  const [info] = await current.reads.taskInfos(current.accountId, [taskId]);
  return info!;
}

export async function framesOf(current: TestFarm, taskId: number) {
  return (await current.reads.frames(current.accountId, taskId, { page: 1, size: 100 })).items;
}
