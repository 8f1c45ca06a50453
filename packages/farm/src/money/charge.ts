/**
 * Charging a frame, in the transaction that makes it done: no frame is done without its charge, none is charged that is
 * not. Only a finished frame costs something, and only the time in which the attempt that finished it rendered it:
 * attempts that failed, were lost, timed out or were stopped cost nothing, whoever was to blame. A frame that a user
 * renders again is charged again. The price is the one in force when the frame began. No attempt is charged for more time
 * than it has lived, whatever its node says.
 *
 * Who pays: a machine package whose node rendered it within its term (the frame is free then, fee type 1); else a
 * project package of the task's project, by amount or by time, as far as it lasts (2); the rest is metered (0): vouchers,
 * then the balance, and what nothing can pay is owed.
 *
 * A re-sent completion never comes here, since its attempt holds the frame no more; a unique index over frame and
 * attempt sees to it once more.
 */
import type { NodeFacts } from '@croft/contract';
import type { FarmTx } from '../news.ts';
import type { AttemptRow } from '../state-machine/attempts.ts';
import { CLOCK_SLACK_MS } from '../state-machine/clock-slack.ts';
import type { TaskRow } from '../tasks/own-task.ts';
import type { Money } from './amounts.ts';
import { drawAll } from './draw.ts';
import { addToFrame, type ChargedFrame, FEE_TYPE } from './frame-sums.ts';
import { type Payer, payerOf } from './funds.ts';
import { type Entry, move, noShares, pot } from './ledger.ts';
import { drawProjectPackage, isNodePaid } from './package-cover.ts';
import { costOn, priceFor, pricesAt } from './tariff.ts';

/** Charges a frame that `attempt` finished at `endedAt` after `renderMs`. Does nothing on a farm without prices. */
export async function chargeFrame(
  tx: FarmTx,
  task: TaskRow,
  attempt: AttemptRow,
  frameId: number,
  renderMs: number,
  endedAt: number,
): Promise<void> {
  const startedAt = Math.max(attempt.booked_at, endedAt - renderMs);
  const prices = await pricesAt(tx.db, task.platform, startedAt);
  if (prices.length === 0) return;
  const chargedMs = await chargeableMs(tx, attempt, renderMs);
  const machine = await factsOf(tx, attempt.node_id);
  const price = priceFor(prices, machine);
  if (!price) return;
  const cost = costOn(price, machine, chargedMs);
  if (cost === 0) return;
  const frame = { id: frameId, taskId: task.id, accountId: task.account_id };
  const payer = await payerOf(tx.db, task.account_id);
  const node = { id: attempt.node_id, name: machine.name };
  if (await isNodePaid(tx.db, payer, node, startedAt)) {
    const last = { price: price.amount, fee_type: FEE_TYPE.machinePackage, charged_at: tx.now };
    return addToFrame(tx, frame, payer.payerId, last, noShares());
  }
  const work = { attemptId: attempt.id, project: task.project_name, chargedMs, price: price.amount };
  await chargeCost(tx, frame, payer, work, cost);
}

/** What is charged, as far as its payer matters. */
interface ChargedWork {
  readonly attemptId: number;
  readonly project: string;
  readonly chargedMs: number;
  /** Of an hour. */
  readonly price: Money;
}

async function chargeCost(
  tx: FarmTx,
  frame: ChargedFrame,
  payer: Payer,
  { attemptId, project, chargedMs, price }: ChargedWork,
  cost: Money,
): Promise<void> {
  const fromPackage = await drawProjectPackage(tx, payer, project, cost, chargedMs);
  const metered = await drawAll(tx.db, payer, fromPackage.due, tx.now);
  const shares = { ...metered.shares, package: fromPackage.paid };
  const taken = [...fromPackage.entries, ...metered.entries];
  const revenue: Entry = {
    pot: pot(payer.payerId, 'revenue'),
    amount: -taken.reduce((sum, { amount }) => sum + amount, 0),
  };
  await move(
    tx,
    {
      kind: 'charge',
      accountId: payer.payerId,
      frame: { id: frame.id, taskId: frame.taskId },
      attemptId,
    },
    [...taken, revenue],
  );
  const fee_type = fromPackage.used ? FEE_TYPE.projectPackage : FEE_TYPE.metered;
  await addToFrame(tx, frame, payer.payerId, { price, fee_type, charged_at: tx.now }, shares);
  const limitReached = await countAgainstLimit(tx, payer.accountId, fromPackage.due);
  if (metered.left <= 0 || limitReached) tx.tell({ kind: 'money' });
}

/**
 * What may be charged of a frame's time: all frames of an attempt together no more than the attempt has lived, whatever its
 * node says, with the slack that its clock has.
 */
async function chargeableMs(tx: FarmTx, attempt: AttemptRow, renderMs: number): Promise<number> {
  const livedMs = Math.max(0, tx.now - attempt.booked_at) + CLOCK_SLACK_MS;
  const chargedMs = Math.min(renderMs, Math.max(0, livedMs - attempt.charged_ms));
  await tx.db
    .updateTable('attempts')
    .set((eb) => ({ charged_ms: eb('charged_ms', '+', chargedMs) }))
    .where('id', '=', attempt.id)
    .execute();
  return chargedMs;
}

async function factsOf(tx: FarmTx, nodeId: string): Promise<NodeFacts> {
  const { facts } = await tx.db
    .selectFrom('nodes')
    .select('facts')
    .where('id', '=', nodeId)
    .executeTakeFirstOrThrow();
  return JSON.parse(facts!) as NodeFacts;
}

/** Whether the account's tasks have now cost all they may. */
async function countAgainstLimit(tx: FarmTx, accountId: number, metered: Money): Promise<boolean> {
  const row = await tx.db
    .updateTable('money_accounts')
    .set((eb) => ({ limit_spent: eb('limit_spent', '+', metered) }))
    .where('account_id', '=', accountId)
    .where('spend_limit', 'is not', null)
    .returning(['spend_limit', 'limit_spent'])
    .executeTakeFirst();
  return row !== undefined && row.limit_spent >= row.spend_limit!;
}
