/** One-time codes: one sign-in of a browser, or one enrolment of a node. Only their hash is kept. */
import { DAY, MINUTE } from '@croft/contract';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import { hashSecret, randomCode } from '../secrets.ts';
import { accountById } from './accounts.ts';

export const SIGN_IN_CODE_MS = 10 * MINUTE;
export const NODE_CODE_MS = DAY;

type Purpose = 'sign-in' | 'node';
const LIFETIME: Record<Purpose, number> = { 'sign-in': SIGN_IN_CODE_MS, node: NODE_CODE_MS };

export async function createCode(
  tx: FarmTx,
  accountId: number,
  purpose: Purpose,
): Promise<{ code: string; expiresAt: number }> {
  await accountById(tx.db, accountId);
  await tx.db
    .deleteFrom('codes')
    .where('expires_at', '<', tx.now - DAY)
    .execute();
  const code = randomCode();
  const expiresAt = tx.now + LIFETIME[purpose];
  await tx.db
    .insertInto('codes')
    .values({ hash: hashSecret(code), purpose, account_id: accountId, expires_at: expiresAt, used_at: null })
    .execute();
  return { code, expiresAt };
}

/** Uses the code up and returns its account. FARM_CODE_INVALID for one unknown, used, expired or of another purpose. */
export async function useCode(tx: FarmTx, code: string, purpose: Purpose): Promise<number> {
  const used = await tx.db
    .updateTable('codes')
    .set({ used_at: tx.now })
    .where('hash', '=', hashSecret(code.trim().toUpperCase()))
    .where('purpose', '=', purpose)
    .where('used_at', 'is', null)
    .where('expires_at', '>', tx.now)
    .returning('account_id')
    .executeTakeFirst();
  if (!used) throw farmErrors.FARM_CODE_INVALID('this code is not valid (any more)');
  return used.account_id;
}
