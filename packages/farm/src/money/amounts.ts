/**
 * Money is a whole number of millionths of the farm's currency. No sum is ever made of fractions: 0.1 + 0.2 is 300,000
 * here, and what the ledger says is what the API says.
 *
 * Every amount stays far below 2^53, so that plain numbers are exact:
 *   - one booking, and one account's credit, is at most MOST_AMOUNT = 10^15 (a thousand million of the currency)
 *   - all that was ever put into an account (`funded`) is at most MOST_FUNDED = 4 × 10^15
 *   - what an account owes is at most MOST_AMOUNT: a charge beyond it is cut
 * A pot holds a part of what was put in, or what frames took from it, from the credit and from debt: at most
 * 4 + 1 + 1 = 6 × 10^15 < 2^53 ≈ 9 × 10^15. Sums over all accounts use bigint.
 */
import { HOUR } from '@croft/contract';
import { farmErrors } from '../errors.ts';

/** Whole millionths of the farm's currency. */
export type Money = number;

export const UNIT = 1_000_000;
export const MOST_AMOUNT = 1e15;
export const MOST_FUNDED = 4e15;
/** The highest price of an hour: a million of the currency. */
export const MOST_PRICE = 1e12;

/** An amount as people write it: `12`, `0.67`, `1000.000001`. Throws FARM_INVALID for anything else. */
export function moneyFrom(text: string, most: Money = MOST_AMOUNT): Money {
  const match = /^(\d{1,12})(?:\.(\d{1,6}))?$/.exec(text.trim());
  const money = match ? Number(match[1]) * UNIT + Number((match[2] ?? '').padEnd(6, '0')) : Number.NaN;
  if (money <= most) return money;
  throw farmErrors.FARM_INVALID(
    `an amount is written like 12 or 0.67, with at most 6 decimals and at most ${moneyText(most)}, not ${JSON.stringify(text.slice(0, 40))}`,
  );
}

/** The amount as the exact decimal text, with at least two decimals. */
export function moneyText(money: Money): string {
  const digits = String(Math.abs(money)).padStart(7, '0');
  const decimals = digits.slice(-6).replace(/0{1,4}$/, '');
  return `${money < 0 ? '-' : ''}${digits.slice(0, -6)}.${decimals}`;
}

/**
 * The amount as a number of the API. A quotient of two exact numbers is the double nearest to the decimal, and with at
 * most 16 digits JSON writes that double as the decimal itself.
 */
export function moneyNumber(money: Money): number {
  return money / UNIT;
}

/** What `ms` milliseconds cost at `price` an hour, times `share.of` / `share.among`; halves are rounded up. */
export function costOf(price: Money, ms: number, share: { of: number; among: number }): Money {
  const product = BigInt(price) * BigInt(Math.round(ms)) * BigInt(share.of);
  const divisor = BigInt(HOUR) * BigInt(share.among);
  const cost = (2n * product + divisor) / (2n * divisor);
  return cost > BigInt(MOST_AMOUNT) ? MOST_AMOUNT : Number(cost);
}

/** The part `ms` of `allMs` of an amount; halves are rounded up. */
export function partOf(money: Money, ms: number, allMs: number): Money {
  if (allMs <= 0) return 0;
  return Number((2n * BigInt(money) * BigInt(ms) + BigInt(allMs)) / (2n * BigInt(allMs)));
}
