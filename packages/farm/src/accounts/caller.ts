/** Who a caller of the farm is. */
import type { AccountFacts } from './account-fields.ts';

/** An account as a door needs it to let a caller in. */
export interface Caller {
  accountId: number;
  accountName: string;
  /** 0 for a main account. */
  mainAccountId: number;
  role: 'admin' | 'user';
  /** Whose input root holds its assets: its own, or the main account's where it shares them. */
  inputAccountId: number;
}

/** The truthful part of the API's 46 profile fields; the door fills the rest with documented defaults. */
export interface AccountProfile extends Caller {
  email: string;
  phone: string;
  company: string;
  taskOverTimeSec: number;
  shareMainCapital: 0 | 1;
  isDisabled: boolean;
  /** Everything of `account-fields.ts`, by the API's words. Settings are those that count for the account. */
  facts: AccountFacts;
}
