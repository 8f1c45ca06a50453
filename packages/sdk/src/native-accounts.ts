/** Accounts, teams and access keys through the native API; contract: wire-accounts.ts. */
import {
  type AccountDetail,
  type AccountSummaryRow,
  accountDetailSchema,
  accountSummarySchema,
  createdKeySchema,
  deletedAssetsSchema,
  type KeyRowBody,
  keyRowSchema,
  type NewAccountBody,
  type RotatedKeyBody,
  rotatedKeySchema,
  type TeamRightRow,
  teamRightSchema,
} from '@croft/contract';
import type { NativeClient } from './native-client.ts';

type Fields = AccountDetail['fields'];
export type AccountAct = 'disable' | 'enable' | 'delete';

/** What is done with accounts and keys, over a door or straight on a farm's home. */
export interface AccountsClient {
  /** All accounts for an administrator, else the caller and its sub-accounts. */
  list(): Promise<AccountSummaryRow[]>;
  show(accountId: number): Promise<AccountDetail>;
  create(wish: NewAccountBody): Promise<AccountDetail>;
  /** All or none. */
  change(accountId: number, fields: Fields): Promise<AccountDetail>;
  act(accountId: number, act: AccountAct): Promise<void>;
  team(): Promise<TeamRightRow[]>;
  setTeam(right: TeamRightRow): Promise<TeamRightRow[]>;
  /** Without an account, the caller's keys. */
  keys(accountId?: number): Promise<KeyRowBody[]>;
  createKey(wish: {
    name: string;
    rights: 'read' | 'submit' | 'full';
    accountId?: number;
  }): Promise<{ accessId: string; accessKey: string; accountId: number }>;
  /** The old secret works on for `graceHours`. */
  rotateKey(accessId: string, graceHours: number): Promise<RotatedKeyBody>;
  disableKey(accessId: string): Promise<void>;
  /** Takes an uploaded file, or all below a folder, off the input storage; how many files that were. */
  deleteAssets(path: string): Promise<number>;
}

const anything = { parse: () => undefined };

export function nativeAccounts(native: NativeClient): AccountsClient {
  return {
    list: () => native.read('/accounts', accountSummarySchema.array()),
    show: (accountId) => native.read(`/accounts/${accountId}`, accountDetailSchema),
    create: (wish) => native.send('/accounts', wish, accountDetailSchema),
    change: (accountId, fields) => native.send(`/accounts/${accountId}`, { fields }, accountDetailSchema),
    act: (accountId, act) => native.send(`/accounts/${accountId}/${act}`, {}, anything),
    team: () => native.read('/accounts/team', teamRightSchema.array()),
    setTeam: (right) => native.send('/accounts/team', right, teamRightSchema.array()),
    keys: (accountId) =>
      native.read(accountId === undefined ? '/keys' : `/keys?account=${accountId}`, keyRowSchema.array()),
    createKey: (wish) => native.send('/keys', wish, createdKeySchema),
    rotateKey: (accessId, graceHours) =>
      native.send(`/keys/${encodeURIComponent(accessId)}/rotate`, { graceHours }, rotatedKeySchema),
    disableKey: (accessId) => native.send(`/keys/${encodeURIComponent(accessId)}/disable`, {}, anything),
    deleteAssets: async (path) =>
      (await native.send('/assets/delete', { path }, deletedAssetsSchema)).deleted,
  };
}
