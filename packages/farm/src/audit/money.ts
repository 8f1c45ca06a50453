/**
 * What must hold about money, read from the tables alone:
 *
 *   - the entries of every movement add up to zero, and so do all pots together
 *   - a pot holds the sum of its entries; vouchers, packages and prepaid money are never below 0, debts never above
 *   - the shares of every frame are the sums of the frame's entries, with the sign turned
 *   - the sums of a task are those of its frames
 *   - a frame was charged at most once for each attempt, and only frames that exist were charged
 *
 * Sums are made of bigints: a farm's total may be more than a number holds exactly.
 */
import { consumed, noShares, SHARES } from '../money/ledger.ts';
import type { Db } from '../store/schema.ts';
import type { MoneyShares, PotKind } from '../store/tables/money.ts';

export async function auditMoney(db: Db): Promise<string[]> {
  return [
    ...(await auditEntries(db)),
    ...(await auditVoucherFlags(db)),
    ...(await auditFrames(db)),
    ...(await auditCharges(db)),
  ];
}

interface EntryRow {
  readonly movement_id: number;
  readonly account_id: number;
  readonly kind: PotKind;
  readonly ref: number;
  readonly amount: number;
}

async function auditEntries(db: Db): Promise<string[]> {
  const faults: string[] = [];
  const entries: EntryRow[] = await db.selectFrom('movement_entries').selectAll().execute();
  const byMovement = new Map<number, bigint>();
  const byPot = new Map<string, bigint>();
  for (const { movement_id, account_id, kind, ref, amount } of entries) {
    byMovement.set(movement_id, (byMovement.get(movement_id) ?? 0n) + BigInt(amount));
    const name = `${kind} ${ref} of account ${account_id}`;
    byPot.set(name, (byPot.get(name) ?? 0n) + BigInt(amount));
  }
  for (const [id, sum] of byMovement) if (sum !== 0n) faults.push(`movement ${id} is off by ${sum}`);
  for (const { account_id, kind, ref, amount } of await db.selectFrom('pots').selectAll().execute()) {
    const name = `${kind} ${ref} of account ${account_id}`;
    const sum = byPot.get(name) ?? 0n;
    byPot.delete(name);
    if (BigInt(amount) !== sum) faults.push(`the pot ${name} says ${amount}, its entries are ${sum}`);
    if (NEVER_BELOW_ZERO.includes(kind) && amount < 0) faults.push(`the pot ${name} holds ${amount}`);
    if (kind === 'arrears' && amount > 0) faults.push(`the pot ${name} holds ${amount}`);
  }
  for (const name of byPot.keys()) faults.push(`the pot ${name} has entries, but no row`);
  return faults;
}

const NEVER_BELOW_ZERO: readonly PotKind[] = ['voucher', 'package', 'lapsed'];

/** Ended vouchers and packages hold nothing. */
async function auditVoucherFlags(db: Db): Promise<string[]> {
  const vouchers = await db
    .selectFrom('vouchers')
    .innerJoin('pots', 'pots.ref', 'vouchers.id')
    .select(['vouchers.id', 'pots.amount'])
    .where('pots.kind', '=', 'voucher')
    .where('vouchers.lapsed_at', 'is not', null)
    .where('pots.amount', '<>', 0)
    .execute();
  const packages = await db
    .selectFrom('packages')
    .innerJoin('pots', 'pots.ref', 'packages.id')
    .select(['packages.id', 'pots.amount'])
    .where('pots.kind', '=', 'package')
    .where('packages.closed_at', 'is not', null)
    .where('pots.amount', '<>', 0)
    .execute();
  return [
    ...vouchers.map(({ id, amount }) => `the ended voucher ${id} holds ${amount}`),
    ...packages.map(({ id, amount }) => `the ended package ${id} holds ${amount}`),
  ];
}

async function auditFrames(db: Db): Promise<string[]> {
  const faults: string[] = [];
  const company = new Set(
    (await db.selectFrom('vouchers').select('id').where('company', '=', 1).execute()).map(({ id }) => id),
  );
  const due = new Map<number, MoneyShares>();
  const entries = await db
    .selectFrom('movements')
    .innerJoin('movement_entries as entry', 'entry.movement_id', 'movements.id')
    .select(['movements.frame_id', 'entry.kind', 'entry.ref', 'entry.amount'])
    .where('movements.frame_id', 'is not', null)
    .execute();
  for (const { frame_id, kind, ref, amount } of entries) {
    const shares = due.get(frame_id!) ?? noShares();
    due.set(frame_id!, shares);
    const share = shareOf(kind as PotKind, company.has(ref));
    if (share !== null) shares[share] -= amount;
  }
  const tasks = new Map<number, MoneyShares>();
  const kept = new Map<number, MoneyShares>();
  for (const row of await db.selectFrom('frame_money').selectAll().execute()) {
    for (const [id, sums] of [
      [row.frame_id, kept],
      [row.task_id, tasks],
    ] as const) {
      const sum = sums.get(id) ?? noShares();
      sums.set(id, sum);
      for (const share of SHARES) sum[share] += row[share];
    }
    if (SHARES.some((share) => row[share] < 0)) faults.push(`frame ${row.frame_id} shows a share below 0`);
  }
  faults.push(...differences('frame', due, kept));
  const stored = await db.selectFrom('task_money').selectAll().execute();
  faults.push(...differences('task', tasks, new Map(stored.map((row) => [row.task_id, row]))));
  return faults;
}

function shareOf(kind: PotKind, isCompany: boolean): keyof MoneyShares | null {
  if (kind === 'voucher') return isCompany ? 'company' : 'vouchers';
  return kind === 'balance' || kind === 'package' || kind === 'arrears' ? kind : null;
}

function differences(
  what: string,
  due: ReadonlyMap<number, MoneyShares>,
  kept: ReadonlyMap<number, MoneyShares>,
): string[] {
  const faults: string[] = [];
  for (const id of new Set([...due.keys(), ...kept.keys()])) {
    const [right, stored] = [due.get(id) ?? noShares(), kept.get(id) ?? noShares()];
    for (const share of SHARES) {
      if (right[share] !== stored[share])
        faults.push(`${what} ${id} shows ${share} ${stored[share]}, the ledger says ${right[share]}`);
    }
  }
  return faults;
}

async function auditCharges(db: Db): Promise<string[]> {
  const doubled = await db
    .selectFrom('movements')
    .select(['frame_id', 'attempt_id'])
    .where('kind', '=', 'charge')
    .groupBy(['frame_id', 'attempt_id'])
    .having((eb) => eb.fn.countAll(), '>', 1)
    .execute();
  const homeless = await db
    .selectFrom('frame_money')
    .leftJoin('tasks', 'tasks.id', 'frame_money.task_id')
    .selectAll('frame_money')
    .where('tasks.id', 'is', null)
    .execute();
  return [
    ...doubled.map(
      ({ frame_id, attempt_id }) => `frame ${frame_id} was charged twice for attempt ${attempt_id}`,
    ),
    ...homeless.map((row) => `frame ${row.frame_id} of no task cost ${consumed(row)}`),
  ];
}
