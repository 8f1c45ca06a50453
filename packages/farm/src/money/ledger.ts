/**
 * The ledger. Money never appears or vanishes, it moves: each movement's entries add up to zero, and the only way to
 * change a pot is an entry. Pots, and the sums of frames and tasks, change in the same transaction as the entries they
 * are sums of; the auditor adds them up again.
 *
 * For a user a frame is paid by shares: of the balance, of vouchers, of vouchers of the company, of a package, and what
 * is not paid yet. Each share is the sum of the frame's entries in pots of that kind, with the sign turned.
 */
import type { FarmTx } from '../news.ts';
import type { Db } from '../store/schema.ts';
import { takeNumbers } from '../store/sequences.ts';
import type { MoneyShares, MovementKind, PotKind } from '../store/tables/money.ts';
import type { Money } from './amounts.ts';

/** Names a pot. `ref` is the voucher's or package's id, 0 for the other kinds. */
export interface PotName {
  readonly accountId: number;
  readonly kind: PotKind;
  readonly ref: number;
}

export interface Entry {
  readonly pot: PotName;
  readonly amount: Money;
}

export interface Movement {
  readonly kind: MovementKind;
  /** Whose statement shows it. */
  readonly accountId: number;
  readonly frame?: { readonly id: number; readonly taskId: number };
  readonly attemptId?: number;
  readonly packageId?: number;
  readonly by?: number | null;
  readonly reference?: string | null;
  readonly note?: string;
}

export function pot(accountId: number, kind: PotKind, ref = 0): PotName {
  return { accountId, kind, ref };
}

export async function amountIn(db: Db, { accountId, kind, ref }: PotName): Promise<Money> {
  const row = await db
    .selectFrom('pots')
    .select('amount')
    .where('account_id', '=', accountId)
    .where('kind', '=', kind)
    .where('ref', '=', ref)
    .executeTakeFirst();
  return row?.amount ?? 0;
}

/** Books the movement and returns its id. Entries of 0 are left out; the rest must add up to zero: else it is a bug. */
export async function move(tx: FarmTx, movement: Movement, entries: readonly Entry[]): Promise<number> {
  const booked = entries.filter(({ amount }) => amount !== 0);
  const sum = booked.reduce((total, { amount }) => total + BigInt(amount), 0n);
  if (sum !== 0n) throw new Error(`a movement of kind ${movement.kind} is off by ${sum}`);
  const id = await takeNumbers(tx.db, 'movement');
  await tx.db
    .insertInto('movements')
    .values({
      id,
      made_at: tx.now,
      kind: movement.kind,
      account_id: movement.accountId,
      task_id: movement.frame?.taskId ?? null,
      frame_id: movement.frame?.id ?? null,
      attempt_id: movement.attemptId ?? null,
      package_id: movement.packageId ?? null,
      made_by: movement.by ?? null,
      reference: movement.reference ?? null,
      note: movement.note ?? '',
    })
    .execute();
  if (booked.length > 0) await bookEntries(tx.db, id, booked);
  return id;
}

async function bookEntries(db: Db, movementId: number, entries: readonly Entry[]): Promise<void> {
  const changes = entries.map(({ pot: { accountId, kind, ref }, amount }) => ({
    account_id: accountId,
    kind,
    ref,
    amount,
  }));
  await db
    .insertInto('movement_entries')
    .values(changes.map((change) => ({ movement_id: movementId, ...change })))
    .execute();
  await db
    .insertInto('pots')
    .values(changes)
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'kind', 'ref']).doUpdateSet((eb) => ({
        amount: eb('pots.amount', '+', eb.ref('excluded.amount')),
      })),
    )
    .execute();
}

export const SHARES = ['balance', 'vouchers', 'company', 'package', 'arrears'] as const;

export function noShares(): MoneyShares {
  return { balance: 0, vouchers: 0, company: 0, package: 0, arrears: 0 };
}

/** What all shares add up to: the price of what was rendered. */
export function consumed(shares: MoneyShares): Money {
  return SHARES.reduce((sum, share) => sum + shares[share], 0);
}

/** Adds to what a task's frames cost, by share. */
export async function addToTask(
  db: Db,
  task: { readonly id: number; readonly accountId: number },
  shares: MoneyShares,
): Promise<void> {
  await db
    .insertInto('task_money')
    .values({ task_id: task.id, account_id: task.accountId, ...shares })
    .onConflict((conflict) =>
      conflict
        .column('task_id')
        .doUpdateSet((eb) =>
          Object.fromEntries(
            SHARES.map((share) => [share, eb(`task_money.${share}`, '+', eb.ref(`excluded.${share}`))]),
          ),
        ),
    )
    .execute();
}
