/**
 * Signing in: the one-time code of a link, or a name with its password, becomes a cookie that scripts cannot read. Both are
 * slowed down for an address that fails too often, besides what the farm says about the account.
 */
import type { sessionSchema } from '@croft/contract';
import type { FarmCalls } from '@croft/farm';
import type * as z from 'zod';
import { createFailureLimit, type FailureLimit } from '../http/failure-limit.ts';
import { addressOf, isSecure } from '../http/request-facts.ts';
import type { DoorParts } from '../ports.ts';
import { checkCsrf, placeOf } from './authenticate.ts';
import type { NativeContext } from './route.ts';

const limits = new WeakMap<DoorParts, FailureLimit>();

type Opened = Awaited<ReturnType<FarmCalls['passwordSignIn']>>;
type Context<Body> = NativeContext<unknown, unknown, Body>;

/** One limit a server, made when the first browser signs in. */
function limitOf(parts: DoorParts): FailureLimit {
  const limit = limits.get(parts) ?? createFailureLimit(parts.clock);
  limits.set(parts, limit);
  return limit;
}

export function createSession(context: Context<{ code: string }>): Promise<z.infer<typeof sessionSchema>> {
  const { body, parts, request } = context;
  return open(context, () => parts.calls.redeemSignInCode(body.code, placeOf(request)));
}

export function createPasswordSession(
  context: Context<{ account: string; password: string }>,
): Promise<z.infer<typeof sessionSchema>> {
  const { body, parts, request } = context;
  return open(context, () => parts.calls.passwordSignIn(body.account, body.password, placeOf(request)));
}

async function open(
  { request, reply, parts, authenticator }: Context<unknown>,
  signIn: () => Promise<Opened>,
): Promise<z.infer<typeof sessionSchema>> {
  checkCsrf(request);
  const { token, expiresAt, caller } = await limitOf(parts).guard(addressOf(request), signIn);
  const maxAgeSec = Math.max(0, Math.floor((expiresAt - parts.clock.now()) / 1000));
  reply.header('set-cookie', cookie(authenticator.cookieName(), token, maxAgeSec, isSecure(request)));
  return { accountId: caller.accountId, accountName: caller.accountName, expiresAt };
}

/** Takes the cookie away, whether its session still holds or not. */
export function dropCookie({ request, reply, authenticator }: Context<unknown>): void {
  reply.header('set-cookie', cookie(authenticator.cookieName(), '', 0, isSecure(request)));
}

function cookie(name: string, token: string, maxAgeSec: number, secure: boolean): string {
  const rest = secure ? '; Secure' : '';
  return `${name}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSec}${rest}`;
}
