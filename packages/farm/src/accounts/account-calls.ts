/** What doors and the command line do with accounts and teams. `byId` is the account that asks. */
import type { CallParts } from '../call-parts.ts';
import type { Db } from '../store/schema.ts';
import type { AccountRow } from '../store/tables/accounts.ts';
import { setTeamRight, type TeamRight, teamRights } from '../team/team.ts';
import type { AccountValue } from './account-fields.ts';
import { accountById, firstAccount, profile } from './accounts.ts';
import type { AccountProfile, Caller } from './caller.ts';
import { deleteAssets } from './delete-assets.ts';
import {
  changeAccount,
  deleteAccount,
  disableAccount,
  editorOf,
  makeAccount,
  type NewAccount,
} from './manage-accounts.ts';
import { raysyncKey, raysyncOwner } from './raysync-key.ts';
import {
  giveHeldIds,
  giveOutputIds,
  outputIds,
  type StorageIds,
  storageIds,
  storageOwner,
} from './storage-ids.ts';

export interface AccountSummary {
  accountId: number;
  name: string;
  /** 0 for a main account. */
  mainAccountId: number;
  role: 'admin' | 'user';
  email: string;
  isDisabled: boolean;
  createdAt: number;
}

export interface AccountCalls {
  /** The account that `croft up` and a fresh home use; made on the first start. */
  firstAccount(): Promise<Caller>;
  profile(accountId: number): Promise<AccountProfile>;
  /** The profile of an account that `byId` is, or manages. */
  accountOf(byId: number, accountId: number): Promise<AccountProfile>;
  /** All accounts for an administrator, itself and its sub-accounts for a main account, itself for a sub-account. */
  listAccounts(byId: number): Promise<AccountSummary[]>;
  createAccount(byId: number, wish: NewAccount): Promise<AccountSummary>;
  /** Changes fields of docs/accounts.md; all or none. */
  changeAccount(
    byId: number,
    accountId: number,
    changes: Readonly<Record<string, AccountValue>>,
  ): Promise<void>;
  disableAccount(byId: number, accountId: number): Promise<void>;
  enableAccount(byId: number, accountId: number): Promise<void>;
  /** Guards: FARM_ACCOUNT_HAS_TASKS (912), FARM_ACCOUNT_IN_ARREARS (913), FARM_ACCOUNT_HAS_BALANCE (914). */
  deleteAccount(byId: number, accountId: number): Promise<void>;
  updateTaskOverTime(accountId: number, seconds: number): Promise<void>;

  teamRights(accountId: number): Promise<TeamRight[]>;
  setTeamRight(byId: number, right: TeamRight): Promise<void>;

  storageIds(accountId: number): Promise<StorageIds>;
  /** Ids of the owners' output roots for `viewerId`, for each of them from whom it may download. */
  outputIds(viewerId: number, ownerIds: number[]): Promise<{ ownerId: number; bid: string }[]>;
  /** Takes the file at `path`, or all below it, off the input root that the account uses; how many files that were. */
  deleteAssets(accountId: number, path: string): Promise<number>;
  /** Key of the account for the engine "raysyncproxy": 40 hex digits that prove its name beside a storage id. */
  raysyncKey(accountId: number): Promise<string>;
  /** Whose name and key these are; null for nobody's and for a locked account. */
  raysyncOwner(name: string, key: string): Promise<Caller | null>;
  /** Whose storage the id names, and which of the three; null for an unknown id and for one that is not usable now. */
  storageOwner(bid: string): Promise<{ accountId: number; root: 'config' | 'input' | 'output' } | null>;
}

export function accountCalls(parts: CallParts): AccountCalls {
  const { db, writer, clock } = parts;
  return {
    firstAccount: () => writer.run((tx) => firstAccount(tx)),
    profile: (accountId) => profile(db, accountId),
    async accountOf(byId, accountId) {
      await editorOf(db, byId, await accountById(db, accountId));
      return profile(db, accountId);
    },
    listAccounts: (byId) => listAccounts(db, byId),
    createAccount: async (byId, wish) => summaryOf(await writer.run((tx) => makeAccount(tx, byId, wish))),
    changeAccount: (byId, accountId, changes) =>
      writer.run((tx) => changeAccount(tx, byId, accountId, changes)),
    disableAccount: (byId, accountId) => writer.run((tx) => disableAccount(tx, byId, accountId, true)),
    enableAccount: (byId, accountId) => writer.run((tx) => disableAccount(tx, byId, accountId, false)),
    deleteAccount: (byId, accountId) => writer.run((tx) => deleteAccount(tx, byId, accountId)),
    updateTaskOverTime: (accountId, seconds) =>
      writer.run((tx) => changeAccount(tx, accountId, accountId, { taskOverTimeSec: seconds })),

    teamRights: (accountId) => teamRights(db, accountId),
    setTeamRight: (byId, right) => writer.run((tx) => setTeamRight(tx, byId, right)),

    async storageIds(accountId) {
      const { ids, isWhole } = await storageIds(db, accountId);
      if (isWhole) return ids;
      await writer.run((tx) => giveHeldIds(tx, accountId));
      return (await storageIds(db, accountId)).ids;
    },
    async outputIds(viewerId, ownerIds) {
      const { ids, isWhole } = await outputIds(db, viewerId, ownerIds);
      if (isWhole) return ids;
      await writer.run((tx) => giveOutputIds(tx, viewerId, ownerIds));
      return (await outputIds(db, viewerId, ownerIds)).ids;
    },
    storageOwner: (bid) => storageOwner(db, bid, clock.now()),
    deleteAssets: (accountId, path) => deleteAssets(parts, accountId, path),
    raysyncKey: (accountId) => raysyncKey(db, accountId),
    raysyncOwner: (name, key) => raysyncOwner(db, name, key, clock.now()),
  };
}

async function listAccounts(db: Db, byId: number): Promise<AccountSummary[]> {
  const by = await accountById(db, byId);
  let query = db.selectFrom('accounts').selectAll().where('deleted_at', 'is', null).orderBy('id');
  if (by.role !== 'admin')
    query = query.where((eb) => eb.or([eb('id', '=', byId), eb('main_account_id', '=', byId)]));
  return (await query.execute()).map(summaryOf);
}

function summaryOf(row: AccountRow): AccountSummary {
  return {
    accountId: row.id,
    name: row.name,
    mainAccountId: row.main_account_id,
    role: row.role,
    email: row.email,
    isDisabled: row.disabled_at !== null,
    createdAt: row.created_at,
  };
}
