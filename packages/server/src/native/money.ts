/** Prices and money: `/money`. Looking is for everybody at what is theirs, changing for administrators: the farm says so. */
import {
  creditSchema,
  currencySchema,
  limitSchema,
  moneyStandingSchema,
  movementSchema,
  newPackageSchema,
  newPriceSchema,
  newVoucherSchema,
  pageOf,
  priceSchema,
  refundedSchema,
  refundSchema,
  statementLineSchema,
} from '@croft/contract';
import type { FarmCalls } from '@croft/farm';
import * as z from 'zod';
import { defineRoute, type NativeRoute } from './route.ts';
import { shownAs, shownPage } from './shown.ts';

const LARGEST_PAGE = 1000;
const id = z.coerce.number().int().positive();
const accountParams = z.object({ accountId: id });

/** `POST /money/accounts/{accountId}/<name>`, which answers with how the account stands then. */
function changing<Body extends z.ZodType>(
  name: string,
  summary: string,
  body: Body,
  change: (calls: FarmCalls, byId: number, accountId: number, wish: z.infer<Body>) => Promise<unknown>,
): NativeRoute {
  return defineRoute({
    method: 'POST',
    path: `/money/accounts/{accountId}/${name}`,
    summary,
    params: accountParams,
    body,
    answers: { json: moneyStandingSchema },
    async handle({ caller, params: { accountId }, body: wish, parts }) {
      await change(parts.calls, caller.accountId, accountId, wish as z.infer<Body>);
      return shownAs(moneyStandingSchema, await parts.reads.moneyStanding(caller.accountId, accountId));
    },
  });
}

/** `POST /money/<things>/{id}/end`. */
function ending(
  things: 'vouchers' | 'packages',
  end: (calls: FarmCalls, byId: number, thingId: number) => Promise<void>,
): NativeRoute {
  return defineRoute({
    method: 'POST',
    path: `/money/${things}/{thingId}/end`,
    summary: 'Ends it now; what is left of it is gone',
    params: z.object({ thingId: id }),
    answers: { json: z.object({ id: z.int() }) },
    async handle({ caller, params, parts }) {
      await end(parts.calls, caller.accountId, params.thingId);
      return { id: params.thingId };
    },
  });
}

export const moneyRoutes: readonly NativeRoute[] = [
  defineRoute({
    method: 'GET',
    path: '/money/prices',
    summary: 'All prices, in the order of the time from which they hold',
    answers: { json: z.array(priceSchema) },
    handle: async ({ parts }) => (await parts.reads.prices()).map((price) => shownAs(priceSchema, price)),
  }),
  defineRoute({
    method: 'POST',
    path: '/money/prices',
    summary: 'Sets a price; the farm charges finished frames from the first price on',
    body: newPriceSchema,
    answers: { json: z.array(priceSchema) },
    async handle({ caller, body, parts }) {
      await parts.calls.setPrice(caller.accountId, body);
      return parts.reads.prices();
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/money/prices/{priceId}/remove',
    summary: 'Takes a price back; what was charged by it stays charged',
    params: z.object({ priceId: id }),
    answers: { json: z.array(priceSchema) },
    async handle({ caller, params, parts }) {
      await parts.calls.removePrice(caller.accountId, params.priceId);
      return parts.reads.prices();
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/money/currency',
    summary: 'Says in which currency the farm counts; before the first price and movement only',
    body: currencySchema,
    answers: { json: currencySchema },
    async handle({ caller, body, parts }) {
      await parts.calls.setCurrency(caller.accountId, body.currency);
      return body;
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/money/accounts/{accountId}',
    summary: 'Balance, debts, credit, limit, vouchers and packages of an account',
    params: accountParams,
    answers: { json: moneyStandingSchema },
    handle: async ({ caller, params, parts }) =>
      shownAs(moneyStandingSchema, await parts.reads.moneyStanding(caller.accountId, params.accountId)),
  }),
  defineRoute({
    method: 'GET',
    path: '/money/accounts/{accountId}/statement',
    summary: 'Movements of an account, newest first',
    params: accountParams,
    query: z.object({
      page: z.coerce.number().int().min(1).default(1),
      size: z.coerce.number().int().min(1).max(LARGEST_PAGE).default(50),
    }),
    answers: { json: pageOf(statementLineSchema) },
    async handle({ caller, params, query, parts }) {
      const { accountId } = params;
      const lines = await parts.reads.statement(caller.accountId, accountId, query.page, query.size);
      return shownPage(statementLineSchema, lines);
    },
  }),
  changing(
    'top-up',
    'Puts money in; debts are paid first, and stopped tasks go on',
    movementSchema,
    (calls, byId, accountId, { amount, ...words }) => calls.topUp(byId, accountId, amount, words),
  ),
  changing(
    'pay-out',
    'Gives money of the balance back',
    movementSchema,
    (calls, byId, accountId, { amount, ...words }) => calls.payOut(byId, accountId, amount, words),
  ),
  changing(
    'credit',
    'Says how far below 0 the balance may go',
    creditSchema,
    (calls, byId, accountId, { amount }) => calls.setCredit(byId, accountId, amount),
  ),
  changing(
    'limit',
    "Says what the account's tasks may cost from now on; null: any",
    limitSchema,
    (calls, byId, accountId, { amount }) => calls.setSpendLimit(byId, accountId, amount),
  ),
  changing(
    'vouchers',
    'Gives a voucher, which is spent before the balance',
    newVoucherSchema,
    (calls, byId, accountId, voucher) => calls.grantVoucher(byId, accountId, voucher),
  ),
  changing(
    'packages',
    'Sells a package: nodes for a term, or a project prepaid by amount or node time',
    newPackageSchema,
    (calls, byId, accountId, wish) => calls.sellPackage(byId, accountId, wish),
  ),
  ending('vouchers', (calls, byId, voucherId) => calls.endVoucher(byId, voucherId)),
  ending('packages', (calls, byId, packageId) => calls.endPackage(byId, packageId)),
  defineRoute({
    method: 'POST',
    path: '/money/frames/{frameId}/refund',
    summary: 'Gives back all that a frame cost to where it came from; twice does no harm',
    params: z.object({ frameId: id }),
    body: refundSchema,
    answers: { json: refundedSchema },
    async handle({ caller, params: { frameId }, body, parts }) {
      return { frameId, refunded: await parts.calls.refundFrame(caller.accountId, frameId, body.note) };
    },
  }),
];
