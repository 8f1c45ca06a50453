/** What may be looked at of money: one's own, that of one's sub-accounts, and for administrators everybody's. */
import type {
  Clock,
  MoneyStanding,
  PackageRow,
  Page,
  PriceRow,
  StatementLine,
  VoucherRow,
} from '@croft/contract';
import { accountById } from '../accounts/accounts.ts';
import { editorOf } from '../accounts/manage-accounts.ts';
import { farmErrors } from '../errors.ts';
import { boundedPage } from '../reads/page.ts';
import type { Db } from '../store/schema.ts';
import { moneyText } from './amounts.ts';
import { arrearsOf, balanceOf, moneyAccount } from './funds.ts';
import { amountIn, pot } from './ledger.ts';
import { type AccountMoney, currencyOf, moneyOfAccount, outputsInArrears } from './shown-money.ts';

export interface MoneyReads {
  /** Money fields of the profile. */
  accountMoney(accountId: number, platform: number): Promise<AccountMoney>;
  /** Output folders of the account's tasks that are not paid for in full. */
  outputsInArrears(accountId: number): Promise<ReadonlySet<string>>;
  prices(): Promise<PriceRow[]>;
  /**
   * FARM_NOT_YOURS where `byId` is neither the account, its main account, nor an administrator; FARM_NOT_ALLOWED where
   * the main account hides balance or charges from it.
   */
  moneyStanding(byId: number, accountId: number): Promise<MoneyStanding>;
  /** Movements of the account, newest first. */
  statement(byId: number, accountId: number, page: number, size: number): Promise<Page<StatementLine>>;
}

export function moneyReads(db: Db, clock: Clock): MoneyReads {
  return {
    accountMoney: (accountId, platform) => moneyOfAccount(db, accountId, platform, clock.now()),
    outputsInArrears: (accountId) => outputsInArrears(db, accountId),
    prices: () => prices(db),
    async moneyStanding(byId, accountId) {
      await mayLook(db, byId, accountId);
      return standing(db, accountId);
    },
    async statement(byId, accountId, page, size) {
      await mayLook(db, byId, accountId);
      return statement(db, accountId, page, size);
    },
  };
}

async function mayLook(db: Db, byId: number, accountId: number): Promise<void> {
  const account = await accountById(db, accountId);
  if (byId !== accountId) await editorOf(db, byId, account);
  else if (account.hide_balance === 1 || account.hide_job_charge === 1)
    throw farmErrors.FARM_NOT_ALLOWED('the main account keeps amounts to itself');
}

async function prices(db: Db): Promise<PriceRow[]> {
  const rows = await db.selectFrom('prices').selectAll().orderBy('from_at').orderBy('id').execute();
  return rows.map(({ id, platform, machine, model, per, amount, from_at }) => ({
    id,
    platform,
    machine,
    model,
    per,
    amount: moneyText(amount),
    fromAt: from_at,
  }));
}

async function standing(db: Db, accountId: number): Promise<MoneyStanding> {
  const { credit, spend_limit, limit_spent, topped_up } = await moneyAccount(db, accountId);
  return {
    accountId,
    currency: await currencyOf(db),
    balance: moneyText(await balanceOf(db, accountId)),
    arrears: moneyText(await arrearsOf(db, accountId)),
    credit: moneyText(credit),
    spendLimit: spend_limit === null ? null : moneyText(spend_limit),
    limitSpent: moneyText(limit_spent),
    toppedUp: moneyText(topped_up),
    vouchers: await vouchers(db, accountId),
    packages: await packages(db, accountId),
  };
}

async function vouchers(db: Db, accountId: number): Promise<VoucherRow[]> {
  const rows = await db
    .selectFrom('vouchers')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('id')
    .execute();
  const views: VoucherRow[] = [];
  for (const row of rows) {
    views.push({
      id: row.id,
      amount: moneyText(row.amount),
      left: moneyText(await amountIn(db, pot(accountId, 'voucher', row.id))),
      company: row.company === 1,
      grantedAt: row.granted_at,
      expiresAt: row.expires_at,
      endedAt: row.lapsed_at,
    });
  }
  return views;
}

async function packages(db: Db, accountId: number): Promise<PackageRow[]> {
  const rows = await db
    .selectFrom('packages')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('id')
    .execute();
  const views: PackageRow[] = [];
  for (const row of rows) {
    views.push({
      id: row.id,
      kind: row.kind,
      name: row.name,
      project: row.project_name,
      catalogueId: row.catalogue_id,
      startsAt: row.starts_at,
      endsAt: row.ends_at,
      paid: moneyText(row.paid),
      left: moneyText(await amountIn(db, pot(accountId, 'package', row.id))),
      timeLeftMs: row.time_left_ms,
      endedAt: row.closed_at,
    });
  }
  return views;
}

async function statement(
  db: Db,
  accountId: number,
  pageAsked: number,
  sizeAsked: number,
): Promise<Page<StatementLine>> {
  const { page, size } = boundedPage(pageAsked, sizeAsked);
  const { total } = await db
    .selectFrom('movements')
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow();
  const rows = await db
    .selectFrom('movements')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('id', 'desc')
    .limit(size)
    .offset((page - 1) * size)
    .execute();
  const entries =
    rows.length === 0
      ? []
      : await db
          .selectFrom('movement_entries')
          .selectAll()
          .where(
            'movement_id',
            'in',
            rows.map(({ id }) => id),
          )
          .execute();
  const items = rows.map((row) => {
    const sumOf = (kind: string) =>
      moneyText(
        entries
          .filter((entry) => entry.movement_id === row.id && entry.kind === kind)
          .reduce((sum, { amount }) => sum + amount, 0),
      );
    return {
      id: row.id,
      at: row.made_at,
      kind: row.kind,
      taskId: row.task_id,
      frameId: row.frame_id,
      balance: sumOf('balance'),
      vouchers: sumOf('voucher'),
      packages: sumOf('package'),
      arrears: sumOf('arrears'),
      by: row.made_by,
      reference: row.reference,
      note: row.note,
    };
  });
  return { total, page, size, items };
}
