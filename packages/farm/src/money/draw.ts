/** Taking an amount out of what can pay for an account's tasks: vouchers, then the balance, the rest is owed. */
import type { Db } from '../store/schema.ts';
import type { MoneyShares } from '../store/tables/money.ts';
import { MOST_AMOUNT, type Money } from './amounts.ts';
import { arrearsOf, balanceLeft, type Payer, vouchersFor } from './funds.ts';
import { type Entry, noShares, pot } from './ledger.ts';

export interface Draw {
  /** What leaves each pot, below 0. */
  readonly entries: Entry[];
  readonly shares: MoneyShares;
  /** What could pay still more after this. */
  readonly left: Money;
}

/** Pays all of `amount`: what nothing can pay is owed, up to MOST_AMOUNT, beyond which it is let off. */
export async function drawAll(db: Db, payer: Payer, amount: Money, now: number): Promise<Draw> {
  const draw = await drawPaid(db, payer, amount, now);
  const paid = draw.shares.balance + draw.shares.vouchers + draw.shares.company;
  if (paid === amount) return draw;
  const room = MOST_AMOUNT - (await arrearsOf(db, payer.payerId));
  const owed = Math.min(amount - paid, room);
  draw.entries.push({ pot: pot(payer.payerId, 'arrears'), amount: -owed });
  draw.shares.arrears = owed;
  return draw;
}

/** Pays as much of `amount` as there is. */
export async function drawPaid(db: Db, payer: Payer, amount: Money, now: number): Promise<Draw> {
  const entries: Entry[] = [];
  const shares = noShares();
  let due = amount;
  let left = 0;
  for (const voucher of await vouchersFor(db, payer, now)) {
    const taken = Math.min(due, voucher.left);
    left += voucher.left - taken;
    if (taken === 0) continue;
    entries.push({ pot: voucher.pot, amount: -taken });
    shares[voucher.company ? 'company' : 'vouchers'] += taken;
    due -= taken;
  }
  const balance = await balanceLeft(db, payer.payerId);
  shares.balance = Math.min(due, balance);
  left += balance - shares.balance;
  if (shares.balance > 0) entries.push({ pot: pot(payer.payerId, 'balance'), amount: -shares.balance });
  return { entries, shares, left };
}
