/**
 * Making, changing, disabling and deleting accounts. Administrators manage every account, a main account its own
 * sub-accounts, and everybody a part of what is their own (the table of `account-fields.ts` says which part).
 */
import { farmErrors } from '../errors.ts';
import { arrearsOf, balanceOf } from '../money/funds.ts';
import type { FarmTx } from '../news.ts';
import type { Db } from '../store/schema.ts';
import type { AccountRow } from '../store/tables/accounts.ts';
import { type AccountEditor, type AccountValue, accountField, columnsOf } from './account-fields.ts';
import { accountById, createAccount, refuseForeignSettings, refuseTaken } from './accounts.ts';

/** As what `by` manages the account. FARM_NOT_FOUND, or FARM_NOT_YOURS where it does not. */
export async function editorOf(db: Db, byId: number, account: AccountRow): Promise<AccountEditor> {
  const by = await accountById(db, byId);
  if (by.role === 'admin') return 'admin';
  if (account.main_account_id === by.id) return 'main';
  if (account.id === by.id) return 'self';
  throw farmErrors.FARM_NOT_YOURS(`account ${account.id} is not one of yours`);
}

/** The account, where `by` is an administrator or its main account. FARM_NOT_ALLOWED for who asks of itself. */
export async function managedAccount(db: Db, byId: number, accountId: number): Promise<AccountRow> {
  const account = await accountById(db, accountId);
  if ((await editorOf(db, byId, account)) === 'self')
    throw farmErrors.FARM_NOT_ALLOWED('this is for the main account, or an administrator');
  return account;
}

export interface NewAccount {
  readonly name: string;
  /** The main account that it belongs to; 0 makes a main account, which administrators may do. */
  readonly mainAccountId: number;
  readonly role?: 'admin' | 'user' | undefined;
  readonly fields?: Readonly<Record<string, AccountValue>> | undefined;
}

/** A sub-account begins with its main account's word on deleting tasks and assets, unless the wish says otherwise. */
export async function makeAccount(tx: FarmTx, byId: number, wish: NewAccount): Promise<AccountRow> {
  const { name, mainAccountId, role = 'user', fields = {} } = wish;
  const by = await accountById(tx.db, byId);
  if (by.role !== 'admin' && (mainAccountId !== by.id || by.main_account_id !== 0 || role === 'admin'))
    throw farmErrors.FARM_NOT_ALLOWED(
      'a main account makes sub-accounts of its own, administrators make any',
    );
  const columns = columnsOf({ ...fields, name });
  if (mainAccountId === 0) {
    refuseMisplaced(fields, 'admin', 'main');
    return announced(tx, byId, await createAccount(tx, String(columns.name), role, columns));
  }
  const main = await accountById(tx.db, mainAccountId);
  if (main.main_account_id !== 0)
    throw farmErrors.FARM_INVALID(`account ${mainAccountId} is a sub-account and can have none of its own`);
  // A main account makes keys of its sub-accounts: it would be an administrator through them.
  if (role === 'admin' && main.role !== 'admin')
    throw farmErrors.FARM_NOT_ALLOWED(`account ${main.name} is no administrator and can have none below it`);
  await refuseTooMany(tx.db, main);
  refuseMisplaced(fields, by.role === 'admin' ? 'admin' : 'main', 'sub');
  const inherited = { sub_delete_task: main.sub_delete_task, sub_delete_capital: main.sub_delete_capital };
  const made = await createAccount(tx, String(columns.name), role, {
    ...inherited,
    ...columns,
    main_account_id: main.id,
  });
  return announced(tx, byId, made);
}

function announced(tx: FarmTx, byId: number, account: AccountRow): AccountRow {
  tell(tx, byId, account.id, 'account made');
  return account;
}

async function refuseTooMany(db: Db, main: AccountRow): Promise<void> {
  const { count } = await db
    .selectFrom('accounts')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('main_account_id', '=', main.id)
    .where('deleted_at', 'is', null)
    .executeTakeFirstOrThrow();
  if (count >= main.subaccount_limits)
    throw farmErrors.FARM_NOT_ALLOWED(
      `account ${main.id} may have ${main.subaccount_limits} sub-accounts and has them`,
      { hint: 'An administrator can raise subaccountLimits of the main account.' },
    );
}

const RANK: Record<AccountEditor, number> = { self: 0, main: 1, admin: 2 };

/** FARM_NOT_ALLOWED for a field that is not the editor's to change, FARM_INVALID for one that the account has not. */
function refuseMisplaced(
  fields: Readonly<Record<string, AccountValue>>,
  editor: AccountEditor,
  kind: 'main' | 'sub',
): void {
  const rank = RANK[editor];
  for (const fieldName of Object.keys(fields)) {
    const field = accountField(fieldName);
    if (field.of !== undefined && field.of !== kind)
      throw farmErrors.FARM_INVALID(
        `${fieldName} is of ${field.of === 'main' ? 'main accounts' : 'sub-accounts'} only`,
      );
    if (field.isOwn && kind === 'main') continue;
    if (rank < RANK[field.by])
      throw farmErrors.FARM_NOT_ALLOWED(
        `${fieldName} is changed by ${field.by === 'admin' ? 'administrators of the farm' : 'the main account'}`,
      );
  }
}

