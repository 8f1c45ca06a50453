/**
 * The key of an account for the engine "raysyncproxy": what getRaySyncUserKey answers and rayvision_sync then sends to the
 * local service as part of its password. It proves the name that stands beside a storage id and opens nothing alone.
 *
 * It is derived from the account's own configuration storage id, which only the account is told: nothing more is kept, and
 * a new storage id makes a new key.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Db } from '../store/schema.ts';
import { isLocked } from './accounts.ts';
import type { Caller } from './caller.ts';
import { accountByName } from './sign-in.ts';
import { storageIds } from './storage-ids.ts';

/** As long as the SHA-1 marks that SDKs know. */
const KEY_DIGITS = 40;

/** 40 hex digits. */
export async function raysyncKey(db: Db, accountId: number): Promise<string> {
  const { ids } = await storageIds(db, accountId);
  return createHmac('sha256', ids.config).update(`raysync ${accountId}`).digest('hex').slice(0, KEY_DIGITS);
}

/** The account of that name and key; null for a wrong one and for an account that is locked. */
export async function raysyncOwner(db: Db, name: string, key: string, now: number): Promise<Caller | null> {
  const caller = await accountByName(db, name);
  if (caller === null || (await isLocked(db, caller.accountId, now))) return null;
  const right = Buffer.from(await raysyncKey(db, caller.accountId));
  const given = Buffer.from(key);
  return given.length === right.length && timingSafeEqual(given, right) ? caller : null;
}
