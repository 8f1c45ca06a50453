/** Prices as an operator sets them. A price holds from its time on, until a newer one of the same kind does. */
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import { takeNumbers } from '../store/sequences.ts';
import type { PricePer, PricesTable } from '../store/tables/money.ts';
import { MOST_PRICE, type Money, moneyText } from './amounts.ts';

const LONGEST_MODEL = 200;

export interface PriceWish {
  /** 0: every platform. */
  readonly platform: number;
  readonly machine: PricesTable['machine'];
  /** Part of the name of the CPU or a GPU; '' for every model. */
  readonly model: string;
  readonly per: PricePer;
  readonly amount: Money;
  readonly fromAt: number;
}

/** Returns the price's id. */
export async function setPrice(tx: FarmTx, wish: PriceWish, by: number): Promise<number> {
  const { platform, machine, per, amount, fromAt } = wish;
  const model = wish.model.trim().toLowerCase();
  if (!Number.isSafeInteger(amount) || amount < 0 || amount > MOST_PRICE) {
    throw farmErrors.FARM_INVALID(`a price is between 0.00 and ${moneyText(MOST_PRICE)} an hour`);
  }
  if (!Number.isSafeInteger(platform) || platform < 0 || !Number.isSafeInteger(fromAt) || fromAt < 0) {
    throw farmErrors.FARM_INVALID('a platform is a number, and a price holds from a time on');
  }
  if (model.length > LONGEST_MODEL) {
    throw farmErrors.FARM_INVALID(`the name of a model has at most ${LONGEST_MODEL} characters`);
  }
  if (per === 'gpu-hour' && machine === 'cpu') {
    throw farmErrors.FARM_INVALID('machines without GPUs have no price per GPU hour');
  }
  const id = await takeNumbers(tx.db, 'price');
  await tx.db
    .insertInto('prices')
    .values({
      id,
      platform,
      machine,
      model,
      per,
      amount,
      from_at: fromAt,
      made_at: tx.now,
      made_by: by,
    })
    .execute();
  tx.tell({ kind: 'money' });
  return id;
}

/** Takes a price back. What was charged by it stays charged. */
export async function removePrice(tx: FarmTx, priceId: number): Promise<void> {
  const removed = await tx.db.deleteFrom('prices').where('id', '=', priceId).executeTakeFirst();
  if (removed.numDeletedRows === 0n) throw farmErrors.FARM_NOT_FOUND(`there is no price ${priceId}`);
  tx.tell({ kind: 'money' });
}

/** The currency that all amounts count in. It is chosen once: with the first movement or price it is fixed. */
export async function setCurrency(tx: FarmTx, currency: string): Promise<void> {
  if (!/^[A-Z]{3}$/.test(currency)) {
    throw farmErrors.FARM_INVALID('a currency is three capital letters, such as USD, EUR or CNY');
  }
  const used =
    (await tx.db.selectFrom('movements').select('id').limit(1).executeTakeFirst()) ??
    (await tx.db.selectFrom('prices').select('id').limit(1).executeTakeFirst());
  if (used) throw farmErrors.FARM_INVALID('there are prices or movements already, in the currency so far');
  await tx.db.updateTable('money_settings').set({ currency }).where('id', '=', 1).execute();
}
