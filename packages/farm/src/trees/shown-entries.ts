/** Which entries a tree shows exactly as a sender remembers them. */
import type { TreeEntry } from '@croft/contract';
import type { Db } from '../store/schema.ts';
import { breathingChunks } from '../util/breathe.ts';
import type { TreeRef } from './tree-ref.ts';
import { entryOf, shownAt, treeEntriesAt, treeVersion } from './trees.ts';

const ENTRIES_PER_STATEMENT = 2000;
/** Where other files of the tree lie between those asked for, a range reads them too. So many times more are worth it. */
const ROWS_PER_ENTRY = 3;

/** Indexes of the entries that the newest version does not show with this blob, size and time; ascending. */
export async function differingEntries(
  db: Db,
  tree: TreeRef,
  entries: readonly TreeEntry[],
): Promise<{ version: number; differing: number[] }> {
  const version = await treeVersion(db, tree);
  const differing: number[] = [];
  let at = 0;
  for await (const some of breathingChunks(entries, ENTRIES_PER_STATEMENT)) {
    const shown = await shownAmong(db, tree, some, version);
    for (const { path, id, size, mtimeMs } of some) {
      const row = shown.get(path);
      if (row?.id !== id || row.size !== size || row.mtimeMs !== mtimeMs) differing.push(at);
      at += 1;
    }
  }
  return { version, differing };
}

/** Surrogates and what lies above them: there the order of JavaScript's texts is not that of UTF-8. */
const ORDERED_OTHERWISE = /[\ud800-\uffff]/;

/**
 * A sender walks folder by folder, so its paths lie close together: one range is read in a third of the time that looking
 * up each path takes.
 */
async function shownAmong(
  db: Db,
  tree: TreeRef,
  entries: readonly TreeEntry[],
  version: number,
): Promise<Map<string, TreeEntry>> {
  const rows = await rowsBetween(db, tree, bounds(entries), entries.length * ROWS_PER_ENTRY, version);
  const paths = entries.map(({ path }) => path);
  const found = rows ?? (await treeEntriesAt(db, tree, paths, version));
  return new Map(found.map((entry) => [entry.path, entry]));
}

/** null where there are more than `most`, or nobody knows what lies between. */
async function rowsBetween(
  db: Db,
  tree: TreeRef,
  between: readonly [string, string] | null,
  most: number,
  version: number,
): Promise<TreeEntry[] | null> {
  if (between === null) return null;
  const rows = await db
    .selectFrom('tree_entries')
    .select(['path', 'blob_id', 'size', 'mtime_ms'])
    .where('account_id', '=', tree.accountId)
    .where('root', '=', tree.root)
    .where('path', '>=', between[0])
    .where('path', '<=', between[1])
    .where((eb) => shownAt(eb, version))
    .limit(most + 1)
    .execute();
  return rows.length > most ? null : rows.map(entryOf);
}

function bounds(entries: readonly TreeEntry[]): [string, string] | null {
  let [first, last] = [entries[0]!.path, entries[0]!.path];
  for (const { path } of entries) {
    if (ORDERED_OTHERWISE.test(path)) return null;
    if (path < first) first = path;
    else if (path > last) last = path;
  }
  return [first, last];
}
