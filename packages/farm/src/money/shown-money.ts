/** What frames, tasks and accounts show of the ledger, as numbers of the API. Each is read from sums that are kept. */
import type { Page } from '@croft/contract';
import { sql } from 'kysely';
import type { Db } from '../store/schema.ts';
import type { MoneyShares } from '../store/tables/money.ts';
import { among } from '../util/among.ts';
import { chunked } from '../util/chunked.ts';
import { moneyNumber } from './amounts.ts';
import { arrearsOf, balanceOf, moneyAccount, payerOf, vouchersFor } from './funds.ts';
import { consumed, noShares, SHARES } from './ledger.ts';
import { listPrice, pricesAt } from './tariff.ts';

const IDS_PER_STATEMENT = 500;

/** The money fields of TaskInfo; null where charges are hidden from who looks. */
export interface TaskMoney {
  /** What its frames cost, whoever paid, also what is not paid yet. */
  renderConsume: number | null;
  taskArrears: number | null;
  userAccountConsume: number | null;
  couponConsume: number | null;
  /** From vouchers of the company; not within `couponConsume`. */
  qyCouponConsume: number | null;
}

/** The money fields of FrameInfo; null where charges are hidden from who looks. */
export interface FrameMoney {
  /** Of the balance, or of what a project package prepaid. */
  feeAmount: number | null;
  couponFee: number | null;
  arrearsFee: number | null;
  /** Price of an hour when it was charged last; null where it never was. */
  framePrice: number | null;
  /** 0 metered, 1 machine package, 2 project package; null as above. */
  feeType: number | null;
}

export const NO_TASK_MONEY: TaskMoney = taskMoneyOf(noShares());
export const NO_FRAME_MONEY: FrameMoney = {
  feeAmount: 0,
  couponFee: 0,
  arrearsFee: 0,
  framePrice: null,
  feeType: null,
};

const HIDDEN_TASK_MONEY: TaskMoney = {
  renderConsume: null,
  taskArrears: null,
  userAccountConsume: null,
  couponConsume: null,
  qyCouponConsume: null,
};
const HIDDEN_FRAME_MONEY: FrameMoney = {
  feeAmount: null,
  couponFee: null,
  arrearsFee: null,
  framePrice: null,
  feeType: null,
};

/** The tasks as the account may see them: `hide_job_charge` hides from it what tasks cost. */
export async function shownToAccount<Task extends { money: TaskMoney; children: Task[] }>(
  db: Db,
  accountId: number,
  tasks: readonly Task[],
): Promise<Task[]> {
  if (!(await hidesCharges(db, accountId))) return [...tasks];
  const hidden = (task: Task): Task => ({
    ...task,
    money: HIDDEN_TASK_MONEY,
    children: task.children.map(hidden),
  });
  return tasks.map(hidden);
}

/** As `shownToAccount`, for frames. */
export async function framesShownToAccount<Frame extends { money: FrameMoney }>(
  db: Db,
  accountId: number,
  frames: Page<Frame>,
): Promise<Page<Frame>> {
  if (!(await hidesCharges(db, accountId))) return frames;
  return { ...frames, items: frames.items.map((frame) => ({ ...frame, money: HIDDEN_FRAME_MONEY })) };
}

async function hidesCharges(db: Db, accountId: number): Promise<boolean> {
  const row = await db
    .selectFrom('accounts')
    .select('hide_job_charge')
    .where('id', '=', accountId)
    .executeTakeFirst();
  return row?.hide_job_charge === 1;
}

function taskMoneyOf(shares: MoneyShares): TaskMoney {
  return {
    renderConsume: moneyNumber(consumed(shares)),
    taskArrears: moneyNumber(shares.arrears),
    userAccountConsume: moneyNumber(shares.balance),
    couponConsume: moneyNumber(shares.vouchers),
    qyCouponConsume: moneyNumber(shares.company),
  };
}

