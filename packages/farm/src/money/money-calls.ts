/**
 * What administrators do with money. `byId` is the account that asks: FARM_NOT_ALLOWED for anybody else. Amounts are
 * decimal texts, `12` or `0.67`; a `reference` makes a call repeatable, since the same one twice is one movement.
 */
import type { MovementBody, NewPackage, NewPrice, NewVoucher } from '@croft/contract';
import { accountById } from '../accounts/accounts.ts';
import type { CallParts } from '../call-parts.ts';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import { MOST_PRICE, moneyFrom, moneyText } from './amounts.ts';
import { endPackage, type PackageWish, sellPackage } from './packages.ts';
import { removePrice, setCurrency, setPrice } from './prices.ts';
import { refundFrame } from './refund.ts';
import { type Booking, payOut, setCredit, setSpendLimit, topUp } from './top-up.ts';
import { endVoucher, grantVoucher } from './vouchers.ts';

/** An amount as people write it. */
type Decimal = string;

/** A name of the sender's choice, which makes the call repeatable, and a remark. */
export type MovementWords = Pick<MovementBody, 'reference' | 'note'>;

export interface MoneyCalls {
  /** Fixed by the first price or movement. */
  setCurrency(byId: number, currency: string): Promise<void>;
  setPrice(byId: number, price: NewPrice): Promise<number>;
  removePrice(byId: number, priceId: number): Promise<void>;
  topUp(byId: number, accountId: number, amount: Decimal, words?: MovementWords): Promise<void>;
  payOut(byId: number, accountId: number, amount: Decimal, words?: MovementWords): Promise<void>;
  setCredit(byId: number, accountId: number, credit: Decimal): Promise<void>;
  /** null: no limit. Counting starts anew. */
  setSpendLimit(byId: number, accountId: number, limit: Decimal | null): Promise<void>;
  grantVoucher(byId: number, accountId: number, voucher: NewVoucher): Promise<number>;
  endVoucher(byId: number, voucherId: number): Promise<void>;
  sellPackage(byId: number, accountId: number, wish: NewPackage): Promise<number>;
  endPackage(byId: number, packageId: number): Promise<void>;
  /** Gives back all that a frame cost; returns how much that was. */
  refundFrame(byId: number, frameId: number, note?: string): Promise<Decimal>;
}

export function moneyCalls({ writer }: CallParts): MoneyCalls {
  /** Runs the mutation for an administrator. */
  function asAdmin<Value>(byId: number, mutation: (tx: FarmTx) => Promise<Value>): Promise<Value> {
    return writer.run(async (tx) => {
      if ((await accountById(tx.db, byId)).role !== 'admin')
        throw farmErrors.FARM_NOT_ALLOWED('only administrators of the farm change prices and money');
      return mutation(tx);
    });
  }

  return {
    setCurrency: (byId, currency) => asAdmin(byId, (tx) => setCurrency(tx, currency)),
    setPrice: (byId, { amount, fromAt, ...price }) =>
      asAdmin(byId, (tx) =>
        setPrice(tx, { ...price, amount: moneyFrom(amount, MOST_PRICE), fromAt: fromAt ?? tx.now }, byId),
      ),
    removePrice: (byId, priceId) => asAdmin(byId, (tx) => removePrice(tx, priceId)),
    topUp: (byId, accountId, amount, words) =>
      asAdmin(byId, (tx) => topUp(tx, accountId, moneyFrom(amount), booking(byId, words))),
    payOut: (byId, accountId, amount, words) =>
      asAdmin(byId, (tx) => payOut(tx, accountId, moneyFrom(amount), booking(byId, words))),
    setCredit: (byId, accountId, credit) =>
      asAdmin(byId, (tx) => setCredit(tx, accountId, moneyFrom(credit))),
    setSpendLimit: (byId, accountId, limit) =>
      asAdmin(byId, (tx) => setSpendLimit(tx, accountId, limit === null ? null : moneyFrom(limit))),
    grantVoucher: (byId, accountId, { amount, expiresAt, company, ...words }) =>
      asAdmin(byId, (tx) =>
        grantVoucher(tx, accountId, { amount: moneyFrom(amount), expiresAt, company }, booking(byId, words)),
      ),
    endVoucher: (byId, voucherId) => asAdmin(byId, (tx) => endVoucher(tx, voucherId, byId)),
    sellPackage: (byId, accountId, { reference, note, ...wish }) =>
      asAdmin(byId, (tx) =>
        sellPackage(tx, accountId, packageWish(wish, tx.now), booking(byId, { reference, note })),
      ),
    endPackage: (byId, packageId) => asAdmin(byId, (tx) => endPackage(tx, packageId, byId)),
    refundFrame: (byId, frameId, note) =>
      asAdmin(byId, async (tx) => moneyText(await refundFrame(tx, frameId, booking(byId, { note })))),
  };
}

function booking(by: number, { reference, note }: MovementWords = {}): Booking {
  return {
    by,
    ...(reference === undefined ? {} : { reference }),
    ...(note === undefined ? {} : { note }),
  };
}

function packageWish(wish: Omit<NewPackage, keyof MovementWords>, now: number): PackageWish {
  const { covers } = wish;
  return {
    ...wish,
    paid: moneyFrom(wish.paid),
    startsAt: wish.startsAt ?? now,
    covers: 'amount' in covers ? { ...covers, amount: moneyFrom(covers.amount) } : covers,
  };
}
