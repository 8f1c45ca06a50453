import { HOUR } from '@croft/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { costOf, MOST_AMOUNT, moneyFrom, moneyNumber, moneyText, partOf } from './amounts.ts';

const amount = fc.integer({ min: 0, max: MOST_AMOUNT });

describe('amounts', () => {
  test('text and amount are one to one, for every amount there is', () => {
    fc.assert(fc.property(amount, (money) => moneyFrom(moneyText(money)) === money));
  });

  test('the number of the API is written as the exact decimal', () => {
    fc.assert(
      fc.property(amount, (money) => {
        const [whole, decimals = ''] = JSON.stringify(moneyNumber(money)).split('.');
        const written = BigInt(whole!) * 1_000_000n + BigInt(decimals.padEnd(6, '0'));
        expect(written).toBe(BigInt(money));
      }),
      // The least amount is 0.000001, which JSON writes without an exponent.
      { examples: [[1], [10], [999_999], [MOST_AMOUNT]] },
    );
  });

  test('sums of the numbers that people write are exact', () => {
    expect(moneyText(moneyFrom('0.1') + moneyFrom('0.2'))).toBe('0.30');
    expect(moneyText(-1)).toBe('-0.000001');
  });

  test('costs are the exact quotient, rounded half up, whatever the size', () => {
    const price = fc.integer({ min: 0, max: 1e12 });
    const ms = fc.integer({ min: 0, max: 1e12 });
    const share = fc.record({
      of: fc.integer({ min: 0, max: 512 }),
      among: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(
      fc.property(price, ms, share, (perHour, taken, part) => {
        const exact = BigInt(perHour) * BigInt(taken) * BigInt(part.of);
        const divisor = BigInt(HOUR) * BigInt(part.among);
        const cost = BigInt(costOf(perHour, taken, part));
        if (cost === BigInt(MOST_AMOUNT)) return;
        const off = cost * divisor - exact;
        expect(2n * (off < 0n ? -off : off) <= divisor).toBe(true);
      }),
    );
  });

  test('a part of an amount is never more than the amount', () => {
    fc.assert(
      fc.property(amount, fc.nat(1e9), fc.nat(1e9), (money, a, b) => {
        const part = partOf(money, Math.min(a, b), Math.max(a, b));
        expect(part).toBeGreaterThanOrEqual(0);
        expect(part).toBeLessThanOrEqual(money);
      }),
    );
  });
});
