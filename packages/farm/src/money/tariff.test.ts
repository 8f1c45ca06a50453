import { describe, expect, test } from 'vitest';
import { costOn, listPrice, type PriceRow, priceFor } from './tariff.ts';

const BASE: PriceRow = {
  id: 1,
  platform: 0,
  machine: '',
  model: '',
  per: 'node-hour',
  amount: 1_000_000,
  from_at: 0,
  made_at: 0,
  made_by: 1,
};
const CPU = { cpuModel: 'AMD EPYC 9654', cpuThreads: 192, gpus: [], slots: 2 };
const GPU = {
  ...CPU,
  gpus: [
    { model: 'NVIDIA GeForce GTX 1080 Ti', memoryBytes: null },
    { model: 'NVIDIA GeForce GTX 1080 Ti', memoryBytes: null },
  ],
};

function holding(prices: readonly Partial<PriceRow>[], machine: typeof CPU | typeof GPU): number | null {
  const rows = prices.map((price, index) => ({ ...BASE, id: index + 1, ...price }));
  return priceFor(rows, machine)?.id ?? null;
}

describe('tariff', () => {
  test('the most particular price holds: platform, then model, then kind of machine', () => {
    const any = {};
    const gpu = { machine: 'gpu' } as const;
    const model = { model: '1080ti' };
    const platform = { platform: 2 };
    expect(holding([any, gpu, model, platform], GPU)).toBe(4);
    expect(holding([any, gpu, model], GPU)).toBe(3);
    expect(holding([any, gpu], GPU)).toBe(2);
    expect(holding([any, gpu, model], CPU)).toBe(1);
    expect(holding([gpu, model], CPU)).toBe(null);
    expect(holding([{ model: 'epyc' }, { model: 'epyc 9654' }], CPU)).toBe(2);
  });

  test('among equals the newest holds', () => {
    expect(holding([{ from_at: 5 }, { from_at: 9 }, { from_at: 7 }], CPU)).toBe(2);
    expect(holding([{ from_at: 5 }, { from_at: 5 }], CPU)).toBe(2);
  });

  test('an attempt pays its share of the node: of its hour, its threads, its GPUs', () => {
    const hour = 3_600_000;
    expect(costOn(BASE, CPU, hour)).toBe(500_000);
    expect(costOn({ ...BASE, per: 'core-hour' }, CPU, hour)).toBe(96_000_000);
    expect(costOn({ ...BASE, per: 'gpu-hour' }, GPU, hour)).toBe(1_000_000);
    expect(costOn({ ...BASE, per: 'gpu-hour' }, CPU, hour)).toBe(0);
  });

  test('the list price is that of a machine whose model is not named', () => {
    const rows = [
      BASE,
      { ...BASE, id: 2, machine: 'gpu' as const, amount: 9 },
      { ...BASE, id: 3, model: 'x' },
    ];
    expect(listPrice(rows, 'cpu')?.id).toBe(1);
    expect(listPrice(rows, 'gpu')?.id).toBe(2);
  });
});
