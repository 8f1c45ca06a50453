/**
 * What packages pay. Packages of the account count, and those of the account that pays for it. A machine package makes
 * frames free that begin on its nodes within its term. A project package pays for tasks of its project while it lasts:
 * one by amount from what is left of it, one by time a share of each frame as large as the time it has left.
 */
import type { Selectable } from 'kysely';
import { declaredCatalogue } from '../catalogue/declared.ts';
import { type NamedNode, namesNode } from '../catalogue/node-patterns.ts';
import type { FarmTx } from '../news.ts';
import type { Db } from '../store/schema.ts';
import type { PackagesTable } from '../store/tables/money.ts';
import { type Money, partOf } from './amounts.ts';
import type { Payer } from './funds.ts';
import { amountIn, type Entry, pot } from './ledger.ts';

export type PackageRow = Selectable<PackagesTable>;

/** Packages of either kind whose term holds `at`, those that end soonest first. */
export async function packagesAt(
  db: Db,
  payer: Payer,
  kind: PackagesTable['kind'],
  at: number,
): Promise<PackageRow[]> {
  const rows = await db
    .selectFrom('packages')
    .selectAll()
    .where('account_id', 'in', [payer.accountId, payer.payerId])
    .where('kind', '=', kind)
    .where('closed_at', 'is', null)
    .where('starts_at', '<=', at)
    .execute();
  return rows
    .filter(({ ends_at }) => ends_at === null || ends_at > at)
    .sort((a, b) => (a.ends_at ?? Infinity) - (b.ends_at ?? Infinity) || a.id - b.id);
}

/** Whether a machine package of the account makes frames free that begin on the node at `at`. */
export async function isNodePaid(db: Db, payer: Payer, node: NamedNode, at: number): Promise<boolean> {
  const sold = await packagesAt(db, payer, 'machine', at);
  if (sold.length === 0) return false;
  const { packages } = await declaredCatalogue(db);
  return packages.some(
    ({ id, nodes }) => sold.some(({ catalogue_id }) => catalogue_id === id) && namesNode(nodes, node),
  );
}

/** Whether tasks that name the catalogue's package are paid: they are rendered on its nodes only. */
export async function isPackagePaid(
  db: Db,
  payer: Payer,
  catalogueId: number | null,
  at: number,
): Promise<boolean> {
  if (catalogueId === null) return false;
  const sold = await packagesAt(db, payer, 'machine', at);
  return sold.some(({ catalogue_id }) => catalogue_id === catalogueId);
}

export interface PackageDraw {
  readonly entries: Entry[];
  /** From prepaid amounts. */
  readonly paid: Money;
  /** What no package pays. */
  readonly due: Money;
  /** Whether a package paid anything, an amount or time. */
  readonly used: boolean;
}

/** Lets project packages pay as much of `cost`, for `renderMs` of node time, as they can. */
export async function drawProjectPackage(
  tx: FarmTx,
  payer: Payer,
  project: string,
  cost: Money,
  renderMs: number,
): Promise<PackageDraw> {
  const draw = { entries: [] as Entry[], paid: 0, due: cost, used: false };
  if (project === '') return draw;
  let msLeft = renderMs;
  for (const row of await packagesAt(tx.db, payer, 'project', tx.now)) {
    if (row.project_name !== project || draw.due === 0) continue;
    if (row.time_left_ms === null) await drawAmount(tx.db, row, draw);
    else msLeft = await drawTime(tx.db, row, row.time_left_ms, draw, msLeft);
  }
  return draw;
}

type OpenDraw = { -readonly [Field in keyof PackageDraw]: PackageDraw[Field] };

async function drawAmount(db: Db, row: PackageRow, draw: OpenDraw): Promise<void> {
  const name = pot(row.account_id, 'package', row.id);
  const taken = Math.min(draw.due, await amountIn(db, name));
  if (taken === 0) return;
  draw.entries.push({ pot: name, amount: -taken });
  draw.paid += taken;
  draw.due -= taken;
  draw.used = true;
}

/** Takes time of the frame out of the package; returns the frame's time that is not covered. */
async function drawTime(
  db: Db,
  row: PackageRow,
  timeLeftMs: number,
  draw: OpenDraw,
  msLeft: number,
): Promise<number> {
  const covered = Math.min(timeLeftMs, msLeft);
  if (covered === 0) return msLeft;
  await db
    .updateTable('packages')
    .set({ time_left_ms: timeLeftMs - covered })
    .where('id', '=', row.id)
    .execute();
  draw.due -= partOf(draw.due, covered, msLeft);
  draw.used = true;
  return msLeft - covered;
}

/** Whether a project package has something left for tasks of the project. */
export async function projectIsPaid(db: Db, payer: Payer, project: string, at: number): Promise<boolean> {
  if (project === '') return false;
  for (const row of await packagesAt(db, payer, 'project', at)) {
    if (row.project_name !== project) continue;
    const left = row.time_left_ms ?? (await amountIn(db, pot(row.account_id, 'package', row.id)));
    if (left > 0) return true;
  }
  return false;
}
