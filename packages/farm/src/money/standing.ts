/**
 * Whether an account's tasks may be rendered. Nothing stops on a farm without prices. With prices, an account's tasks
 * are stopped for arrears once nothing is left that could pay for a frame: no voucher, and no balance down to its credit,
 * or while it owes for a frame, or when the account's limit is reached. Tasks that a package pays go on: those of a
 * project package's project while it lasts, and those that name the nodes of a machine package within its term.
 */
import { placementOf } from '../catalogue/placement.ts';
import type { Db } from '../store/schema.ts';
import type { TaskRow } from '../tasks/own-task.ts';
import { arrearsOf, balanceLeft, moneyAccount, type Payer, payerOf, vouchersFor } from './funds.ts';
import { isPackagePaid, projectIsPaid } from './package-cover.ts';
import { isPriced } from './tariff.ts';

/** A task as far as it matters who pays for it. */
export type PaidTask = Pick<TaskRow, 'account_id' | 'project_name' | 'platform' | 'placement'>;

/** Whether the next frame of the task would be paid by somebody. */
export async function isPaidFor(db: Db, task: PaidTask, now: number): Promise<boolean> {
  if (!(await isPriced(db, task.platform, now))) return true;
  const payer = await payerOf(db, task.account_id);
  return (
    (await canPay(db, payer, now)) ||
    (await projectIsPaid(db, payer, task.project_name, now)) ||
    (await isPackagePaid(db, payer, placementOf(task.placement).packageId, now))
  );
}

async function canPay(db: Db, payer: Payer, now: number): Promise<boolean> {
  const { spend_limit, limit_spent } = await moneyAccount(db, payer.accountId);
  if (spend_limit !== null && limit_spent >= spend_limit) return false;
  if ((await arrearsOf(db, payer.payerId)) > 0) return false;
  if ((await balanceLeft(db, payer.payerId)) > 0) return true;
  return (await vouchersFor(db, payer, now)).length > 0;
}
