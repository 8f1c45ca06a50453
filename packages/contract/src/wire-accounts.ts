/**
 * Accounts, teams and access keys at the native API. Fields of an account are those of docs/accounts.md.
 *
 *   GET  /accounts                      AccountSummary[]: all for an administrator, else oneself and one's sub-accounts
 *   POST /accounts                      NewAccount → AccountDetail
 *   GET  /accounts/{accountId}          AccountDetail
 *   POST /accounts/{accountId}          {fields} → AccountDetail: changes them, all or none
 *   POST /accounts/{accountId}/disable|enable|delete   {accountId}
 *   GET  /accounts/team                 TeamRight[] of the caller's team
 *   POST /accounts/team                 TeamRight → TeamRight[]
 *   GET  /keys?account=ID               KeyRow[]
 *   POST /keys                          NewKey → CreatedKey: the only time the secret is shown
 *   POST /keys/{accessId}/rotate        {graceHours} → RotatedKey: a new secret, the old one works on for a while
 *   POST /keys/{accessId}/disable       {accessId}
 *   POST /assets/delete                 {path} → {deleted}
 */
import * as z from 'zod';
import { createdKeySchema } from './wire-native.ts';

const MOST_GRACE_HOURS = 30 * 24;

export const accountFieldsSchema = z.record(
  z.string().max(100),
  z.union([z.string().max(1000), z.number(), z.null()]),
);

export const accountSummarySchema = z.object({
  accountId: z.int(),
  name: z.string(),
  /** 0 for a main account. */
  mainAccountId: z.int(),
  role: z.enum(['admin', 'user']),
  email: z.string(),
  isDisabled: z.boolean(),
  createdAt: z.number(),
});
export type AccountSummaryRow = z.infer<typeof accountSummarySchema>;

export const accountDetailSchema = z.object({
  accountId: z.int(),
  name: z.string(),
  mainAccountId: z.int(),
  role: z.enum(['admin', 'user']),
  isDisabled: z.boolean(),
  fields: accountFieldsSchema,
});
export type AccountDetail = z.infer<typeof accountDetailSchema>;

export const newAccountSchema = z.object({
  name: z.string().min(1).max(200),
  /** 0 makes a main account, which administrators may do; without it, a sub-account of the caller. */
  mainAccountId: z.int().nonnegative().optional(),
  role: z.enum(['admin', 'user']).optional(),
  fields: accountFieldsSchema.optional(),
});
export type NewAccountBody = z.infer<typeof newAccountSchema>;

export const teamRightSchema = z.object({
  /** Who may. */
  memberId: z.int().positive(),
  /** With whose tasks; null: those of every colleague without a line of its own. */
  ownerId: z.int().positive().nullable(),
  see: z.boolean(),
  control: z.boolean(),
  download: z.boolean(),
});
export type TeamRightRow = z.infer<typeof teamRightSchema>;

export const keyRightsSchema = z.enum(['read', 'submit', 'full']);

export const keyRowSchema = z.object({
  accessId: z.string(),
  accountId: z.int(),
  name: z.string(),
  rights: keyRightsSchema,
  createdAt: z.number(),
  rotatedAt: z.number().nullable(),
  /** Until when the secret before the last rotation works too. */
  previousUntil: z.number().nullable(),
  disabledAt: z.number().nullable(),
});
export type KeyRowBody = z.infer<typeof keyRowSchema>;

export const newKeySchema = z.object({
  name: z.string().min(1).max(200),
  rights: keyRightsSchema.default('full'),
  /** Whose key; without it, the caller's. */
  accountId: z.int().positive().optional(),
});

export const rotateKeySchema = z.object({ graceHours: z.number().min(0).max(MOST_GRACE_HOURS).default(24) });
export const rotatedKeySchema = createdKeySchema.extend({ previousUntil: z.number().nullable() });
export type RotatedKeyBody = z.infer<typeof rotatedKeySchema>;

export const deleteAssetsSchema = z.object({ path: z.string().min(1).max(4096) });
export const deletedAssetsSchema = z.object({ deleted: z.int() });
