/**
 * Which price holds for a frame. Prices name what they are for: a platform or every one, a kind of machine (with or
 * without GPUs) or every one, a model or every one. Of the prices that fit, the most particular holds: platform before
 * model (the longer name first) before kind of machine; among equals the newest whose time has come. What fits no price
 * costs nothing.
 *
 * An attempt occupies one of its node's slots, so it is charged that share of the node: with 4 slots a quarter of the
 * node hour, of the node's cores, of its GPUs.
 */
import type { NodeFacts } from '@croft/contract';
import type { Selectable } from 'kysely';
import type { Db } from '../store/schema.ts';
import type { PricePer, PricesTable } from '../store/tables/money.ts';
import { costOf, type Money } from './amounts.ts';

export type PriceRow = Selectable<PricesTable>;
type Machine = Pick<NodeFacts, 'cpuModel' | 'cpuThreads' | 'gpus' | 'slots'>;

/** Prices whose time has come, of `platform` and of every platform. */
export async function pricesAt(db: Db, platform: number, at: number): Promise<PriceRow[]> {
  return db
    .selectFrom('prices')
    .selectAll()
    .where('platform', 'in', [0, platform])
    .where('from_at', '<=', at)
    .execute();
}

/**
 * Whether a task of the platform may cost something on some node now. Where nothing may, the farm neither charges nor
 * stops it, whatever its account has.
 */
export async function isPriced(db: Db, platform: number, now: number): Promise<boolean> {
  const newest = new Map<string, PriceRow>();
  for (const price of (await pricesAt(db, platform, now)).sort(
    (a, b) => a.from_at - b.from_at || a.id - b.id,
  ))
    newest.set(JSON.stringify([price.platform, price.machine, price.model]), price);
  const holding = [...newest.values()];
  // A price of the platform for every machine leaves nothing to those of all platforms.
  const isWhole = holding.some((price) => price.platform !== 0 && price.machine === '' && price.model === '');
  return holding.some(({ amount, platform: of }) => amount > 0 && (of !== 0 || !isWhole));
}

/** The price that holds for the machine among those whose time has come; null where none fits. */
export function priceFor(prices: readonly PriceRow[], machine: Machine): PriceRow | null {
  const kind = machine.gpus.length > 0 ? 'gpu' : 'cpu';
  const models = [machine.cpuModel, ...machine.gpus.map(({ model }) => model)].map(squeezed);
  const fitting = prices.filter(
    (price) =>
      (price.machine === '' || price.machine === kind) &&
      (price.model === '' || models.some((model) => model.includes(squeezed(price.model)))),
  );
  return newestOfMostParticular(fitting);
}

/** The price that is shown for a kind of machine where no model is named. */
export function listPrice(prices: readonly PriceRow[], kind: 'cpu' | 'gpu'): PriceRow | null {
  return newestOfMostParticular(
    prices.filter(({ machine, model }) => model === '' && (machine === '' || machine === kind)),
  );
}

function newestOfMostParticular(prices: readonly PriceRow[]): PriceRow | null {
  const best = [...prices].sort(
    (a, b) =>
      Number(b.platform !== 0) - Number(a.platform !== 0) ||
      b.model.length - a.model.length ||
      Number(b.machine !== '') - Number(a.machine !== '') ||
      b.from_at - a.from_at ||
      b.id - a.id,
  )[0];
  return best ?? null;
}

/** What an attempt's `ms` on the machine cost. */
export function costOn(price: PriceRow, machine: Machine, ms: number): Money {
  return costOf(price.amount, ms, { of: UNITS[price.per](machine), among: machine.slots });
}

const UNITS: Readonly<Record<PricePer, (machine: Machine) => number>> = {
  'node-hour': () => 1,
  'core-hour': ({ cpuThreads }) => cpuThreads,
  'gpu-hour': ({ gpus }) => gpus.length,
};

/** "GTX 1080 Ti" and "1080Ti" name the same: case and blanks do not count. */
function squeezed(model: string): string {
  return model.toLowerCase().replaceAll(/\s+/g, '');
}
