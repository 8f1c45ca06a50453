/** Passwords, sign-in links, address rules and records through the native API; contract: wire-sign-in.ts. */
import { addressRuleSchema, signInCodeSchema } from '@croft/contract';
import type { NativeClient } from './native-client.ts';

/** `account` names another account than the caller's: for administrators, and main accounts about their sub-accounts. */
export interface SignInClient {
  /** A code that signs one browser in, once; `url` is where other machines reach the farm, null where they do not. */
  createSignInCode(account?: string): Promise<{ code: string; url: string | null }>;
  /** null takes the password away. `current` is needed for one's own, unless the key is an administrator's. */
  setPassword(wish: { account?: string; current?: string; password: string | null }): Promise<void>;
  /** Addresses and CIDR blocks that the account may be used from; empty: all. */
  addressRule(account?: string): Promise<string[]>;
  setAddressRule(allow: readonly string[], account?: string): Promise<string[]>;
}

const asIs = { parse: (value: unknown) => value };

export function nativeSignIn(client: NativeClient): SignInClient {
  const of = (account: string | undefined) => (account === undefined ? {} : { account });
  return {
    createSignInCode: (account) => client.send('/sign-in-codes', of(account), signInCodeSchema),
    async setPassword(wish) {
      await client.send('/password', wish, asIs);
    },
    async addressRule(account) {
      const query = account === undefined ? '' : `?account=${encodeURIComponent(account)}`;
      return (await client.read(`/address-rule${query}`, addressRuleSchema)).allow;
    },
    setAddressRule: async (allow, account) =>
      (await client.send('/address-rule', { allow: [...allow], ...of(account) }, addressRuleSchema)).allow,
  };
}