/** Changes some fields; all or none. */
export async function changeAccount(
  tx: FarmTx,
  byId: number,
  accountId: number,
  changes: Readonly<Record<string, AccountValue>>,
): Promise<void> {
  const account = await accountById(tx.db, accountId);
  const editor = await editorOf(tx.db, byId, account);
  refuseMisplaced(changes, editor, account.main_account_id === 0 ? 'main' : 'sub');
  const columns = columnsOf(changes);
  if (Object.keys(columns).length === 0) return;
  if (Object.keys(changes).some((fieldName) => accountField(fieldName).isSetting))
    await refuseForeignSettings(tx.db, account);
  const { name, email } = columns as { name?: string; email?: string };
  await refuseTaken(tx.db, { name, email }, accountId);
  await tx.db.updateTable('accounts').set(columns).where('id', '=', accountId).execute();
  tell(tx, byId, accountId, `account changed: ${Object.keys(changes).join(', ')}`);
}

/** Locks an account out, or lets it in again. Its tasks go on. Nobody locks out themselves or the last administrator. */
export async function disableAccount(
  tx: FarmTx,
  byId: number,
  accountId: number,
  isDisabled: boolean,
): Promise<void> {
  const account = await managedAccount(tx.db, byId, accountId);
  if (accountId === byId) throw farmErrors.FARM_NOT_ALLOWED('nobody disables the account they use');
  if (isDisabled === (account.disabled_at !== null)) return;
  await tx.db
    .updateTable('accounts')
    .set({ disabled_at: isDisabled ? tx.now : null })
    .where('id', '=', accountId)
    .execute();
  tell(tx, byId, accountId, isDisabled ? 'account disabled' : 'account enabled');
}

/**
 * Deletes an account for good; its name is free again. Refused while it has tasks on the lists or under way
 * (FARM_ACCOUNT_HAS_TASKS, 912), owes money (913), has a balance (914), or has sub-accounts.
 */
export async function deleteAccount(tx: FarmTx, byId: number, accountId: number): Promise<void> {
  const account = await managedAccount(tx.db, byId, accountId);
  if (accountId === byId) throw farmErrors.FARM_NOT_ALLOWED('nobody deletes the account they use');
  await refuseWithSubAccounts(tx.db, account);
  await refuseWithTasks(tx.db, account);
  await refuseWithMoney(tx.db, account);
  await tx.db.updateTable('accounts').set({ deleted_at: tx.now }).where('id', '=', accountId).execute();
  await tx.db
    .updateTable('access_keys')
    .set({ disabled_at: tx.now, previous_sealed: null, previous_until: null })
    .where('account_id', '=', accountId)
    .where('disabled_at', 'is', null)
    .execute();
  await tx.db.deleteFrom('sessions').where('account_id', '=', accountId).execute();
  await tx.db
    .deleteFrom('team_rights')
    .where((eb) => eb.or([eb('member_id', '=', accountId), eb('owner_id', '=', accountId)]))
    .execute();
  tell(tx, byId, accountId, 'account deleted');
}

async function refuseWithSubAccounts(db: Db, account: AccountRow): Promise<void> {
  const sub = await db
    .selectFrom('accounts')
    .select('id')
    .where('main_account_id', '=', account.id)
    .where('deleted_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  if (sub) throw farmErrors.FARM_NOT_ALLOWED(`account ${account.name} has sub-accounts; delete these first`);
}

async function refuseWithMoney(db: Db, account: AccountRow): Promise<void> {
  const balance = await balanceOf(db, account.id);
  if (balance < 0 || (await arrearsOf(db, account.id)) > 0)
    throw farmErrors.FARM_ACCOUNT_IN_ARREARS(`account ${account.name} owes money`);
  if (balance > 0) throw farmErrors.FARM_ACCOUNT_HAS_BALANCE(`account ${account.name} has a balance left`);
}

/** A draft that never got a scene is nothing to keep an account for. */
async function refuseWithTasks(db: Db, account: AccountRow): Promise<void> {
  const task = await db
    .selectFrom('tasks')
    .select('id')
    .where('account_id', '=', account.id)
    .where('submitted_at', 'is not', null)
    .where('deleted_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  if (task) throw farmErrors.FARM_ACCOUNT_HAS_TASKS(`account ${account.name} has tasks; delete these first`);
}

function tell(tx: FarmTx, byId: number, accountId: number, message: string): void {
  tx.tell({ kind: 'log', fields: { account: accountId, by: byId }, message });
}
