/**
 * Keeps accounts to the addresses of their rules (812), for calls that come with a key, a session or a storage id. Rules are
 * kept for `KEPT_MS`, so that a polling client does not cost a call to the farm each time.
 */
import { type Clock, SECOND } from '@croft/contract';
import { type FarmCalls, farmErrors, isAddressAllowed } from '@croft/farm';

const KEPT_MS = 5 * SECOND;
const MOST_ACCOUNTS = 1000;

export interface AddressGuard {
  /** Throws FARM_ADDRESS_REFUSED. */
  check(accountId: number, address: string): Promise<void>;
}

export function createAddressGuard(calls: Pick<FarmCalls, 'addressRule'>, clock: Clock): AddressGuard {
  const rules = new Map<number, { allow: readonly string[]; until: number }>();

  async function ruleOf(accountId: number): Promise<readonly string[]> {
    const known = rules.get(accountId);
    if (known !== undefined && known.until > clock.now()) return known.allow;
    const allow = await calls.addressRule(accountId);
    rules.delete(accountId);
    rules.set(accountId, { allow, until: clock.now() + KEPT_MS });
    if (rules.size > MOST_ACCOUNTS) rules.delete(rules.keys().next().value!);
    return allow;
  }

  return {
    async check(accountId, address) {
      if (isAddressAllowed(await ruleOf(accountId), address)) return;
      throw farmErrors.FARM_ADDRESS_REFUSED(`this account may not be used from ${address}`);
    },
  };
}
