/**
 * The declarations in use. The farm thread reads catalogue.json and keeps what it read in the store: so the reads and a
 * farm that starts anew see the same, and a file that became wrong meanwhile leaves the last good one in use.
 */
import { type CatalogueFile, EMPTY_CATALOGUE } from '@croft/contract';
import type { Db } from '../store/schema.ts';

/** The one row of the table. */
export const CATALOGUE_ROW = 1;

export interface DeclaredState {
  readonly declared: CatalogueFile;
  /** Why the file as it is now is not in use; null: it is. */
  readonly problem: string | null;
  /** When the declarations in use were read; null: never, there was no file yet. */
  readonly loadedAt: number | null;
}

const NOTHING: DeclaredState = { declared: EMPTY_CATALOGUE, problem: null, loadedAt: null };

/** Rows that were parsed already, by their text: reads ask often, operators change seldom. */
let newest: { text: string; declared: CatalogueFile } | null = null;

export async function declaredState(db: Db): Promise<DeclaredState> {
  const row = await db.selectFrom('catalogue').selectAll().where('id', '=', CATALOGUE_ROW).executeTakeFirst();
  if (!row) return NOTHING;
  if (newest?.text !== row.declared)
    newest = { text: row.declared, declared: JSON.parse(row.declared) as CatalogueFile };
  return { declared: newest.declared, problem: row.problem, loadedAt: row.loaded_at };
}

export async function declaredCatalogue(db: Db): Promise<CatalogueFile> {
  return (await declaredState(db)).declared;
}
