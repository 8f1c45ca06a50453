/**
 * Money in and out: top-ups, pay-outs, credit, limits, vouchers and their end, refunds. What comes in first pays what is
 * owed, oldest frame first; then tasks that were stopped for want of it go on.
 */

import { accountById } from '../accounts/accounts.ts';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import type { Db } from '../store/schema.ts';
import type { MovementKind } from '../store/tables/money.ts';
import { MOST_AMOUNT, MOST_FUNDED, type Money, moneyText } from './amounts.ts';
import { balanceOf, moneyAccount } from './funds.ts';
import { move, pot } from './ledger.ts';
import { settleArrears } from './settle.ts';

/** Who makes a movement, and what for. */
export interface Booking {
  /** The administrator's account. */
  readonly by: number;
  /** A name of the sender's choice: the same one twice is one movement, so that a call may be repeated. */
  readonly reference?: string;
  readonly note?: string;
}

export async function topUp(tx: FarmTx, accountId: number, amount: Money, booking: Booking): Promise<void> {
  checkAmount(amount);
  await accountById(tx.db, accountId);
  if (await isMoved(tx.db, { kind: 'top-up', accountId, amount }, booking.reference)) return;
  await noteFunded(tx, accountId, amount, amount);
  await move(tx, { kind: 'top-up', accountId, ...booking }, [
    { pot: pot(accountId, 'outside'), amount: -amount },
    { pot: pot(accountId, 'balance'), amount },
  ]);
  await settleArrears(tx, accountId);
  tx.tell({ kind: 'money' });
}

/** Gives money back to the user; at most what the balance holds. */
export async function payOut(tx: FarmTx, accountId: number, amount: Money, booking: Booking): Promise<void> {
  checkAmount(amount);
  await accountById(tx.db, accountId);
  if (await isMoved(tx.db, { kind: 'pay-out', accountId, amount: -amount }, booking.reference)) return;
  const balance = await balanceOf(tx.db, accountId);
  if (amount > balance) {
    throw farmErrors.FARM_INVALID(`the balance holds ${moneyText(balance)}, less than ${moneyText(amount)}`);
  }
  await move(tx, { kind: 'pay-out', accountId, ...booking }, [
    { pot: pot(accountId, 'balance'), amount: -amount },
    { pot: pot(accountId, 'outside'), amount },
  ]);
  tx.tell({ kind: 'money' });
}

/** How far below 0 the balance may go. Lowering it below what is used already is allowed: nothing more is paid then. */
export async function setCredit(tx: FarmTx, accountId: number, credit: Money): Promise<void> {
  checkAmount(credit, 0);
  await accountById(tx.db, accountId);
  await saveAccount(tx, accountId, { credit });
  await settleArrears(tx, accountId);
  tx.tell({ kind: 'money' });
}

/** What the account's tasks may cost from now on, whoever pays; null: any. */
export async function setSpendLimit(tx: FarmTx, accountId: number, limit: Money | null): Promise<void> {
  if (limit !== null) checkAmount(limit, 0);
  await accountById(tx.db, accountId);
  await saveAccount(tx, accountId, { spend_limit: limit, limit_spent: 0 });
  tx.tell({ kind: 'money' });
}

/** Whether a movement of that name was made already. */
export async function isBooked(db: Db, reference: string | undefined): Promise<boolean> {
  if (reference === undefined) return false;
  const row = await db
    .selectFrom('movements')
    .select('id')
    .where('reference', '=', reference)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Whether this very movement of the balance was made already. FARM_INVALID where its name stands for another one: a
 * mistake must not look like a repeated call.
 */
async function isMoved(
  db: Db,
  { kind, accountId, amount }: { kind: MovementKind; accountId: number; amount: Money },
  reference: string | undefined,
): Promise<boolean> {
  if (!(await isBooked(db, reference))) return false;
  const same = await db
    .selectFrom('movements')
    .innerJoin('movement_entries', 'movement_entries.movement_id', 'movements.id')
    .select('movements.id')
    .where('movements.reference', '=', reference!)
    .where('movements.kind', '=', kind)
    .where('movement_entries.account_id', '=', accountId)
    .where('movement_entries.kind', '=', 'balance')
    .where('movement_entries.amount', '=', amount)
    .executeTakeFirst();
  if (!same) throw farmErrors.FARM_INVALID(`the reference "${reference}" names another movement`);
  return true;
}

export function checkAmount(amount: Money, least = 1): void {
  if (Number.isSafeInteger(amount) && amount >= least && amount <= MOST_AMOUNT) return;
  throw farmErrors.FARM_INVALID(
    `an amount is at least ${moneyText(least)} and at most ${moneyText(MOST_AMOUNT)}`,
  );
}

/** Counts what is put into an account. FARM_INVALID beyond the most that an account can ever be given. */
export async function noteFunded(
  tx: FarmTx,
  accountId: number,
  amount: Money,
  toppedUp: Money = 0,
): Promise<void> {
  const before = await moneyAccount(tx.db, accountId);
  if (before.funded + amount > MOST_FUNDED) {
    throw farmErrors.FARM_INVALID(
      `an account can be given ${moneyText(MOST_FUNDED)} in all; it has had ${moneyText(before.funded)}`,
    );
  }
  await saveAccount(tx, accountId, {
    funded: before.funded + amount,
    topped_up: before.topped_up + toppedUp,
  });
}

async function saveAccount(
  tx: FarmTx,
  accountId: number,
  change: Partial<Omit<Awaited<ReturnType<typeof moneyAccount>>, 'account_id'>>,
): Promise<void> {
  const row = { ...(await moneyAccount(tx.db, accountId)), ...change };
  await tx.db
    .insertInto('money_accounts')
    .values(row)
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet(change))
    .execute();
}
