/** Access keys: id and secret that sign API calls. The secret is sealed with the master key, bound to its id. */
import { farmErrors } from '../errors.ts';
import type { Caller } from '../farm-api.ts';
import type { FarmTx } from '../news.ts';
import { randomSecret, seal, unseal } from '../secrets.ts';
import type { Db } from '../store/schema.ts';
import { accountById, callerOf } from './accounts.ts';

const LONGEST_NAME = 200;

/** The secret is shown here and never again. */
export async function createKey(
  tx: FarmTx,
  masterKey: Uint8Array,
  accountId: number,
  name: string,
): Promise<{ accessId: string; accessKey: string; accountId: number }> {
  if (name.length > LONGEST_NAME)
    throw farmErrors.FARM_INVALID(`the name of a key has ${LONGEST_NAME} letters at most`);
  await accountById(tx.db, accountId);
  const accessId = randomSecret().slice(0, 32);
  const accessKey = randomSecret();
  await tx.db
    .insertInto('access_keys')
    .values({
      access_id: accessId,
      account_id: accountId,
      name,
      secret_sealed: seal(masterKey, accessKey, accessId),
      created_at: tx.now,
      disabled_at: null,
    })
    .execute();
  return { accessId, accessKey, accountId };
}

export async function keySecret(
  db: Db,
  masterKey: Uint8Array,
  accessId: string,
): Promise<{ secret: string; caller: Caller } | null> {
  const row = await db
    .selectFrom('access_keys')
    .innerJoin('accounts', 'accounts.id', 'access_keys.account_id')
    .selectAll('accounts')
    .select(['secret_sealed', 'access_keys.disabled_at as key_disabled_at'])
    .where('access_id', '=', accessId)
    .executeTakeFirst();
  if (!row || row.key_disabled_at !== null) return null;
  return { secret: unseal(masterKey, row.secret_sealed, accessId), caller: callerOf(row) };
}

export async function disableKey(tx: FarmTx, accountId: number, accessId: string): Promise<void> {
  const key = await tx.db
    .selectFrom('access_keys')
    .select('account_id')
    .where('access_id', '=', accessId)
    .executeTakeFirst();
  if (!key) throw farmErrors.FARM_NOT_FOUND('there is no such access key');
  if (key.account_id !== accountId)
    throw farmErrors.FARM_NOT_YOURS('the access key belongs to another account');
  await tx.db
    .updateTable('access_keys')
    .set({ disabled_at: tx.now })
    .where('access_id', '=', accessId)
    .where('disabled_at', 'is', null)
    .execute();
}
