/**
 * Prices and money at the native API: docs/money.md. Amounts are decimal texts, `12` or `0.67`, with at most six
 * decimals: what an amount is written as is what it is. Everything but looking is for administrators.
 *
 *   GET  /money/prices                              PriceRow[]
 *   POST /money/prices                              NewPrice → PriceRow[]
 *   POST /money/prices/{priceId}/remove             PriceRow[]
 *   POST /money/currency                            {currency}
 *   GET  /money/accounts/{accountId}                MoneyStanding
 *   GET  /money/accounts/{accountId}/statement      Page<StatementLine>, newest first
 *   POST /money/accounts/{accountId}/top-up|pay-out Movement → MoneyStanding
 *   POST /money/accounts/{accountId}/credit|limit   {amount} → MoneyStanding
 *   POST /money/accounts/{accountId}/vouchers       NewVoucher → MoneyStanding
 *   POST /money/accounts/{accountId}/packages       NewPackage → MoneyStanding
 *   POST /money/vouchers/{voucherId}/end, /money/packages/{packageId}/end
 *   POST /money/frames/{frameId}/refund             {note} → {refunded}
 *
 * A movement may bear a `reference`, a name of its sender's choice. The same one twice is one movement, so that a call
 * whose answer was lost may be sent again.
 */
import * as z from 'zod';

const amount = z.string().min(1).max(30);
const time = z.int().nonnegative();
const words = {
  reference: z.string().min(1).max(200).optional(),
  note: z.string().max(1000).optional(),
};

export const PRICE_UNITS = ['node-hour', 'core-hour', 'gpu-hour'] as const;

const pricedThing = {
  /** 0: every platform. */
  platform: z.int().nonnegative(),
  /** Nodes without and with GPUs; '' both. */
  machine: z.enum(['', 'cpu', 'gpu']),
  /** Part of the name of the CPU or of a GPU; '' every model. */
  model: z.string().max(200),
  per: z.enum(PRICE_UNITS),
  amount,
};
export const priceSchema = z.object({ id: z.int(), ...pricedThing, fromAt: time });
export type PriceRow = z.infer<typeof priceSchema>;
export const newPriceSchema = z.object({ ...pricedThing, fromAt: time.optional() });
export type NewPrice = z.infer<typeof newPriceSchema>;

export const currencySchema = z.object({ currency: z.string().length(3) });

export const voucherSchema = z.object({
  id: z.int(),
  amount,
  left: amount,
  /** It pays for every member of the team. */
  company: z.boolean(),
  grantedAt: time,
  expiresAt: time.nullable(),
  endedAt: time.nullable(),
});
export type VoucherRow = z.infer<typeof voucherSchema>;
export const newVoucherSchema = z.object({
  amount,
  company: z.boolean().default(false),
  expiresAt: time.nullable().default(null),
  ...words,
});
export type NewVoucher = z.infer<typeof newVoucherSchema>;

export const packageSchema = z.object({
  id: z.int(),
  kind: z.enum(['machine', 'project']),
  name: z.string(),
  project: z.string(),
  /** The package of nodes in catalogue.json. */
  catalogueId: z.int().nullable(),
  startsAt: time,
  endsAt: time.nullable(),
  paid: amount,
  /** What is left of a prepaid amount. */
  left: amount,
  /** What is left of prepaid node time; null where an amount is prepaid. */
  timeLeftMs: time.nullable(),
  endedAt: time.nullable(),
});
export type PackageRow = z.infer<typeof packageSchema>;
export const newPackageSchema = z.object({
  name: z.string().min(1).max(200),
  /** What its user pays for it; 0 for a gift. */
  paid: amount,
  /** Its balance pays; else it was paid outside. */
  fromBalance: z.boolean().default(false),
  startsAt: time.optional(),
  endsAt: time.nullable().default(null),
  covers: z.union([
    z.strictObject({ kind: z.literal('machine'), catalogueId: z.int().positive() }),
    z.strictObject({ kind: z.literal('project'), project: z.string().min(1).max(200), amount }),
    z.strictObject({
      kind: z.literal('project'),
      project: z.string().min(1).max(200),
      timeMs: z.int().positive(),
    }),
  ]),
  ...words,
});
export type NewPackage = z.infer<typeof newPackageSchema>;

export const moneyStandingSchema = z.object({
  accountId: z.int(),
  currency: z.string(),
  /** Below 0 where it lives on credit. */
  balance: amount,
  /** What it owes for frames that nothing could pay. */
  arrears: amount,
  credit: amount,
  spendLimit: amount.nullable(),
  limitSpent: amount,
  toppedUp: amount,
  vouchers: z.array(voucherSchema),
  packages: z.array(packageSchema),
});
export type MoneyStanding = z.infer<typeof moneyStandingSchema>;

export const statementLineSchema = z.object({
  id: z.int(),
  at: time,
  kind: z.enum(['top-up', 'pay-out', 'voucher', 'package', 'charge', 'settle', 'refund', 'lapse']),
  taskId: z.int().nullable(),
  frameId: z.int().nullable(),
  /** What it changed: of the balance, of vouchers, of prepaid packages, of debts (below 0: more is owed). */
  balance: amount,
  vouchers: amount,
  packages: amount,
  arrears: amount,
  /** The administrator; null where the farm did it. */
  by: z.int().nullable(),
  reference: z.string().nullable(),
  note: z.string(),
});
export type StatementLine = z.infer<typeof statementLineSchema>;

/** Money in or out. */
export const movementSchema = z.object({ amount, ...words });
export type MovementBody = z.infer<typeof movementSchema>;
/** `credit`, and `limit`, where null means none. */
export const creditSchema = z.object({ amount });
export const limitSchema = z.object({ amount: amount.nullable() });
export const refundSchema = z.object({ note: z.string().max(1000).optional() });
export const refundedSchema = z.object({ frameId: z.int(), refunded: amount });
