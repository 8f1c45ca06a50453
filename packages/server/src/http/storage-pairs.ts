/**
 * Which storage ids belong to which accounts, asked of the farm. Guessing is slowed down per address; a pair that was right
 * once is no guess any more: it is kept for `KEPT_MS`, then asked about again without the limit, so that a busy office
 * behind one address is not taken for somebody who tries numbers, and somebody who does cannot stop transfers that run.
 * The price: a storage id that was replaced works for `KEPT_MS` longer.
 */
import { type Clock, SECOND } from '@croft/contract';
import type { FarmCalls, TreeRef } from '@croft/farm';
import { transferErrors } from '@croft/transfer';
import { createFailureLimit } from './failure-limit.ts';

const KEPT_MS = 30 * SECOND;
/** Beyond these the oldest is forgotten, which costs it one question under the limit. */
const MOST_PAIRS = 1000;

export interface StoragePair {
  readonly bid: string;
  readonly accountId: number;
}

export interface StoragePairs {
  /**
   * What the pair opens; `pair` is null where the request names none that could be one. TRANSFER_STORAGE_REFUSED, and
   * NATIVE_TOO_MANY_FAILURES for an address that guesses.
   */
  owner(address: string, pair: StoragePair | null): Promise<TreeRef>;
}

export function createStoragePairs(calls: Pick<FarmCalls, 'storageOwner'>, clock: Clock): StoragePairs {
  const guesses = createFailureLimit(clock);
  const proven = new Map<string, { owner: TreeRef; until: number }>();

  async function ask(pair: StoragePair | null): Promise<TreeRef> {
    const owner = pair === null ? null : await calls.storageOwner(pair.bid);
    if (owner === null || owner.accountId !== pair?.accountId)
      throw transferErrors.TRANSFER_STORAGE_REFUSED('this storage id does not belong to this account');
    return owner;
  }

  return {
    async owner(address, pair) {
      const key = pair === null ? '' : `${pair.bid} ${pair.accountId}`;
      const known = proven.get(key);
      if (known !== undefined && known.until > clock.now()) return known.owner;
      // A pair that is being asked about again stays known meanwhile: its other requests are no guesses either.
      const owner = await (known === undefined
        ? guesses.guard(address, () => ask(pair))
        : ask(pair).catch((thrown: unknown) => {
            proven.delete(key);
            throw thrown;
          }));
      proven.delete(key);
      proven.set(key, { owner, until: clock.now() + KEPT_MS });
      if (proven.size > MOST_PAIRS) proven.delete(proven.keys().next().value!);
      return owner;
    },
  };
}
