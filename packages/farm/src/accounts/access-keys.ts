/**
 * Access keys: id and secret that sign API calls. Secrets are sealed with the master key, bound to the id of their key.
 *
 * A key is rotated in place: its id stays, a new secret takes over, and the old one works on for a grace time, in which
 * whoever uses the key is told the new one. Disabling ends both at once. What a key may do is narrower than what its
 * account may, never wider: 'read' looks, 'submit' also uploads, makes and submits tasks, 'full' does everything.
 */
import { DAY, HOUR } from '@croft/contract';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import { randomSecret, seal, unseal } from '../secrets.ts';
import type { Db } from '../store/schema.ts';
import type { KeyRights } from '../store/tables/accounts.ts';
import type { CreatedKey, KeyRow, RotatedKey, SigningSecret } from './access-key.ts';
import { accountById, callerOf, isLocked } from './accounts.ts';
import { managedAccount } from './manage-accounts.ts';

const LONGEST_NAME = 200;
export const KEY_RIGHTS: readonly KeyRights[] = ['read', 'submit', 'full'];
const LONGEST_GRACE_MS = 30 * DAY;
export const DEFAULT_GRACE_MS = 24 * HOUR;

/** The secret is shown here and never again. */
export async function createKey(
  tx: FarmTx,
  masterKey: Uint8Array,
  accountId: number,
  name: string,
  rights: KeyRights = 'full',
): Promise<CreatedKey> {
  if (name.length > LONGEST_NAME)
    throw farmErrors.FARM_INVALID(`the name of a key has ${LONGEST_NAME} letters at most`);
  if (!KEY_RIGHTS.includes(rights))
    throw farmErrors.FARM_INVALID(`the rights of a key are one of ${KEY_RIGHTS.join(', ')}`);
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
      rights,
    })
    .execute();
  return { accessId, accessKey, accountId };
}

/**
 * The secret of a key, and the one before it while that still works; null for an unknown key. A key that is disabled or
 * whose account is locked keeps its secret and says so: only who can sign with it learns that it is (804).
 */
export async function keySecret(
  db: Db,
  masterKey: Uint8Array,
  accessId: string,
  now: number,
): Promise<SigningSecret | null> {
  const key = await db
    .selectFrom('access_keys')
    .selectAll()
    .where('access_id', '=', accessId)
    .executeTakeFirst();
  if (!key) return null;
  const account = await db
    .selectFrom('accounts')
    .selectAll()
    .where('id', '=', key.account_id)
    .executeTakeFirst();
  if (!account) return null;
  const hasPrevious = key.previous_sealed !== null && (key.previous_until ?? 0) > now;
  return {
    secret: unseal(masterKey, key.secret_sealed, accessId),
    previousSecret: hasPrevious ? unseal(masterKey, key.previous_sealed!, accessId) : null,
    rights: key.rights,
    isLocked: key.disabled_at !== null || (await isLocked(db, account.id, now)),
    caller: callerOf(account),
  };
}

/** A new secret under the same id. `graceMs`: how long the old one works on, 30 days at most; 0 ends it now. */
export async function rotateKey(
  tx: FarmTx,
  masterKey: Uint8Array,
  byId: number,
  accessId: string,
  graceMs: number = DEFAULT_GRACE_MS,
): Promise<RotatedKey> {
  if (!Number.isSafeInteger(graceMs) || graceMs < 0 || graceMs > LONGEST_GRACE_MS)
    throw farmErrors.FARM_INVALID('the old secret can work on for 0 to 30 days');
  const key = await ownKey(tx.db, byId, accessId);
  if (key.disabled_at !== null) throw farmErrors.FARM_INVALID('the access key is disabled; make a new one');
  const accessKey = randomSecret();
  const previousUntil = graceMs === 0 ? null : tx.now + graceMs;
  await tx.db
    .updateTable('access_keys')
    .set({
      secret_sealed: seal(masterKey, accessKey, accessId),
      previous_sealed: graceMs === 0 ? null : key.secret_sealed,
      previous_until: previousUntil,
      rotated_at: tx.now,
    })
    .where('access_id', '=', accessId)
    .execute();
  tx.tell({
    kind: 'log',
    fields: { account: key.account_id, by: byId, key: accessId },
    message: 'key rotated',
  });
  return { accessId, accessKey, accountId: key.account_id, previousUntil };
}

/** Idempotent. */
export async function disableKey(tx: FarmTx, byId: number, accessId: string): Promise<void> {
  const key = await ownKey(tx.db, byId, accessId);
  if (key.disabled_at !== null) return;
  await tx.db
    .updateTable('access_keys')
    .set({ disabled_at: tx.now, previous_sealed: null, previous_until: null })
    .where('access_id', '=', accessId)
    .execute();
  tx.tell({
    kind: 'log',
    fields: { account: key.account_id, by: byId, key: accessId },
    message: 'key disabled',
  });
}

/** Keys of the account, oldest first, without secrets. */
export async function listKeys(db: Db, byId: number, accountId: number): Promise<KeyRow[]> {
  await refuseForeignKeys(db, byId, accountId);
  const rows = await db
    .selectFrom('access_keys')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('created_at')
    .orderBy('access_id')
    .execute();
  return rows.map((row) => ({
    accessId: row.access_id,
    accountId: row.account_id,
    name: row.name,
    rights: row.rights,
    createdAt: row.created_at,
    rotatedAt: row.rotated_at,
    previousUntil: row.previous_until,
    disabledAt: row.disabled_at,
  }));
}

/** Everybody has the keys of their own account, and of those that they manage. */
export async function refuseForeignKeys(db: Db, byId: number, accountId: number): Promise<void> {
  if (byId !== accountId) await managedAccount(db, byId, accountId);
}

async function ownKey(db: Db, byId: number, accessId: string) {
  const key = await db
    .selectFrom('access_keys')
    .selectAll()
    .where('access_id', '=', accessId)
    .executeTakeFirst();
  if (!key) throw farmErrors.FARM_NOT_FOUND('there is no such access key');
  try {
    await refuseForeignKeys(db, byId, key.account_id);
  } catch (cause) {
    throw farmErrors.FARM_NOT_YOURS('the access key belongs to another account', { cause });
  }
  return key;
}
