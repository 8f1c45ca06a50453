/**
 * Sessions of browsers. The token is shown once; the store keeps its hash, so a stolen database signs nobody in. The first
 * letters of the hash name a session in lists: they open nothing.
 */
import { DAY } from '@croft/contract';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import { noteSignIn } from '../records/sign-ins.ts';
import { hashSecret, randomSecret } from '../secrets.ts';
import type { Db } from '../store/schema.ts';
import { accountById, callerOf, isLocked } from './accounts.ts';
import { checkAddress } from './address-rules.ts';
import type { Caller } from './caller.ts';
import { useCode } from './codes.ts';

const SESSION_MS = 30 * DAY;
/** Beyond these the oldest of the account ends: nobody has so many browsers. */
const MOST_SESSIONS = 100;
const ID_LETTERS = 16;
const SUCCESS = 200;

/** Where a sign-in comes from, as its record tells. */
export interface SignInPlace {
  /** IP address, '' where there is none (a command on the farm's own machine). */
  readonly address: string;
  readonly userAgent: string;
  /** The id of the request. */
  readonly traceId: string;
}

export interface OpenedSession {
  token: string;
  expiresAt: number;
  caller: Caller;
}

export interface SessionRow {
  id: string;
  createdAt: number;
  expiresAt: number;
  /** How it was opened. */
  way: string;
  address: string;
  userAgent: string;
  /** The one that asks. */
  isCurrent: boolean;
}

export const NOWHERE: SignInPlace = { address: '', userAgent: '', traceId: '' };

/** Trades a sign-in code for a session. FARM_CODE_INVALID, FARM_ACCOUNT_LOCKED, FARM_ADDRESS_REFUSED. */
export async function redeemSignInCode(tx: FarmTx, code: string, place: SignInPlace): Promise<OpenedSession> {
  const accountId = await useCode(tx, code, 'sign-in');
  const account = await accountById(tx.db, accountId);
  if (await isLocked(tx.db, accountId, tx.now)) throw accountClosed();
  if (place.address !== '') await checkAddress(tx.db, accountId, place.address);
  return openSession(tx, callerOf(account), 'link', place);
}

/** For an account that was disabled, or whose time has ended. */
export function accountClosed(): Error {
  return farmErrors.FARM_ACCOUNT_LOCKED('this account is disabled');
}

export async function openSession(
  tx: FarmTx,
  caller: Caller,
  way: 'link' | 'password',
  place: SignInPlace,
): Promise<OpenedSession> {
  await tx.db.deleteFrom('sessions').where('expires_at', '<', tx.now).execute();
  await endOldest(tx, caller.accountId);
  const token = randomSecret();
  const expiresAt = tx.now + SESSION_MS;
  await tx.db
    .insertInto('sessions')
    .values({
      hash: hashSecret(token),
      account_id: caller.accountId,
      created_at: tx.now,
      expires_at: expiresAt,
      way,
      address: place.address.slice(0, 60),
      user_agent: place.userAgent.slice(0, 300),
    })
    .execute();
  await noteSignIn(tx, { caller, way, outcome: SUCCESS, at: tx.now, ...place });
  return { token, expiresAt, caller };
}

async function endOldest(tx: FarmTx, accountId: number): Promise<void> {
  const kept = await tx.db
    .selectFrom('sessions')
    .select('hash')
    .where('account_id', '=', accountId)
    .orderBy('created_at', 'desc')
    .limit(1)
    .offset(MOST_SESSIONS - 1)
    .executeTakeFirst();
  if (kept) await tx.db.deleteFrom('sessions').where('hash', '=', kept.hash).execute();
}

/** Who the session belongs to; null for one that ended, and while its account is closed. */
export async function sessionCaller(db: Db, token: string, now: number): Promise<Caller | null> {
  const row = await db
    .selectFrom('sessions')
    .innerJoin('accounts', 'accounts.id', 'sessions.account_id')
    .selectAll('accounts')
    .where('hash', '=', hashSecret(token))
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return row && !(await isLocked(db, row.id, now)) ? callerOf(row) : null;
}

/** Sessions that still hold, newest first. `token` is that of the caller, '' where it has none. */
export async function sessionList(
  db: Db,
  accountId: number,
  token: string,
  now: number,
): Promise<SessionRow[]> {
  const rows = await db
    .selectFrom('sessions')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('expires_at', '>', now)
    .orderBy('created_at', 'desc')
    .execute();
  const own = hashSecret(token);
  return rows.map((row) => ({
    id: row.hash.slice(0, ID_LETTERS),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    way: row.way,
    address: row.address,
    userAgent: row.user_agent,
    isCurrent: row.hash === own,
  }));
}

/** Signing out. A token that is none ends nothing. */
export async function endSessionOf(tx: FarmTx, token: string): Promise<void> {
  await tx.db.deleteFrom('sessions').where('hash', '=', hashSecret(token)).execute();
}

/** Ends one session of the account by the id of the list; FARM_NOT_FOUND. */
export async function endSession(tx: FarmTx, accountId: number, id: string): Promise<void> {
  const row = /^[0-9a-f]{16}$/.test(id)
    ? await tx.db
        .selectFrom('sessions')
        .select('hash')
        .where('account_id', '=', accountId)
        .where('hash', '>=', id)
        .where('hash', '<', `${id}g`)
        .executeTakeFirst()
    : undefined;
  if (!row) throw farmErrors.FARM_NOT_FOUND('there is no such session');
  await tx.db.deleteFrom('sessions').where('hash', '=', row.hash).execute();
}

/** Ends all sessions of the account but the one of `token`; returns how many. */
export async function endOtherSessions(tx: FarmTx, accountId: number, token: string): Promise<number> {
  const ended = await tx.db
    .deleteFrom('sessions')
    .where('account_id', '=', accountId)
    .where('hash', '<>', hashSecret(token))
    .executeTakeFirst();
  return Number(ended.numDeletedRows);
}
