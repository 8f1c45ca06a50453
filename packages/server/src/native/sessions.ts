/** Signing in: the one-time code that `croft up` prints becomes a cookie that scripts cannot read. */
import * as z from 'zod';
import { createFailureLimit, type FailureLimit } from '../http/failure-limit.ts';
import { isSecure } from '../http/request-facts.ts';
import type { DoorParts } from '../ports.ts';
import { checkCsrf } from './authenticate.ts';
import type { NativeContext } from './route.ts';

export const sessionSchema = z.object({ accountId: z.int(), accountName: z.string(), expiresAt: z.number() });

const limits = new WeakMap<DoorParts, FailureLimit>();

/** One limit a server, made when the first browser signs in. */
function limitOf(parts: DoorParts): FailureLimit {
  const limit = limits.get(parts) ?? createFailureLimit(parts.clock);
  limits.set(parts, limit);
  return limit;
}

export async function createSession(
  context: NativeContext<unknown, unknown, { code: string }>,
): Promise<z.infer<typeof sessionSchema>> {
  const { request, reply, body, parts, authenticator } = context;
  checkCsrf(request);
  const { token, expiresAt, caller } = await limitOf(parts).guard(request.ip, () =>
    parts.calls.redeemSignInCode(body.code),
  );
  const maxAgeSec = Math.max(0, Math.floor((expiresAt - parts.clock.now()) / 1000));
  const secure = isSecure(request) ? '; Secure' : '';
  reply.header(
    'set-cookie',
    `${authenticator.cookieName()}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSec}${secure}`,
  );
  return { accountId: caller.accountId, accountName: caller.accountName, expiresAt };
}
