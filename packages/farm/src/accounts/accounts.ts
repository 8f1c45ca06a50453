/** Accounts: who they are, and whether they may come in. */
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import type { Db } from '../store/schema.ts';
import { takeNumbers } from '../store/sequences.ts';
import type { AccountRow } from '../store/tables/accounts.ts';
import { factsOf } from './account-fields.ts';
import { createRoots } from './account-roots.ts';
import type { AccountProfile, Caller } from './caller.ts';

const FIRST_ACCOUNT_NAME = 'admin';
const DEFAULT_TASK_OVER_TIME_SEC = 12 * 3600;

/** Throws FARM_NOT_FOUND for an unknown id and for a deleted account. */
export async function accountById(db: Db, accountId: number): Promise<AccountRow> {
  const row = await db.selectFrom('accounts').selectAll().where('id', '=', accountId).executeTakeFirst();
  if (!row || row.deleted_at !== null) throw farmErrors.FARM_NOT_FOUND(`there is no account ${accountId}`);
  return row;
}

/** The oldest main account with the role admin; made, with its storage ids, where there is none yet. */
export async function firstAccount(tx: FarmTx): Promise<Caller> {
  const row = await tx.db
    .selectFrom('accounts')
    .selectAll()
    .where('role', '=', 'admin')
    .where('main_account_id', '=', 0)
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  return row ? callerOf(row) : callerOf(await createAccount(tx, FIRST_ACCOUNT_NAME, 'admin'));
}

/** A new account with its roots. `columns` are checked ones. FARM_ACCOUNT_NAME for a name that is taken. */
export async function createAccount(
  tx: FarmTx,
  name: string,
  role: 'admin' | 'user',
  columns: Partial<AccountRow> = {},
): Promise<AccountRow> {
  await refuseTaken(tx.db, { name, email: columns.email }, 0);
  const row = await tx.db
    .insertInto('accounts')
    .values({
      main_account_id: 0,
      email: '',
      phone: '',
      company: '',
      task_over_time_sec: DEFAULT_TASK_OVER_TIME_SEC,
      share_main_capital: 0,
      ...columns,
      id: await takeNumbers(tx.db, 'account'),
      name,
      role,
      created_at: tx.now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await createRoots(tx, row.id);
  return row;
}

/** FARM_ACCOUNT_NAME (902) or FARM_ACCOUNT_EMAIL (901) where another account has it; letters count the same in either case. */
export async function refuseTaken(
  db: Db,
  wanted: { name?: string | undefined; email?: string | undefined },
  exceptId: number,
): Promise<void> {
  const isTaken = async (column: 'name' | 'email', value: string | undefined) =>
    value !== undefined &&
    value !== '' &&
    (await db
      .selectFrom('accounts')
      .select('id')
      .where((eb) => eb(eb.fn<string>('lower', [column]), '=', eb.fn<string>('lower', [eb.val(value)])))
      .where('deleted_at', 'is', null)
      .where('id', '<>', exceptId)
      .executeTakeFirst()) !== undefined;
  if (await isTaken('name', wanted.name))
    throw farmErrors.FARM_ACCOUNT_NAME(`there is an account "${wanted.name}" already`);
  if (await isTaken('email', wanted.email))
    throw farmErrors.FARM_ACCOUNT_EMAIL(`another account has the e-mail address ${wanted.email}`);
}

export function callerOf(row: AccountRow): Caller {
  return {
    accountId: row.id,
    accountName: row.name,
    mainAccountId: row.main_account_id,
    role: row.role,
    inputAccountId: inputAccountOf(row),
  };
}

/** Whose input root holds the account's assets. */
export function inputAccountOf(row: AccountRow): number {
  return row.share_main_capital === 1 && row.main_account_id !== 0 ? row.main_account_id : row.id;
}

/** The accounts that bytes from this one are for: itself, and the main account whose assets it shares. */
export async function assetAccounts(db: Db, accountId: number): Promise<number[]> {
  return [...new Set([accountId, inputAccountOf(await accountById(db, accountId))])];
}

/** Nobody gets in with a disabled, deleted or ended account, nor with a sub-account of one. */
export async function isLocked(db: Db, accountId: number, now: number): Promise<boolean> {
  const row = await db
    .selectFrom('accounts')
    .select(['main_account_id', 'disabled_at', 'deleted_at', 'ends_at'])
    .where('id', '=', accountId)
    .executeTakeFirst();
  if (!row || row.disabled_at !== null || row.deleted_at !== null) return true;
  if (row.ends_at !== null && row.ends_at <= now) return true;
  return row.main_account_id !== 0 && (await isLocked(db, row.main_account_id, now));
}

/** The row whose settings count: the main account's, where that one keeps its sub-accounts' settings the same as its own. */
export async function settingsRow(db: Db, row: AccountRow): Promise<AccountRow> {
  if (row.main_account_id === 0) return row;
  const main = await accountById(db, row.main_account_id);
  return main.separate_account_flag === 1 ? row : main;
}

/** FARM_NOT_ALLOWED where the account's settings are those of its main account. */
export async function refuseForeignSettings(db: Db, row: AccountRow): Promise<void> {
  if ((await settingsRow(db, row)) !== row)
    throw farmErrors.FARM_NOT_ALLOWED('the settings of this account are those of its main account');
}

/** What is known of the account; its settings are those that count. */
export async function profile(db: Db, accountId: number): Promise<AccountProfile> {
  const row = await accountById(db, accountId);
  const settings = await settingsRow(db, row);
  return {
    ...callerOf(row),
    email: row.email,
    phone: row.phone,
    company: row.company,
    taskOverTimeSec: settings.task_over_time_sec,
    shareMainCapital: inputAccountOf(row) === row.id ? 0 : 1,
    isDisabled: row.disabled_at !== null,
    facts: factsOf(row, settings),
  };
}
