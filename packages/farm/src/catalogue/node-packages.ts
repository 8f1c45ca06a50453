/** Packages of nodes that the operator declares, and who may have tasks rendered on them. */
import type { CatalogueFile, DeclaredPackage, NodePackage } from '@croft/contract';
import type { Db } from '../store/schema.ts';
import { declaredCatalogue } from './declared.ts';
import { namesNode } from './node-patterns.ts';
import type { PlacedNode } from './placement.ts';
import { mainAccountOf } from './render-envs.ts';

/** The packages that the account may name, in the file's order. */
export async function packagesOfAccount(
  db: Db,
  accountId: number,
): Promise<{ packNodeId: number; packName: string }[]> {
  const allowed = await allowedPackages(db, accountId);
  return allowed.map(({ id, name }) => ({ packNodeId: id, packName: name }));
}

export async function mayUsePackage(db: Db, accountId: number, packageId: number): Promise<boolean> {
  return (await allowedPackages(db, accountId)).some(({ id }) => id === packageId);
}

async function allowedPackages(db: Db, accountId: number): Promise<DeclaredPackage[]> {
  const { packages } = await declaredCatalogue(db);
  if (packages.every(({ accounts }) => accounts === undefined)) return packages;
  const mainId = await mainAccountOf(db, accountId);
  const { name } = await db
    .selectFrom('accounts')
    .select('name')
    .where('id', '=', mainId)
    .executeTakeFirstOrThrow();
  return packages.filter(
    ({ accounts }) => accounts === undefined || accounts.includes(String(mainId)) || accounts.includes(name),
  );
}

/** All packages with the names of their nodes. */
export function packagesOf({ packages }: CatalogueFile, nodes: readonly PlacedNode[]): NodePackage[] {
  return packages.map(({ id, name, nodes: patterns }) => ({
    id,
    name,
    nodes: nodes
      .filter((node) => namesNode(patterns, { id: node.id, name: node.facts.name }))
      .map(({ facts }) => facts.name),
  }));
}
