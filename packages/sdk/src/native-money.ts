/** Prices and money through the native API; contract: wire-money.ts. Amounts are decimal texts. */
import {
  type MoneyStanding,
  type MovementBody,
  moneyStandingSchema,
  type NewPackage,
  type NewPrice,
  type NewVoucher,
  type Page,
  type PriceRow,
  pageOf,
  priceSchema,
  refundedSchema,
  type StatementLine,
  statementLineSchema,
} from '@croft/contract';
import type { NativeClient } from './native-client.ts';

/** All but looking is for administrators. Whatever changes an account answers with how it stands then. */
export interface MoneyClient {
  prices(): Promise<PriceRow[]>;
  setPrice(price: NewPrice): Promise<PriceRow[]>;
  removePrice(priceId: number): Promise<PriceRow[]>;
  /** Before the first price and movement only. */
  setCurrency(currency: string): Promise<void>;
  standing(accountId: number): Promise<MoneyStanding>;
  /** Newest first; pages count from 1. */
  statement(accountId: number, page?: number, size?: number): Promise<Page<StatementLine>>;
  topUp(accountId: number, movement: MovementBody): Promise<MoneyStanding>;
  payOut(accountId: number, movement: MovementBody): Promise<MoneyStanding>;
  setCredit(accountId: number, amount: string): Promise<MoneyStanding>;
  /** null: no limit. */
  setLimit(accountId: number, amount: string | null): Promise<MoneyStanding>;
  grantVoucher(accountId: number, voucher: NewVoucher): Promise<MoneyStanding>;
  sellPackage(accountId: number, wish: NewPackage): Promise<MoneyStanding>;
  endVoucher(voucherId: number): Promise<void>;
  endPackage(packageId: number): Promise<void>;
  /** Returns what was given back. */
  refundFrame(frameId: number, note?: string): Promise<string>;
}

const anything = { parse: () => undefined };

export function nativeMoney(native: NativeClient): MoneyClient {
  const prices = priceSchema.array();
  const change = (accountId: number, what: string, body: object) =>
    native.send(`/money/accounts/${accountId}/${what}`, body, moneyStandingSchema);
  return {
    prices: () => native.read('/money/prices', prices),
    setPrice: (price) => native.send('/money/prices', price, prices),
    removePrice: (priceId) => native.send(`/money/prices/${priceId}/remove`, {}, prices),
    setCurrency: (currency) => native.send('/money/currency', { currency }, anything),
    standing: (accountId) => native.read(`/money/accounts/${accountId}`, moneyStandingSchema),
    statement: (accountId, page = 1, size = 50) =>
      native.read(
        `/money/accounts/${accountId}/statement?page=${page}&size=${size}`,
        pageOf(statementLineSchema),
      ),
    topUp: (accountId, movement) => change(accountId, 'top-up', movement),
    payOut: (accountId, movement) => change(accountId, 'pay-out', movement),
    setCredit: (accountId, amount) => change(accountId, 'credit', { amount }),
    setLimit: (accountId, amount) => change(accountId, 'limit', { amount }),
    grantVoucher: (accountId, voucher) => change(accountId, 'vouchers', voucher),
    sellPackage: (accountId, wish) => change(accountId, 'packages', wish),
    endVoucher: (voucherId) => native.send(`/money/vouchers/${voucherId}/end`, {}, anything),
    endPackage: (packageId) => native.send(`/money/packages/${packageId}/end`, {}, anything),
    refundFrame: async (frameId, note) => {
      const body = note === undefined ? {} : { note };
      return (await native.send(`/money/frames/${frameId}/refund`, body, refundedSchema)).refunded;
    },
  };
}
