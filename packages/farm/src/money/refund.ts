/**
 * Refunds. A frame's money goes back to where it came from: every pot that its movements changed is set back, so that
 * the frame has cost nothing. What a voucher paid returns to it, and is gone where the voucher has run out meanwhile;
 * what is owed for the frame is let off. Time that a package prepaid stays used. Refunding twice does no harm.
 */
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import type { Db } from '../store/schema.ts';
import type { MoneyShares, PotKind } from '../store/tables/money.ts';
import type { Money } from './amounts.ts';
import { addToFrame } from './frame-sums.ts';
import { consumed, type Entry, move, noShares, type PotName, pot, SHARES } from './ledger.ts';
import { endPackage } from './packages.ts';
import { settleArrears } from './settle.ts';
import type { Booking } from './top-up.ts';
import { endVoucher } from './vouchers.ts';

/** Returns what was given back. FARM_NOT_FOUND where the frame never cost anything. */
export async function refundFrame(
  tx: FarmTx,
  frameId: number,
  booking: Omit<Booking, 'reference'>,
): Promise<Money> {
  const rows = await tx.db
    .selectFrom('frame_money')
    .innerJoin('tasks', 'tasks.id', 'frame_money.task_id')
    .selectAll('frame_money')
    .select('tasks.account_id')
    .where('frame_money.frame_id', '=', frameId)
    .execute();
  const [first] = rows;
  if (!first) throw farmErrors.FARM_NOT_FOUND(`frame ${frameId} has cost nothing`);
  const refunded = rows.reduce((sum, row) => sum + consumed(row), 0);
  if (refunded === 0) return 0;
  const frame = { id: frameId, taskId: first.task_id, accountId: first.account_id };
  const entries = (await entriesOf(tx.db, frameId)).map((entry) => ({ ...entry, amount: -entry.amount }));
  await move(tx, { kind: 'refund', accountId: first.payer_id, frame, ...booking }, entries);
  for (const row of rows) await addToFrame(tx, frame, row.payer_id, row, negated(row));
  await giveBackLimit(
    tx,
    first.account_id,
    rows.reduce((sum, row) => sum - row.package, refunded),
  );
  for (const { pot: name } of entries) await endAgain(tx, name, booking.by);
  for (const { payer_id } of rows) await settleArrears(tx, payer_id);
  tx.tell({ kind: 'money' });
  return refunded;
}

function negated(shares: MoneyShares): MoneyShares {
  const turned = noShares();
  for (const share of SHARES) turned[share] = shares[share] === 0 ? 0 : -shares[share];
  return turned;
}

/** What the frame's movements did to each pot, in all. */
async function entriesOf(db: Db, frameId: number): Promise<Entry[]> {
  const rows = await db
    .selectFrom('movements')
    .innerJoin('movement_entries as entry', 'entry.movement_id', 'movements.id')
    .select(['entry.account_id', 'entry.kind', 'entry.ref'])
    .select((eb) => eb.fn.sum<number>('entry.amount').as('amount'))
    .where('movements.frame_id', '=', frameId)
    .groupBy(['entry.account_id', 'entry.kind', 'entry.ref'])
    .execute();
  return rows.map((row) => ({
    pot: pot(row.account_id, row.kind as PotKind, row.ref),
    amount: Number(row.amount),
  }));
}

/** What returned to a voucher or package whose time is over is gone at once. */
async function endAgain(tx: FarmTx, { kind, ref }: PotName, by: number): Promise<void> {
  if (kind === 'voucher') {
    const voucher = tx.db.selectFrom('vouchers').select('lapsed_at').where('id', '=', ref);
    if ((await voucher.executeTakeFirstOrThrow()).lapsed_at !== null) await endVoucher(tx, ref, by);
  } else if (kind === 'package') {
    const sold = tx.db.selectFrom('packages').select('closed_at').where('id', '=', ref);
    if ((await sold.executeTakeFirstOrThrow()).closed_at !== null) await endPackage(tx, ref, by);
  }
}

async function giveBackLimit(tx: FarmTx, accountId: number, metered: Money): Promise<void> {
  const row = await tx.db
    .selectFrom('money_accounts')
    .select('limit_spent')
    .where('account_id', '=', accountId)
    .where('spend_limit', 'is not', null)
    .executeTakeFirst();
  if (!row) return;
  await tx.db
    .updateTable('money_accounts')
    .set({ limit_spent: Math.max(0, row.limit_spent - metered) })
    .where('account_id', '=', accountId)
    .execute();
}
