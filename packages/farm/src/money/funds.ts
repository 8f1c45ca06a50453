/**
 * What can pay for an account's tasks. An account pays for itself, unless it is a sub-account whose main account shares
 * its balance (`use_main_balance`): then that one does. Vouchers go first, those that run out soonest before the others:
 * the account's own, its payer's, and the company vouchers of the team's main account. Then the balance, down to as far
 * below 0 as the credit allows.
 */
import type { Db } from '../store/schema.ts';
import type { MoneyAccountsTable } from '../store/tables/money.ts';
import type { Money } from './amounts.ts';
import { amountIn, type PotName, pot } from './ledger.ts';

export interface Payer {
  /** Whose tasks. */
  readonly accountId: number;
  /** Whose balance. */
  readonly payerId: number;
  /** The main account of the team; the account itself where it is one. */
  readonly mainId: number;
}

export async function payerOf(db: Db, accountId: number): Promise<Payer> {
  const row = await db
    .selectFrom('accounts')
    .select(['main_account_id', 'use_main_balance'])
    .where('id', '=', accountId)
    .executeTakeFirstOrThrow();
  const mainId = row.main_account_id === 0 ? accountId : row.main_account_id;
  return { accountId, mainId, payerId: row.use_main_balance === 1 ? mainId : accountId };
}

/** Credit and limits; zeros for an account that never had anything to do with money. */
export async function moneyAccount(db: Db, accountId: number): Promise<MoneyAccountsTable> {
  const row = await db
    .selectFrom('money_accounts')
    .selectAll()
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return (
    row ?? {
      account_id: accountId,
      credit: 0,
      spend_limit: null,
      limit_spent: 0,
      topped_up: 0,
      funded: 0,
    }
  );
}

export interface VoucherPot {
  readonly pot: PotName;
  readonly company: boolean;
  readonly left: Money;
}

/** Vouchers that may pay now, in the order in which they do. */
export async function vouchersFor(db: Db, payer: Payer, now: number): Promise<VoucherPot[]> {
  const rows = await db
    .selectFrom('vouchers')
    .innerJoin('pots', (join) =>
      join.onRef('pots.ref', '=', 'vouchers.id').onRef('pots.account_id', '=', 'vouchers.account_id'),
    )
    .select(['vouchers.id', 'vouchers.account_id', 'vouchers.company', 'vouchers.expires_at', 'pots.amount'])
    .where('vouchers.account_id', 'in', [payer.accountId, payer.payerId, payer.mainId])
    .where('vouchers.lapsed_at', 'is', null)
    .where('pots.kind', '=', 'voucher')
    .where('pots.amount', '>', 0)
    .execute();
  return rows
    .filter(({ expires_at }) => expires_at === null || expires_at > now)
    .filter(
      (row) => row.account_id === payer.accountId || row.account_id === payer.payerId || row.company === 1,
    )
    .sort((a, b) => (a.expires_at ?? Infinity) - (b.expires_at ?? Infinity) || a.id - b.id)
    .map((row) => ({
      pot: pot(row.account_id, 'voucher', row.id),
      company: row.company === 1,
      left: row.amount,
    }));
}

/** What the payer's balance can still give, its credit included; never below 0. */
export async function balanceLeft(db: Db, payerId: number): Promise<Money> {
  const { credit } = await moneyAccount(db, payerId);
  return Math.max(0, (await amountIn(db, pot(payerId, 'balance'))) + credit);
}

/** Money of the account itself, vouchers not counted; below 0 where it lives on credit. */
export function balanceOf(db: Db, accountId: number): Promise<Money> {
  return amountIn(db, pot(accountId, 'balance'));
}

/** What the account owes for frames that nothing could pay; 0 or more. */
export async function arrearsOf(db: Db, accountId: number): Promise<Money> {
  const owed = await amountIn(db, pot(accountId, 'arrears'));
  return owed === 0 ? 0 : -owed;
}
