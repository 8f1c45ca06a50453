/** Sessions, passwords, sign-in links, address rules and records: routes about who may come in, and who did. */
import {
  addressRuleSchema,
  callerSchema,
  operationRowSchema,
  pageOf,
  sessionRowSchema,
  sessionSchema,
  signInCodeSchema,
  signInRowSchema,
} from '@croft/contract';
import { isAddressAllowed } from '@croft/farm';
import * as z from 'zod';
import { serverErrors } from '../errors.ts';
import { addressOf } from '../http/request-facts.ts';
import type { NativeCaller } from './authenticate.ts';
import { defineRoute, type NativeRoute } from './route.ts';
import { createPasswordSession, createSession, dropCookie } from './sessions.ts';
import { shownAs, shownPage } from './shown.ts';

const LARGEST_PAGE = 1000;
const account = z.string().min(1).max(200);
const password = z.string().max(1000);
const time = z.coerce.number().int().nonnegative().optional();
const recordQuery = z.object({
  page: z.coerce.number().int().min(1).default(1),
  size: z.coerce.number().int().min(1).max(LARGEST_PAGE).default(50),
  from: time,
  to: time,
});

/** Whoever signs with an administrator's key proved more than somebody at an unlocked browser. */
const isTrusted = (caller: NativeCaller) => caller.by === 'signature' && caller.role === 'admin';

/** A list without the caller's own address would shut out the very call that could take it back. */
function refuseOwnLockOut(allow: readonly string[], address: string): void {
  if (isAddressAllowed(allow, address)) return;
  throw serverErrors.NATIVE_OWN_ADDRESS(`the list leaves out ${address}, from which you call`);
}

export const signInRoutes: readonly NativeRoute[] = [
  defineRoute({
    method: 'POST',
    path: '/sessions',
    summary: 'Trades a one-time sign-in code for a session cookie',
    open: true,
    body: z.object({ code: z.string().min(1).max(200) }),
    answers: { json: sessionSchema },
    handle: createSession,
  }),
  defineRoute({
    method: 'POST',
    path: '/sessions/password',
    summary: 'Trades a name and its password for a session cookie; apiCode 800, 804, 805 or 812 says why not',
    open: true,
    body: z.object({ account, password }),
    answers: { json: sessionSchema },
    handle: createPasswordSession,
  }),
  defineRoute({
    method: 'GET',
    path: '/session',
    summary: 'Who the caller is',
    answers: { json: callerSchema },
    async handle({ caller, parts }) {
      const hasPassword = await parts.calls.hasPassword(caller.accountId);
      return shownAs(callerSchema, { ...caller, hasPassword });
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/session/end',
    summary: 'Signs out: ends the session of the cookie and takes the cookie away',
    needs: 'read',
    answers: { json: z.object({ ended: z.int() }) },
    async handle(context) {
      const { caller, parts } = context;
      if (caller.token !== null) await parts.calls.endSessionOf(caller.token);
      dropCookie(context);
      return { ended: caller.token === null ? 0 : 1 };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/sessions',
    summary: 'Open sessions of the account, newest first',
    answers: { json: z.array(sessionRowSchema) },
    handle: async ({ caller, parts }) => parts.calls.sessions(caller.accountId, caller.token ?? ''),
  }),
  defineRoute({
    method: 'POST',
    path: '/sessions/end-others',
    summary: 'Ends all sessions of the account but the one that asks',
    answers: { json: z.object({ ended: z.int() }) },
    handle: async ({ caller, parts }) => ({
      ended: await parts.calls.endOtherSessions(caller.accountId, caller.token ?? ''),
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/sessions/{session}/end',
    summary: 'Ends one session of the account',
    params: z.object({ session: z.string().max(64) }),
    answers: { json: z.object({ ended: z.int() }) },
    async handle({ caller, params, parts }) {
      await parts.calls.endSession(caller.accountId, params.session);
      return { ended: 1 };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/password',
    summary:
      'Sets a password, or with null takes it away; other sessions end. `current` is needed for one of one’s own',
    body: z.object({
      account: account.optional(),
      current: password.optional(),
      password: password.nullable(),
    }),
    answers: { json: z.object({ hasPassword: z.boolean() }) },
    async handle({ caller, body, parts }) {
      const keepToken = caller.token ?? undefined;
      await parts.calls.setPassword(caller.accountId, { ...body, isTrusted: isTrusted(caller), keepToken });
      return { hasPassword: body.password !== null };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/sign-in-codes',
    summary: 'Makes a code that signs one browser in, once, within ten minutes',
    body: z.object({ account: account.optional() }),
    answers: { json: signInCodeSchema },
    handle: async ({ caller, body, parts }) => ({
      code: await parts.calls.createSignInCode(caller.accountId, body),
      url: parts.toldUrl(),
    }),
  }),
  defineRoute({
    method: 'GET',
    path: '/address-rule',
    summary: 'Addresses that an account may be used from; an empty list is all',
    query: z.object({ account: account.optional() }),
    answers: { json: addressRuleSchema },
    handle: async ({ caller, query, parts }) => ({
      allow: await parts.calls.addressRule(caller.accountId, query),
    }),
  }),
  defineRoute({
    method: 'POST',
    path: '/address-rule',
    summary: 'Says which addresses and CIDR blocks an account may be used from; an empty list is all',
    body: z.object({ account: account.optional(), allow: z.array(z.string().max(60)).max(100) }),
    answers: { json: addressRuleSchema },
    handle: async ({ caller, body, parts, request }) => {
      if (body.account === undefined || body.account === caller.accountName)
        refuseOwnLockOut(body.allow, addressOf(request));
      return { allow: await parts.calls.setAddressRule(caller.accountId, body.allow, body) };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/records/operations',
    summary: 'What was changed, by whom and from where, newest first; `from` and `to` in ms since 1970',
    query: recordQuery,
    answers: { json: pageOf(operationRowSchema) },
    handle: async ({ caller, query, parts }) =>
      shownPage(operationRowSchema, await parts.reads.operations(caller.accountId, query)),
  }),
  defineRoute({
    method: 'GET',
    path: '/records/sign-ins',
    summary: 'Who came in or was refused, how and from where, newest first; `from` and `to` in ms since 1970',
    query: recordQuery,
    answers: { json: pageOf(signInRowSchema) },
    handle: async ({ caller, query, parts }) =>
      shownPage(signInRowSchema, await parts.reads.signIns(caller.accountId, query)),
  }),
];
