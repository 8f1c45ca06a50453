/**
 * Trees: versioned maps of paths to blobs, one per (account, root).
 *
 * A version is a number that every commit raises by one. A path's row says from which version on it shows its blob and
 * from which version on it does not any more; switching a path closes the open row and opens a new one, in the commit's
 * transaction. So a tree can be read as it was at any version, and a task that froze a version renders just that.
 */
import { type BlobId, confinedPath, type TreeEntry, type TreeRoot } from '@croft/contract';
import type { ExpressionBuilder } from 'kysely';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import type { Db, Schema } from '../store/schema.ts';
import { breathe, breathingChunks } from '../util/breathe.ts';
import { blobsNotReferred } from './blobs.ts';
import type { TreeRef } from './tree-ref.ts';

const ROWS_PER_STATEMENT = 500;

/**
 * Switches the paths to their blobs; all or none. FARM_BLOB_MISSING names the first blob the account does not refer to.
 * Where one path is named twice, the last entry counts. A commit that changes nothing makes no version.
 */
export async function commitTree(
  tx: FarmTx,
  tree: TreeRef,
  entries: readonly TreeEntry[],
): Promise<{ version: number }> {
  const wanted = new Map<string, TreeEntry>();
  for (const entry of entries) {
    const path = confinedPath(entry.path);
    wanted.set(path, path === entry.path ? entry : { ...entry, path });
  }
  await refuseMissingBlobs(tx.db, tree.accountId, [...wanted.values()]);
  return switchPaths(tx, tree, wanted);
}

/** As `commitTree`, for confined paths and blobs that the caller has checked. */
export async function switchPaths(
  tx: FarmTx,
  tree: TreeRef,
  wanted: ReadonlyMap<string, TreeEntry>,
): Promise<{ version: number }> {
  const changed = await entriesThatChange(tx.db, tree, wanted);
  if (changed.length === 0) return { version: await treeVersion(tx.db, tree) };
  const version = await nextVersion(tx, tree);
  for await (const some of breathingChunks(changed, ROWS_PER_STATEMENT)) {
    await tx.db
      .updateTable('tree_entries')
      .set({ version_to: version, closed_at: tx.now })
      .where('account_id', '=', tree.accountId)
      .where('root', '=', tree.root)
      .where('version_to', 'is', null)
      .where(
        'path',
        'in',
        some.map(({ path }) => path),
      )
      .execute();
    await tx.db
      .insertInto('tree_entries')
      .values(
        some.map(({ path, id, size, mtimeMs }) => ({
          account_id: tree.accountId,
          root: tree.root,
          path,
          version_from: version,
          version_to: null,
          closed_at: null,
          blob_id: id,
          size,
          mtime_ms: mtimeMs,
        })),
      )
      .execute();
  }
  return { version };
}

/**
 * Takes paths out of a tree: each path, and all below it where it is a folder. Older versions still show them. Returns
 * how many files went; none is fine.
 */
export async function removePaths(tx: FarmTx, tree: TreeRef, paths: readonly string[]): Promise<number> {
  const gone = new Set<string>();
  for (const path of paths.map((path) => confinedPath(path))) {
    for await (const entry of treeEntries(tx.db, tree, path)) gone.add(entry.path);
  }
  if (gone.size === 0) return 0;
  const version = await nextVersion(tx, tree);
  for await (const some of breathingChunks([...gone], ROWS_PER_STATEMENT)) {
    await tx.db
      .updateTable('tree_entries')
      .set({ version_to: version, closed_at: tx.now })
      .where('account_id', '=', tree.accountId)
      .where('root', '=', tree.root)
      .where('version_to', 'is', null)
      .where('path', 'in', some)
      .execute();
  }
  return gone.size;
}

async function refuseMissingBlobs(db: Db, accountId: number, entries: readonly TreeEntry[]): Promise<void> {
  for await (const some of breathingChunks(entries, ROWS_PER_STATEMENT)) {
    const sizes = new Map(some.map(({ id, size }) => [id, size]));
    const missing = await blobsNotReferred(db, accountId, sizes);
    const first = some.find(({ id }) => missing.has(id));
    if (first) throw farmErrors.FARM_BLOB_MISSING(`the bytes ${first.id} of ${first.path} have not arrived`);
  }
}