/** By task id; a parent's is the sum of its children's. Tasks that cost nothing are left out. */
export async function moneyOfTasks(db: Db, taskIds: readonly number[]): Promise<Map<number, TaskMoney>> {
  const sums = new Map<number, MoneyShares>();
  for (const some of chunked(taskIds, IDS_PER_STATEMENT)) {
    const own = db
      .selectFrom('task_money')
      .select(['task_id as shown_id', ...SHARES])
      .where((eb) => among(eb, 'task_id', some));
    const ofChildren = db
      .selectFrom('tasks')
      .innerJoin('task_money', 'task_money.task_id', 'tasks.id')
      .select('tasks.parent_id as shown_id')
      .select(SHARES.map((share) => `task_money.${share}` as const))
      .where((eb) => among(eb, 'tasks.parent_id', some))
      .where(sql<boolean>`tasks.parent_id <> 0`);
    for (const row of await own.unionAll(ofChildren).execute()) {
      const sum = sums.get(row.shown_id) ?? noShares();
      sums.set(row.shown_id, sum);
      for (const share of SHARES) sum[share] += row[share];
    }
  }
  return new Map([...sums].map(([id, shares]) => [id, taskMoneyOf(shares)]));
}

/** By frame id. Frames that were never charged are left out. */
export async function moneyOfFrames(db: Db, frameIds: readonly number[]): Promise<Map<number, FrameMoney>> {
  const shown = new Map<number, FrameMoney>();
  for (const some of chunked(frameIds, IDS_PER_STATEMENT)) {
    const rows = await db
      .selectFrom('frame_money')
      .selectAll()
      .where((eb) => among(eb, 'frame_id', some))
      .orderBy('charged_at')
      .execute();
    const sums = new Map<number, MoneyShares>();
    for (const row of rows) {
      const sum = sums.get(row.frame_id) ?? noShares();
      sums.set(row.frame_id, sum);
      for (const share of SHARES) sum[share] += row[share];
      shown.set(row.frame_id, {
        feeAmount: moneyNumber(sum.balance + sum.package),
        couponFee: moneyNumber(sum.vouchers + sum.company),
        arrearsFee: moneyNumber(sum.arrears),
        framePrice: moneyNumber(row.price),
        feeType: row.fee_type,
      });
    }
  }
  return shown;
}

/** The money fields of the profile. A farm counts in one currency: the field of the other stays 0. */
export interface AccountMoney {
  rmbbalance: number;
  usdbalance: number;
  rmbCumulative: number;
  usdCumulative: number;
  credit: number;
  coupon: number;
  /** What an hour costs where no model is named: of machines without and with GPUs. */
  cpuPrice: number;
  gpuPrice: number;
}

/** Money that the account's tasks are paid with: a main account's, where that pays. A debt is below 0. */
export async function moneyOfAccount(
  db: Db,
  accountId: number,
  platform: number,
  now: number,
): Promise<AccountMoney> {
  const prices = await pricesAt(db, platform, now);
  const priceOf = (kind: 'cpu' | 'gpu') => moneyNumber(listPrice(prices, kind)?.amount ?? 0);
  const payer = await payerOf(db, accountId);
  const { credit, topped_up } = await moneyAccount(db, payer.payerId);
  const balance = moneyNumber((await balanceOf(db, payer.payerId)) - (await arrearsOf(db, payer.payerId)));
  const vouchers = await vouchersFor(db, payer, now);
  const cumulative = moneyNumber(topped_up);
  const isRmb = (await currencyOf(db)) === 'CNY';
  return {
    rmbbalance: isRmb ? balance : 0,
    usdbalance: isRmb ? 0 : balance,
    rmbCumulative: isRmb ? cumulative : 0,
    usdCumulative: isRmb ? 0 : cumulative,
    credit: moneyNumber(credit),
    coupon: moneyNumber(vouchers.reduce((sum, { left }) => sum + left, 0)),
    cpuPrice: priceOf('cpu'),
    gpuPrice: priceOf('gpu'),
  };
}

/** Three letters, e.g. USD. */
export async function currencyOf(db: Db): Promise<string> {
  const row = await db.selectFrom('money_settings').select('currency').executeTakeFirst();
  return row?.currency ?? 'USD';
}

/** Output folders of the account's tasks that are not paid for in full. */
export async function outputsInArrears(db: Db, accountId: number): Promise<Set<string>> {
  const rows = await db
    .selectFrom('task_money')
    .innerJoin('tasks', 'tasks.id', 'task_money.task_id')
    .select('tasks.output_name')
    .where('task_money.account_id', '=', accountId)
    // Written out, not bound: the index holds only such rows.
    .where(sql<boolean>`task_money.arrears > 0`)
    .execute();
  return new Set(rows.flatMap(({ output_name }) => (output_name === null ? [] : [output_name])));
}
