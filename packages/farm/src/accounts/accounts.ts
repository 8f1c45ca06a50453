/** Accounts: who they are, and the storage ids of their roots. */

import { HOUR, type TreeRoot } from '@croft/contract';
import type { Selectable } from 'kysely';
import { farmErrors } from '../errors.ts';
import type { AccountProfile, Caller, TreeRef } from '../farm-api.ts';
import type { FarmTx } from '../news.ts';
import { randomStorageId } from '../secrets.ts';
import type { AccountsTable, Db } from '../store/schema.ts';
import { takeNumbers } from '../store/sequences.ts';

const FIRST_ACCOUNT_NAME = 'admin';
const DEFAULT_TASK_OVER_TIME_SEC = 12 * 3600;
/** After a rotation the old id goes on working this long, for transfers that began with it. */
const REPLACED_ID_MS = 24 * HOUR;
const ROOTS: readonly TreeRoot[] = ['config', 'input', 'output'];

/** Throws FARM_NOT_FOUND for an unknown id. */
export async function accountById(db: Db, accountId: number): Promise<Selectable<AccountsTable>> {
  const row = await db.selectFrom('accounts').selectAll().where('id', '=', accountId).executeTakeFirst();
  if (!row) throw farmErrors.FARM_NOT_FOUND(`there is no account ${accountId}`);
  return row;
}

/** The oldest main account with the role admin; made, with its storage ids, where there is none yet. */
export async function firstAccount(tx: FarmTx): Promise<Caller> {
  const row = await tx.db
    .selectFrom('accounts')
    .selectAll()
    .where('role', '=', 'admin')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  return row ? callerOf(row) : createAccount(tx, FIRST_ACCOUNT_NAME, 'admin');
}

export async function createAccount(tx: FarmTx, name: string, role: 'admin' | 'user'): Promise<Caller> {
  const id = await takeNumbers(tx.db, 'account');
  const account = {
    id,
    name,
    role,
    main_account_id: 0,
    email: '',
    phone: '',
    company: '',
    task_over_time_sec: DEFAULT_TASK_OVER_TIME_SEC,
    share_main_capital: 0,
    created_at: tx.now,
  };
  const row = await tx.db.insertInto('accounts').values(account).returningAll().executeTakeFirstOrThrow();
  await tx.db
    .insertInto('storage_ids')
    .values(ROOTS.map((root) => ({ bid: randomStorageId(), account_id: id, root, created_at: tx.now })))
    .execute();
  await tx.db
    .insertInto('trees')
    .values(ROOTS.map((root) => ({ account_id: id, root, version: 0 })))
    .execute();
  return callerOf(row);
}

export function callerOf(row: Selectable<AccountsTable>): Caller {
  return { accountId: row.id, accountName: row.name, mainAccountId: row.main_account_id, role: row.role };
}

export async function profile(db: Db, accountId: number): Promise<AccountProfile> {
  const row = await accountById(db, accountId);
  return {
    ...callerOf(row),
    email: row.email,
    phone: row.phone,
    company: row.company,
    taskOverTimeSec: row.task_over_time_sec,
    shareMainCapital: row.share_main_capital === 1 ? 1 : 0,
  };
}

export async function updateTaskOverTime(tx: FarmTx, accountId: number, seconds: number): Promise<void> {
  if (!Number.isSafeInteger(seconds) || seconds < 0) {
    throw farmErrors.FARM_INVALID('the over time must be a whole number of seconds, 0 or more');
  }
  await accountById(tx.db, accountId);
  await tx.db
    .updateTable('accounts')
    .set({ task_over_time_sec: seconds })
    .where('id', '=', accountId)
    .execute();
}

/** The current storage id of each root. */
export async function storageIds(
  db: Db,
  accountId: number,
): Promise<{ config: string; input: string; output: string }> {
  await accountById(db, accountId);
  const rows = await db
    .selectFrom('storage_ids')
    .select(['root', 'bid'])
    .where('account_id', '=', accountId)
    .where('holder_account_id', '=', 0)
    .orderBy('created_at')
    .execute();
  const newest = new Map(rows.map(({ root, bid }) => [root, bid]));
  const of = (root: TreeRoot) => newest.get(root)!;
  return { config: of('config'), input: of('input'), output: of('output') };
}

/** Whose storage an id names; null for an unknown id and for one that was replaced over REPLACED_ID_MS ago. */
export async function storageOwner(db: Db, bid: string, now: number): Promise<TreeRef | null> {
  const row = await db.selectFrom('storage_ids').selectAll().where('bid', '=', bid).executeTakeFirst();
  const root = ROOTS.find((one) => one === row?.root);
  if (row === undefined || root === undefined) return null;
  const successor = await db
    .selectFrom('storage_ids')
    .select('created_at')
    .where('account_id', '=', row.account_id)
    .where('root', '=', row.root)
    .where('holder_account_id', '=', row.holder_account_id)
    .where('created_at', '>', row.created_at)
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirst();
  if (successor !== undefined && now - successor.created_at > REPLACED_ID_MS) return null;
  return { accountId: row.account_id, root };
}
