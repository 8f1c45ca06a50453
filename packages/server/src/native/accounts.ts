/** Accounts, teams and access keys: `/accounts` and `/keys`. Who may do what with whom is the farm's to say. */
import {
  type AccountDetail,
  accountDetailSchema,
  accountFieldsSchema,
  accountSummarySchema,
  createdKeySchema,
  deleteAssetsSchema,
  deletedAssetsSchema,
  HOUR,
  keyRowSchema,
  newAccountSchema,
  newKeySchema,
  rotatedKeySchema,
  rotateKeySchema,
  teamRightSchema,
} from '@croft/contract';
import type { FarmCalls } from '@croft/farm';
import * as z from 'zod';
import { defineRoute, type NativeRoute } from './route.ts';
import { shownAs } from './shown.ts';

const accountId = z.coerce.number().int().positive();
const accountParams = z.object({ accountId });
const keyParams = z.object({ accessId: z.string().min(1).max(128) });

async function detailOf(calls: FarmCalls, byId: number, id: number): Promise<AccountDetail> {
  const { accountName, mainAccountId, role, isDisabled, facts } = await calls.accountOf(byId, id);
  return { accountId: id, name: accountName, mainAccountId, role, isDisabled, fields: facts };
}

type Act = (calls: FarmCalls, byId: number, id: number) => Promise<void>;

/** `POST /accounts/{accountId}/<name>`. */
function acting(name: string, summary: string, act: Act): NativeRoute {
  return defineRoute({
    method: 'POST',
    path: `/accounts/{accountId}/${name}`,
    summary,
    params: accountParams,
    answers: { json: z.object({ accountId: z.int() }) },
    async handle({ caller, params, parts }) {
      await act(parts.calls, caller.accountId, params.accountId);
      return { accountId: params.accountId };
    },
  });
}

export const accountRoutes: readonly NativeRoute[] = [
  defineRoute({
    method: 'GET',
    path: '/accounts',
    summary: 'All accounts for an administrator, else the caller and its sub-accounts',
    answers: { json: z.array(accountSummarySchema) },
    handle: async ({ caller, parts }) =>
      (await parts.calls.listAccounts(caller.accountId)).map((row) => shownAs(accountSummarySchema, row)),
  }),
  defineRoute({
    method: 'POST',
    path: '/accounts',
    summary:
      'Makes a sub-account of the caller; administrators also make main accounts, and sub-accounts of others',
    body: newAccountSchema,
    answers: { json: accountDetailSchema },
    async handle({ caller, body, parts: { calls } }) {
      const made = await calls.createAccount(caller.accountId, {
        ...body,
        mainAccountId: body.mainAccountId ?? caller.accountId,
      });
      return detailOf(calls, caller.accountId, made.accountId);
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/accounts/team',
    summary: "What members of the caller's team may do with each other's tasks",
    answers: { json: z.array(teamRightSchema) },
    handle: async ({ caller, parts }) => parts.calls.teamRights(caller.accountId),
  }),
  defineRoute({
    method: 'POST',
    path: '/accounts/team',
    summary:
      'Says what a sub-account may do with the tasks of a colleague, or of all; all false takes it back',
    body: teamRightSchema,
    answers: { json: z.array(teamRightSchema) },
    async handle({ caller, body, parts }) {
      await parts.calls.setTeamRight(caller.accountId, body);
      return parts.calls.teamRights(caller.accountId);
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/accounts/{accountId}',
    summary: 'One account with all its fields',
    params: accountParams,
    answers: { json: accountDetailSchema },
    handle: async ({ caller, params, parts }) => detailOf(parts.calls, caller.accountId, params.accountId),
  }),
  defineRoute({
    method: 'POST',
    path: '/accounts/{accountId}',
    summary: 'Changes fields of an account, all or none',
    params: accountParams,
    body: z.object({ fields: accountFieldsSchema }),
    answers: { json: accountDetailSchema },
    async handle({ caller, params, body, parts }) {
      await parts.calls.changeAccount(caller.accountId, params.accountId, body.fields);
      return detailOf(parts.calls, caller.accountId, params.accountId);
    },
  }),
  acting('disable', 'Locks an account out; its tasks go on', (calls, byId, id) =>
    calls.disableAccount(byId, id),
  ),
  acting('enable', 'Lets a disabled account in again', (calls, byId, id) => calls.enableAccount(byId, id)),
  acting(
    'delete',
    'Deletes an account that has no tasks, no debts and no balance; its name is free again',
    (calls, byId, id) => calls.deleteAccount(byId, id),
  ),
];

export const assetRoutes: readonly NativeRoute[] = [
  defineRoute({
    method: 'POST',
    path: '/assets/delete',
    summary:
      'Takes an uploaded file, or all below a folder, off the input storage; submitted tasks keep what they froze',
    body: deleteAssetsSchema,
    answers: { json: deletedAssetsSchema },
    handle: async ({ caller, body, parts }) => ({
      deleted: await parts.calls.deleteAssets(caller.accountId, body.path),
    }),
  }),
];

export const keyRoutes: readonly NativeRoute[] = [
  defineRoute({
    method: 'GET',
    path: '/keys',
    summary: 'Access keys of the caller, or of an account that it manages; never their secrets',
    query: z.object({ account: accountId.optional() }),
    answers: { json: z.array(keyRowSchema) },
    handle: async ({ caller, query, parts }) =>
      parts.calls.listKeys(caller.accountId, query.account ?? caller.accountId),
  }),
  defineRoute({
    method: 'POST',
    path: '/keys',
    summary: 'Makes an access key; the only time its secret is shown',
    body: newKeySchema,
    answers: { json: createdKeySchema },
    handle: async ({ caller, body, parts }) =>
      parts.calls.createKeyFor(caller.accountId, body.accountId ?? caller.accountId, body.name, body.rights),
  }),
  defineRoute({
    method: 'POST',
    path: '/keys/{accessId}/rotate',
    summary: 'A new secret under the same id; the old one works on for the hours of grace',
    params: keyParams,
    body: rotateKeySchema,
    answers: { json: rotatedKeySchema },
    handle: async ({ caller, params, body, parts }) =>
      parts.calls.rotateKey(caller.accountId, params.accessId, Math.round(body.graceHours * HOUR)),
  }),
  defineRoute({
    method: 'POST',
    path: '/keys/{accessId}/disable',
    summary: 'Ends an access key, both its secrets at once',
    params: keyParams,
    answers: { json: z.object({ accessId: z.string() }) },
    async handle({ caller, params, parts }) {
      await parts.calls.disableKey(caller.accountId, params.accessId);
      return { accessId: params.accessId };
    },
  }),
];