async function entriesThatChange(
  db: Db,
  tree: TreeRef,
  wanted: ReadonlyMap<string, TreeEntry>,
): Promise<TreeEntry[]> {
  const changed: TreeEntry[] = [];
  for await (const some of breathingChunks([...wanted.values()], ROWS_PER_STATEMENT)) {
    const rows = await db
      .selectFrom('tree_entries')
      .select(['path', 'blob_id', 'mtime_ms'])
      .where('account_id', '=', tree.accountId)
      .where('root', '=', tree.root)
      .where('version_to', 'is', null)
      .where(
        'path',
        'in',
        some.map(({ path }) => path),
      )
      .execute();
    const shown = new Map(rows.map((row) => [row.path, row]));
    for (const entry of some) {
      const row = shown.get(entry.path);
      if (row?.blob_id !== entry.id || row.mtime_ms !== entry.mtimeMs) changed.push(entry);
    }
  }
  return changed;
}

async function nextVersion(tx: FarmTx, tree: TreeRef): Promise<number> {
  const row = await tx.db
    .updateTable('trees')
    .set((eb) => ({ version: eb('version', '+', 1) }))
    .where('account_id', '=', tree.accountId)
    .where('root', '=', tree.root)
    .returning('version')
    .executeTakeFirst();
  if (!row) throw farmErrors.FARM_NOT_FOUND(`there is no account ${tree.accountId}`);
  return row.version;
}

/** The newest version; 0 for a tree nothing was ever committed to. */
export async function treeVersion(db: Db, tree: TreeRef): Promise<number> {
  const row = await db
    .selectFrom('trees')
    .select('version')
    .where('account_id', '=', tree.accountId)
    .where('root', '=', tree.root)
    .executeTakeFirst();
  return row?.version ?? 0;
}

/** The entry at `path` as of `version` (default: newest). */
export async function treeEntry(
  db: Db,
  tree: TreeRef,
  path: string,
  version?: number,
): Promise<TreeEntry | null> {
  const row = await db
    .selectFrom('tree_entries')
    .select(['path', 'blob_id', 'size', 'mtime_ms'])
    .where('account_id', '=', tree.accountId)
    .where('root', '=', tree.root)
    .where('path', '=', path)
    .where((eb) => shownAt(eb, version))
    .executeTakeFirst();
  return row ? entryOf(row) : null;
}

/** The entries of those of the paths that are files as of `version`, in no order. */
export async function treeEntriesAt(
  db: Db,
  tree: TreeRef,
  paths: readonly string[],
  version?: number,
): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  for await (const some of breathingChunks([...new Set(paths)], ROWS_PER_STATEMENT)) {
    const rows = await db
      .selectFrom('tree_entries')
      .select(['path', 'blob_id', 'size', 'mtime_ms'])
      .where('account_id', '=', tree.accountId)
      .where('root', '=', tree.root)
      .where('path', 'in', some)
      .where((eb) => shownAt(eb, version))
      .execute();
    for (const row of rows) entries.push(entryOf(row));
  }
  return entries;
}

/** Entries at and below `prefix`, ordered by path, as of `version`; read in pages, so a long tree needs little memory. */
export async function* treeEntries(
  db: Db,
  tree: TreeRef,
  prefix: string,
  version?: number,
): AsyncGenerator<TreeEntry> {
  const folder = prefix.endsWith('/') ? prefix : `${prefix}/`;
  const exact = folder === prefix ? null : await treeEntry(db, tree, prefix, version);
  if (exact) yield exact;
  const asOf = version ?? (await treeVersion(db, tree));
  let after = folder;
  for (;;) {
    const rows = await db
      .selectFrom('tree_entries')
      .select(['path', 'blob_id', 'size', 'mtime_ms'])
      .where('account_id', '=', tree.accountId)
      .where('root', '=', tree.root)
      .where('path', '>', after)
      .where('path', '<', `${folder.slice(0, -1)}0`)
      .where((eb) => shownAt(eb, asOf))
      .orderBy('path')
      .limit(ROWS_PER_STATEMENT)
      .execute();
    for (const row of rows) yield entryOf(row);
    if (rows.length < ROWS_PER_STATEMENT) return;
    await breathe();
    after = rows.at(-1)!.path;
  }
}

/** SQL: the row is the one that shows at `version`; undefined = now. */
export function shownAt(eb: ExpressionBuilder<Schema, 'tree_entries'>, version?: number) {
  if (version === undefined) return eb('version_to', 'is', null);
  return eb.and([
    eb('version_from', '<=', version),
    eb.or([eb('version_to', 'is', null), eb('version_to', '>', version)]),
  ]);
}

export function entryOf(row: { path: string; blob_id: string; size: number; mtime_ms: number }): TreeEntry {
  return { path: row.path, id: row.blob_id as BlobId, size: row.size, mtimeMs: row.mtime_ms };
}

export function treeOf(accountId: number, root: TreeRoot): TreeRef {
  return { accountId, root };
}
