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

export async function listProjects(
  db: Db,
  accountId: number,
): Promise<{ projectId: number; projectName: string }[]> {
  return db
    .selectFrom('projects')
    .select(['id as projectId', 'name as projectName'])
    .where('account_id', '=', accountId)
    .orderBy('id')
    .execute();
}

export async function addProject(tx: FarmTx, accountId: number, name: string): Promise<number> {
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
    .values({ id, account_id: accountId, name, created_at: tx.now })
    .execute();
  return id;
}

export async function deleteProject(tx: FarmTx, accountId: number, name: string): Promise<void> {
  const deleted = await tx.db
    .deleteFrom('projects')
    .where('account_id', '=', accountId)
    .where('name', '=', name)
    .executeTakeFirst();
  if (deleted.numDeletedRows === 0n) throw farmErrors.FARM_NOT_FOUND(`there is no project "${name}"`);
}
