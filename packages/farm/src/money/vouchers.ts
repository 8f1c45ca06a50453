/** Vouchers: given by the farm, spent before the balance, gone when their time is over. */
import { accountById } from '../accounts/accounts.ts';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import { takeNumbers } from '../store/sequences.ts';
import type { Money } from './amounts.ts';
import { amountIn, move, pot } from './ledger.ts';
import { settleArrears } from './settle.ts';
import { type Booking, checkAmount, isBooked, noteFunded } from './top-up.ts';

export interface VoucherWish {
  readonly amount: Money;
  /** Null: it never runs out. */
  readonly expiresAt: number | null;
  /** Pays for every member of the team; only a main account can have one. */
  readonly company: boolean;
}

/** Returns the voucher's id. */
export async function grantVoucher(
  tx: FarmTx,
  accountId: number,
  wish: VoucherWish,
  booking: Booking,
): Promise<number> {
  checkAmount(wish.amount);
  const account = await accountById(tx.db, accountId);
  if (wish.company && account.main_account_id !== 0) {
    throw farmErrors.FARM_INVALID('a company voucher is given to the main account of a team');
  }
  if (wish.expiresAt !== null && !(wish.expiresAt > tx.now)) {
    throw farmErrors.FARM_INVALID('a voucher must run out in the future');
  }
  if (await isBooked(tx.db, booking.reference)) return voucherOf(tx, booking.reference!);
  await noteFunded(tx, accountId, wish.amount);
  const id = await takeNumbers(tx.db, 'voucher');
  await tx.db
    .insertInto('vouchers')
    .values({
      id,
      account_id: accountId,
      company: wish.company ? 1 : 0,
      amount: wish.amount,
      granted_at: tx.now,
      expires_at: wish.expiresAt,
      lapsed_at: null,
    })
    .execute();
  await move(tx, { kind: 'voucher', accountId, ...booking }, [
    { pot: pot(accountId, 'granted'), amount: -wish.amount },
    { pot: pot(accountId, 'voucher', id), amount: wish.amount },
  ]);
  await settleArrears(tx, accountId);
  tx.tell({ kind: 'money' });
  return id;
}

/** The voucher that a movement of that name gave. */
async function voucherOf(tx: FarmTx, reference: string): Promise<number> {
  const row = await tx.db
    .selectFrom('movements')
    .innerJoin('movement_entries', 'movement_entries.movement_id', 'movements.id')
    .select('movement_entries.ref')
    .where('movements.reference', '=', reference)
    .where('movement_entries.kind', '=', 'voucher')
    .executeTakeFirst();
  if (!row) throw farmErrors.FARM_INVALID('the reference names a movement of another kind');
  return row.ref;
}

/** Ends the voucher now; what is left of it is nobody's any more. Ending it twice does no harm. */
export async function endVoucher(tx: FarmTx, voucherId: number, by: number | null): Promise<void> {
  const voucher = await tx.db
    .selectFrom('vouchers')
    .selectAll()
    .where('id', '=', voucherId)
    .executeTakeFirst();
  if (!voucher) throw farmErrors.FARM_NOT_FOUND(`there is no voucher ${voucherId}`);
  const name = pot(voucher.account_id, 'voucher', voucherId);
  const left = await amountIn(tx.db, name);
  if (left > 0) {
    await move(tx, { kind: 'lapse', accountId: voucher.account_id, by }, [
      { pot: name, amount: -left },
      { pot: pot(voucher.account_id, 'lapsed'), amount: left },
    ]);
  }
  await tx.db
    .updateTable('vouchers')
    .set({ lapsed_at: voucher.lapsed_at ?? tx.now })
    .where('id', '=', voucherId)
    .execute();
  tx.tell({ kind: 'money' });
}
