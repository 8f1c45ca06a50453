/** Signing in at the native API: sessions, passwords, address rules, and the records of who did what. */
import * as z from 'zod';

export const sessionSchema = z.object({ accountId: z.int(), accountName: z.string(), expiresAt: z.number() });

/** Who asks, as the page's head shows it. */
export const callerSchema = z.object({
  accountId: z.int(),
  accountName: z.string(),
  role: z.enum(['admin', 'user']),
  /** How the caller came in. */
  by: z.enum(['signature', 'cookie']),
  hasPassword: z.boolean(),
});

export const sessionRowSchema = z.object({
  id: z.string(),
  createdAt: z.number(),
  expiresAt: z.number(),
  way: z.string(),
  address: z.string(),
  userAgent: z.string(),
  isCurrent: z.boolean(),
});

/** `url` is where other machines reach the farm; null where it listens for this machine alone. */
export const signInCodeSchema = z.object({ code: z.string(), url: z.string().nullable() });

export const addressRuleSchema = z.object({ allow: z.array(z.string()) });

export const operationRowSchema = z.object({
  id: z.int(),
  at: z.number(),
  accountId: z.int(),
  accountName: z.string(),
  button: z.string(),
  taskIds: z.array(z.int()),
  channel: z.int(),
  address: z.string(),
  uri: z.string(),
  parameters: z.string(),
  /** Code of the answer; null while it runs, or where the farm ended before it was told. */
  outcome: z.int().nullable(),
  details: z.string(),
});

export const signInRowSchema = z.object({
  id: z.int(),
  at: z.number(),
  accountId: z.int(),
  accountName: z.string(),
  way: z.string(),
  outcome: z.int(),
  address: z.string(),
  userAgent: z.string(),
  traceId: z.string(),
});
