/** Sessions of browsers. The token is shown once; the store keeps its hash, so a stolen database signs nobody in. */
import { DAY } from '@croft/contract';
import type { Caller } from '../farm-api.ts';
import type { FarmTx } from '../news.ts';
import { hashSecret, randomSecret } from '../secrets.ts';
import type { Db } from '../store/schema.ts';
import { accountById, callerOf } from './accounts.ts';
import { useCode } from './codes.ts';

const SESSION_MS = 30 * DAY;

/** Trades a sign-in code for a session. */
export async function redeemSignInCode(
  tx: FarmTx,
  code: string,
): Promise<{ token: string; expiresAt: number; caller: Caller }> {
  const accountId = await useCode(tx, code, 'sign-in');
  await tx.db.deleteFrom('sessions').where('expires_at', '<', tx.now).execute();
  const token = randomSecret();
  const expiresAt = tx.now + SESSION_MS;
  await tx.db
    .insertInto('sessions')
    .values({ hash: hashSecret(token), account_id: accountId, created_at: tx.now, expires_at: expiresAt })
    .execute();
  return { token, expiresAt, caller: callerOf(await accountById(tx.db, accountId)) };
}

export async function sessionCaller(db: Db, token: string, now: number): Promise<Caller | null> {
  const row = await db
    .selectFrom('sessions')
    .innerJoin('accounts', 'accounts.id', 'sessions.account_id')
    .selectAll('accounts')
    .where('hash', '=', hashSecret(token))
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return row ? callerOf(row) : null;
}
