/** Calls around signing in: passwords, sessions, links, and from where an account may be used. */
import type { CallParts } from '../call-parts.ts';
import { farmErrors } from '../errors.ts';
import type { Db } from '../store/schema.ts';
import { accountById, callerOf } from './accounts.ts';
import { addressRule, setAddressRule } from './address-rules.ts';
import type { Caller } from './caller.ts';
import { createCode } from './codes.ts';
import { checkPassword, comparePassword, hashPassword } from './passwords.ts';
import {
  endOtherSessions,
  endSession,
  endSessionOf,
  NOWHERE,
  type OpenedSession,
  redeemSignInCode,
  type SessionRow,
  type SignInPlace,
  sessionCaller,
  sessionList,
} from './sessions.ts';
import { accountByName, createTurns, passwordOf, passwordSignIn } from './sign-in.ts';

/** Whose password, link or rule is meant: the asking account's own where nothing is named. */
export interface OfAccount {
  /** Name of an account. Others than administrators and main accounts may name only their own. */
  readonly account?: string | undefined;
}

export interface NewPassword extends OfAccount {
  /** The new one; null takes the password away, so that only links and keys let in. */
  readonly password: string | null;
  /** The one so far; needed for a password of one's own unless `isTrusted`. */
  readonly current?: string | undefined;
  /** The caller proved more than a session does: it signed with an administrator's key. */
  readonly isTrusted: boolean;
  /** The session that goes on; all others of the account end. */
  readonly keepToken?: string | undefined;
}

export interface SignInCalls {
  /** A code for one sign-in of a browser, good for `SIGN_IN_CODE_MS`. */
  createSignInCode(accountId: number, of?: OfAccount): Promise<string>;
  /** Trades the code for a session token. FARM_CODE_INVALID, FARM_ACCOUNT_LOCKED, FARM_ADDRESS_REFUSED. */
  redeemSignInCode(code: string, place?: SignInPlace): Promise<OpenedSession>;
  /** FARM_ACCOUNT_UNKNOWN (800), FARM_ACCOUNT_LOCKED (804), FARM_PASSWORD_WRONG (805), FARM_ADDRESS_REFUSED (812). */
  passwordSignIn(name: string, password: string, place: SignInPlace): Promise<OpenedSession>;
  /** null for a session that ended, and while its account is locked. */
  sessionCaller(token: string): Promise<Caller | null>;
  /** The account's sessions, newest first; `token` is the caller's own, '' for none. */
  sessions(accountId: number, token: string): Promise<SessionRow[]>;
  endSession(accountId: number, id: string): Promise<void>;
  endSessionOf(token: string): Promise<void>;
  /** Returns how many ended. */
  endOtherSessions(accountId: number, token: string): Promise<number>;
  /** Sets a password, unlocks the account, and ends its other sessions. FARM_PASSWORD_WRONG for a wrong `current`. */
  setPassword(accountId: number, wish: NewPassword): Promise<void>;
  hasPassword(accountId: number): Promise<boolean>;
  /** Addresses and CIDR blocks that the account may be used from; empty: all. */
  addressRule(accountId: number, of?: OfAccount): Promise<string[]>;
  setAddressRule(accountId: number, allow: readonly string[], of?: OfAccount): Promise<string[]>;
}

export function signInCalls(parts: CallParts): SignInCalls {
  const { db, writer, clock } = parts;
  const inTurn = createTurns();

  async function setPassword(accountId: number, wish: NewPassword): Promise<void> {
    const target = await targetOf(db, accountId, wish);
    const isOwn = target.accountId === accountId;
    const stored = await passwordOf(db, target.accountId);
    if (isOwn && stored !== undefined && !wish.isTrusted) {
      const { isRight } = await comparePassword(wish.current ?? '', stored.hash);
      if (!isRight) throw farmErrors.FARM_PASSWORD_WRONG('the password so far is wrong');
    }
    if (wish.password !== null) checkPassword(wish.password, target.accountName);
    const hash = wish.password === null ? null : await hashPassword(wish.password);
    await writer.run(async (tx) => {
      await tx.db.deleteFrom('passwords').where('account_id', '=', target.accountId).execute();
      if (hash !== null) {
        await tx.db
          .insertInto('passwords')
          .values({
            account_id: target.accountId,
            hash,
            set_at: tx.now,
            wrong_count: 0,
            wrong_at: null,
            last_wrong: null,
            locked_until: null,
          })
          .execute();
      }
      await endOtherSessions(tx, target.accountId, wish.keepToken ?? '');
    });
  }

  return {
    async createSignInCode(accountId, of = {}) {
      const target = await targetOf(db, accountId, of);
      return (await writer.run((tx) => createCode(tx, target.accountId, 'sign-in'))).code;
    },
    redeemSignInCode: (code, place = NOWHERE) => writer.run((tx) => redeemSignInCode(tx, code, place)),
    passwordSignIn: (name, password, place) => inTurn(() => passwordSignIn(parts, name, password, place)),
    sessionCaller: (token) => sessionCaller(db, token, clock.now()),
    sessions: (accountId, token) => sessionList(db, accountId, token, clock.now()),
    endSession: (accountId, id) => writer.run((tx) => endSession(tx, accountId, id)),
    endSessionOf: (token) => writer.run((tx) => endSessionOf(tx, token)),
    endOtherSessions: (accountId, token) => writer.run((tx) => endOtherSessions(tx, accountId, token)),
    setPassword: (accountId, wish) => inTurn(() => setPassword(accountId, wish)),
    hasPassword: async (accountId) => (await passwordOf(db, accountId)) !== undefined,
    addressRule: async (accountId, of = {}) => addressRule(db, (await targetOf(db, accountId, of)).accountId),
    async setAddressRule(accountId, allow, of = {}) {
      const target = await targetOf(db, accountId, of);
      return writer.run((tx) => setAddressRule(tx, target.accountId, allow));
    },
  };
}

/** Administrators may name any account, a main account its sub-accounts. FARM_ACCOUNT_UNKNOWN, FARM_NOT_ALLOWED. */
async function targetOf(db: Db, accountId: number, { account }: OfAccount): Promise<Caller> {
  const own = callerOf(await accountById(db, accountId));
  if (account === undefined || account.trim().toLowerCase() === own.accountName.toLowerCase()) return own;
  const target = await accountByName(db, account);
  const mayKnow = own.role === 'admin' || target?.mainAccountId === accountId;
  if (!mayKnow) throw farmErrors.FARM_NOT_ALLOWED('only an administrator does this for other accounts');
  if (target === null)
    throw farmErrors.FARM_ACCOUNT_UNKNOWN(`there is no account ${JSON.stringify(account.slice(0, 60))}`);
  return target;
}
