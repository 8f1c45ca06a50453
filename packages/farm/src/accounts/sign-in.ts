/**
 * Signing in with a name and a password.
 *
 *   name known?            no  → FARM_ACCOUNT_UNKNOWN (800)
 *   account disabled?      yes → FARM_ACCOUNT_LOCKED  (804)
 *   address let in?        no  → FARM_ADDRESS_REFUSED (812)
 *   locked by wrong ones?  yes → FARM_ACCOUNT_LOCKED  (804), with the time when it opens
 *   has a password, right? no  → FARM_PASSWORD_WRONG  (805)
 *
 * Wrong passwords are counted until a right one comes, or for a day. The same wrong password again is the same mistake: a
 * script that repeats its call five times counts once, and whoever guesses gains nothing by repeating. At the eighth
 * different one the account is locked for a quarter of an hour, and again at each further one. A lock holds for passwords
 * only: sessions that are open, sign-in links and access keys go on, so that nobody can shut an account's owner out.
 *
 * A comparison costs 19 MiB and some 50 ms off the farm's thread; they run one after another, so that a flood of them
 * neither takes the memory nor counts two guesses as one, and beyond `MOST_WAITING` they are refused.
 */
import { DAY, MINUTE } from '@croft/contract';
import { sql } from 'kysely';
import type { CallParts } from '../call-parts.ts';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import { noteSignIn } from '../records/sign-ins.ts';
import type { Db } from '../store/schema.ts';
import { accountById, callerOf, isLocked } from './accounts.ts';
import { addressRefused, addressRule, isAddressAllowed } from './address-rules.ts';
import type { Caller } from './caller.ts';
import { comparePassword } from './passwords.ts';
import { accountClosed, type OpenedSession, openSession, type SignInPlace } from './sessions.ts';

const MOST_WRONG = 8;
const LOCK_MS = 15 * MINUTE;
const WRONG_KEPT_MS = DAY;
const MOST_WAITING = 64;

const LOCKED = 804;
const WRONG = 805;
const ADDRESS = 812;

/** An account by its name, in any case; null for none and for a deleted one. */
export async function accountByName(db: Db, name: string): Promise<Caller | null> {
  const row = await db
    .selectFrom('accounts')
    .selectAll()
    .where(sql<boolean>`lower(name) = ${name.trim().toLowerCase()}`)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return row ? callerOf(row) : null;
}

/** One at a time, in order. */
export function createTurns(): <Value>(work: () => Promise<Value>) => Promise<Value> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return (work) => {
    if (waiting >= MOST_WAITING)
      return Promise.reject(farmErrors.FARM_BUSY('too many people sign in at this moment'));
    waiting += 1;
    const turn = last.then(work);
    last = turn
      .catch(() => {})
      .then(() => {
        waiting -= 1;
      });
    return turn;
  };
}

/** Opens a session, or throws as told above; either way the account's record of sign-ins tells of it. */
export async function passwordSignIn(
  { db, writer, clock }: Pick<CallParts, 'db' | 'writer' | 'clock'>,
  name: string,
  password: string,
  place: SignInPlace,
): Promise<OpenedSession> {
  const caller = await accountByName(db, name);
  if (caller === null) throw farmErrors.FARM_ACCOUNT_UNKNOWN('there is no account of this name');
  const { accountId } = caller;
  const now = clock.now();
  const refuse = async (outcome: number, error: Error): Promise<never> => {
    await writer.run((tx) => noteSignIn(tx, { caller, way: 'password', outcome, at: tx.now, ...place }));
    throw error;
  };
  if (await isLocked(db, accountId, now)) return refuse(LOCKED, accountClosed());
  if (!isAddressAllowed(await addressRule(db, accountId), place.address))
    return refuse(ADDRESS, addressRefused(place.address));
  const stored = await passwordOf(db, accountId);
  if (stored === undefined) return refuse(WRONG, wrongPassword());
  if (isShut(stored, now)) return refuse(LOCKED, lockedUntil(stored.locked_until!));
  const { isRight, derived } = await comparePassword(password, stored.hash);
  if (isRight) return writer.run((tx) => letIn(tx, caller, stored.hash, place));
  const until = await writer.run((tx) => countWrong(tx, caller, derived, place));
  throw until === null ? wrongPassword() : lockedUntil(until);
}

type StoredPassword = NonNullable<Awaited<ReturnType<typeof passwordOf>>>;

export function passwordOf(db: Db, accountId: number) {
  return db.selectFrom('passwords').selectAll().where('account_id', '=', accountId).executeTakeFirst();
}

function isShut(stored: StoredPassword, now: number): boolean {
  return stored.locked_until !== null && stored.locked_until > now;
}

async function letIn(tx: FarmTx, caller: Caller, hash: string, place: SignInPlace): Promise<OpenedSession> {
  const { accountId } = caller;
  const kept = await tx.db
    .updateTable('passwords')
    .set({ wrong_count: 0, wrong_at: null, last_wrong: null, locked_until: null })
    .where('account_id', '=', accountId)
    // The password may have been changed while this one was compared.
    .where('hash', '=', hash)
    .executeTakeFirst();
  if (kept.numUpdatedRows === 0n) throw wrongPassword();
  return openSession(tx, callerOf(await accountById(tx.db, accountId)), 'password', place);
}

/** Returns until when the account is locked now, null where it is not. */
async function countWrong(
  tx: FarmTx,
  caller: Caller,
  derived: string,
  place: SignInPlace,
): Promise<number | null> {
  const stored = await passwordOf(tx.db, caller.accountId);
  if (stored === undefined) return null;
  const isOld = stored.wrong_at === null || tx.now - stored.wrong_at > WRONG_KEPT_MS;
  const isSame = !isOld && stored.last_wrong === derived;
  const count = (isOld ? 0 : stored.wrong_count) + (isSame ? 0 : 1);
  const until = count >= MOST_WRONG && !isSame ? tx.now + LOCK_MS : null;
  await tx.db
    .updateTable('passwords')
    .set({ wrong_count: count, wrong_at: tx.now, last_wrong: derived, locked_until: until })
    .where('account_id', '=', caller.accountId)
    .execute();
  const outcome = until === null ? WRONG : LOCKED;
  await noteSignIn(tx, { caller, way: 'password', outcome, at: tx.now, ...place });
  return until;
}

function wrongPassword(): Error {
  return farmErrors.FARM_PASSWORD_WRONG('the password is wrong');
}

function lockedUntil(until: number): Error {
  const time = new Date(until).toISOString();
  return farmErrors.FARM_ACCOUNT_LOCKED(`after many wrong passwords this account is locked until ${time}`, {
    hint: 'Wait until then, or use a sign-in link: "croft sign-in" on the farm’s machine prints one.',
  });
}
