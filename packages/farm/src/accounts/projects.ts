/** Projects of an account. */
import { MINUTE } from '@croft/contract';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import type { Db } from '../store/schema.ts';
import { takeNumbers } from '../store/sequences.ts';
import { accountById } from './accounts.ts';

/** The SDK sends the same creation again when an answer was lost; inside this time that is no clash. */
const RESEND_MS = MINUTE;
const LONGEST_NAME = 255;

/**
 * Own projects; with `main` those of the main account too, with `team` all below it. A main account is its own. A name that
 * several accounts have is listed once for each, own ones first, so that clients that look for a name find theirs.
 */
export async function listProjects(
  db: Db,
  accountId: number,
  whose: 'own' | 'main' | 'team' = 'own',
): Promise<{ projectId: number; projectName: string }[]> {
  const ids = whose === 'own' ? [accountId] : await teamOf(db, accountId, whose);
  const rows = await db
    .selectFrom('projects')
    .select(['id', 'name', 'account_id'])
    .where('account_id', 'in', ids)
    .orderBy('id')
    .execute();
  const own = rows.filter((row) => row.account_id === accountId);
  const others = rows.filter((row) => row.account_id !== accountId);
  return [...own, ...others].map(({ id, name }) => ({ projectId: id, projectName: name }));
}

async function teamOf(db: Db, accountId: number, whose: 'main' | 'team'): Promise<number[]> {
  const account = await accountById(db, accountId);
  const mainId = account.main_account_id || accountId;
  if (whose === 'main') return [accountId, mainId];
  const rows = await db
    .selectFrom('accounts')
    .select('id')
    .where('main_account_id', '=', mainId)
    .where('deleted_at', 'is', null)
    .execute();
  return [mainId, ...rows.map(({ id }) => id)];
}

/** The status is kept as the client gave it and changes nothing: what was added is always listed. */
export async function addProject(tx: FarmTx, accountId: number, name: string, status = 1): Promise<number> {
  if (name.trim() === '' || name.length > LONGEST_NAME) {
    throw farmErrors.FARM_INVALID(`a project needs a name of 1 to ${LONGEST_NAME} letters`);
  }
  await accountById(tx.db, accountId);
  const existing = await tx.db
    .selectFrom('projects')
    .select(['id', 'created_at'])
    .where('account_id', '=', accountId)
    .where('name', '=', name)
    .executeTakeFirst();
  if (existing && tx.now - existing.created_at <= RESEND_MS) return existing.id;
  if (existing) throw farmErrors.FARM_PROJECT_EXISTS(`there is a project "${name}" already`);
  const id = await takeNumbers(tx.db, 'project');
  await tx.db
    .insertInto('projects')
    .values({ id, account_id: accountId, name, status, created_at: tx.now })
    .execute();
  return id;
}

/** A name that is not there is no error: the answer to an earlier call may have been lost. */
export async function deleteProject(tx: FarmTx, accountId: number, name: string): Promise<void> {
  await tx.db.deleteFrom('projects').where('account_id', '=', accountId).where('name', '=', name).execute();
}
