/** Packages: nodes paid for by time, and projects paid for ahead. Sold for what the user pays outside, or the balance. */
import { accountById } from '../accounts/accounts.ts';
import { declaredCatalogue } from '../catalogue/declared.ts';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import { takeNumbers } from '../store/sequences.ts';
import { type Money, moneyText } from './amounts.ts';
import { balanceOf } from './funds.ts';
import { amountIn, type Entry, move, pot } from './ledger.ts';
import { type Booking, checkAmount, isBooked, noteFunded } from './top-up.ts';

const LONGEST_NAME = 200;
/** A hundred years. */
const MOST_TIME_MS = 3_155_760_000_000;

export interface PackageWish {
  readonly name: string;
  /** What its user pays for it; 0 is a gift. */
  readonly paid: Money;
  /** The balance pays it; else it was paid outside. */
  readonly fromBalance: boolean;
  readonly startsAt: number;
  /** Null: no end; only a project package may have none. */
  readonly endsAt: number | null;
  readonly covers: /** A package of nodes that catalogue.json declares. */
    | { readonly kind: 'machine'; readonly catalogueId: number }
    /** `amount` and `timeMs`: what it prepays, one of them. */
    | { readonly kind: 'project'; readonly project: string; readonly amount: Money }
    | { readonly kind: 'project'; readonly project: string; readonly timeMs: number };
}

/** Returns the package's id. */
export async function sellPackage(
  tx: FarmTx,
  accountId: number,
  wish: PackageWish,
  booking: Booking,
): Promise<number> {
  await checkWish(tx, accountId, wish);
  if (await isBooked(tx.db, booking.reference)) return packageOf(tx, booking.reference!);
  const id = await takeNumbers(tx.db, 'package');
  const { covers } = wish;
  await tx.db
    .insertInto('packages')
    .values({
      id,
      account_id: accountId,
      kind: covers.kind,
      name: wish.name,
      project_name: covers.kind === 'project' ? covers.project : '',
      catalogue_id: covers.kind === 'machine' ? covers.catalogueId : null,
      starts_at: wish.startsAt,
      ends_at: wish.endsAt,
      time_left_ms: 'timeMs' in covers ? covers.timeMs : null,
      paid: wish.paid,
      closed_at: null,
    })
    .execute();
  await bookSale(tx, accountId, id, wish, booking);
  tx.tell({ kind: 'money' });
  return id;
}

/**
 * The price goes into the revenue, what the package prepays into its pot: sold below its worth, the rest is granted; sold
 * above, the rest is revenue.
 */
async function bookSale(
  tx: FarmTx,
  accountId: number,
  id: number,
  { paid, fromBalance, covers }: PackageWish,
  booking: Booking,
): Promise<void> {
  const worth = 'amount' in covers ? covers.amount : 0;
  await noteFunded(tx, accountId, Math.max(worth, paid));
  const entries: Entry[] = [
    { pot: pot(accountId, fromBalance ? 'balance' : 'outside'), amount: -paid },
    { pot: pot(accountId, 'package', id), amount: worth },
    { pot: pot(accountId, worth > paid ? 'granted' : 'revenue'), amount: paid - worth },
  ];
  await move(tx, { kind: 'package', accountId, ...booking, packageId: id }, entries);
}

async function checkWish(tx: FarmTx, accountId: number, wish: PackageWish): Promise<void> {
  const { covers, paid, name, startsAt, endsAt } = wish;
  checkAmount(paid, 0);
  await accountById(tx.db, accountId);
  if (name.trim() === '' || name.length > LONGEST_NAME) {
    throw farmErrors.FARM_INVALID(`a package has a name of 1 to ${LONGEST_NAME} characters`);
  }
  if (!Number.isSafeInteger(startsAt) || (endsAt !== null && !(endsAt > startsAt && endsAt > tx.now))) {
    throw farmErrors.FARM_INVALID('a package ends after it starts, and in the future');
  }
  if (covers.kind === 'project') checkProject(covers);
  else await checkMachines(tx, covers.catalogueId, endsAt);
  if (!wish.fromBalance) return;
  const balance = await balanceOf(tx.db, accountId);
  if (paid > balance) {
    throw farmErrors.FARM_INVALID(`the balance holds ${moneyText(balance)}, less than ${moneyText(paid)}`);
  }
}

function checkProject(covers: Extract<PackageWish['covers'], { kind: 'project' }>): void {
  if (covers.project === '') throw farmErrors.FARM_INVALID('a project package names its project');
  if ('amount' in covers) checkAmount(covers.amount);
  else if (!Number.isSafeInteger(covers.timeMs) || covers.timeMs <= 0 || covers.timeMs > MOST_TIME_MS) {
    throw farmErrors.FARM_INVALID('the time of a package is more than 0 and less than a hundred years');
  }
}

async function checkMachines(tx: FarmTx, catalogueId: number, endsAt: number | null): Promise<void> {
  if (endsAt === null) throw farmErrors.FARM_INVALID('a machine package needs an end');
  const { packages } = await declaredCatalogue(tx.db);
  if (packages.some(({ id }) => id === catalogueId)) return;
  throw farmErrors.FARM_NOT_FOUND(`catalogue.json declares no package of nodes ${catalogueId}`);
}

/** The package that a movement of that name sold. */
async function packageOf(tx: FarmTx, reference: string): Promise<number> {
  const row = await tx.db
    .selectFrom('movements')
    .select('package_id')
    .where('reference', '=', reference)
    .executeTakeFirst();
  if (row?.package_id == null)
    throw farmErrors.FARM_INVALID('the reference names a movement of another kind');
  return row.package_id;
}

/** Ends the package now; what is left of it is nobody's any more. Ending it twice does no harm. */
export async function endPackage(tx: FarmTx, packageId: number, by: number | null): Promise<void> {
  const row = await tx.db.selectFrom('packages').selectAll().where('id', '=', packageId).executeTakeFirst();
  if (!row) throw farmErrors.FARM_NOT_FOUND(`there is no package ${packageId}`);
  const name = pot(row.account_id, 'package', packageId);
  const left = await amountIn(tx.db, name);
  if (left > 0) {
    await move(tx, { kind: 'lapse', accountId: row.account_id, by }, [
      { pot: name, amount: -left },
      { pot: pot(row.account_id, 'lapsed'), amount: left },
    ]);
  }
  await tx.db
    .updateTable('packages')
    .set({ closed_at: row.closed_at ?? tx.now })
    .where('id', '=', packageId)
    .execute();
  tx.tell({ kind: 'money' });
}
