/**
 * One folder of a tree as people look at it: files, and folders with the sums of all below them. A tree knows only paths of
 * files, so a folder is what several paths begin with; its sums are added up in the store, a bounded number of rows at a
 * time, and its rows never come here. So a folder of any size needs little memory, and others get their turn meanwhile.
 */
import type { FileRow } from '@croft/contract';
import type { Db } from '../store/schema.ts';
import { breathe } from '../util/breathe.ts';
import type { TreeRef } from './tree-ref.ts';

/** Rows of one look; most of them may be of one folder, and are then not needed. */
const ROWS_PER_LOOK = 100;
const ROWS_PER_SUM = 5000;

export interface FolderSums {
  readonly files: number;
  readonly bytes: number;
  readonly mtimeMs: number;
}

export interface FolderPage {
  readonly items: FileRow[];
  /** `name`, or `name/` for a folder; null at the end. */
  readonly next: string | null;
}

/** Rows of the folder after `after` (a `next`, or '' from the beginning) in the order of their paths. */
export async function folderPage(
  db: Db,
  tree: TreeRef,
  folder: string,
  { after, limit }: { after: string; limit: number },
): Promise<FolderPage> {
  const base = folder.endsWith('/') ? folder : `${folder}/`;
  const end = pastAllBelow(base);
  const items: FileRow[] = [];
  let from: From = after === '' ? { path: base, isIncluded: false } : behind(base + after);
  /** Its rows may still come in the look that found it. */
  let summedUp: string | null = null;
  for (;;) {
    const rows = await rowsFrom(db, tree, from, end);
    for (const row of rows) {
      if (summedUp !== null && row.path.startsWith(summedUp)) continue;
      const last = items.at(-1);
      if (last !== undefined && items.length >= limit)
        return { items, next: last.isFolder ? `${last.name}/` : last.name };
      const name = row.path.slice(base.length).split('/', 1)[0]!;
      const path = base + name;
      if (path === row.path) {
        items.push({ name, isFolder: false, files: 1, bytes: row.size, mtimeMs: row.mtime_ms });
        from = behind(path);
      } else {
        items.push({ name, isFolder: true, ...(await sumsBelow(db, tree, path)) });
        summedUp = `${path}/`;
        from = behind(summedUp);
      }
    }
    if (rows.length < ROWS_PER_LOOK) return { items, next: null };
    await breathe();
  }
}

/** Where the next rows begin. */
interface From {
  readonly path: string;
  readonly isIncluded: boolean;
}

/** Behind a file, or behind everything below a folder (with a slash at its end). */
function behind(path: string): From {
  return path.endsWith('/') ? { path: pastAllBelow(path), isIncluded: true } : { path, isIncluded: false };
}

/** The first text that comes after all that begin with the folder (with a slash at its end): "0" follows "/". */
function pastAllBelow(folder: string): string {
  return `${folder.slice(0, -1)}0`;
}

function rowsFrom(db: Db, tree: TreeRef, { path, isIncluded }: From, end: string) {
  return db
    .selectFrom('tree_entries')
    .select(['path', 'size', 'mtime_ms'])
    .where('account_id', '=', tree.accountId)
    .where('root', '=', tree.root)
    .where('path', isIncluded ? '>=' : '>', path)
    .where('path', '<', end)
    .where('version_to', 'is', null)
    .orderBy('path')
    .limit(ROWS_PER_LOOK)
    .execute();
}

/** Sums of everything below a folder, and of the file at the path itself. */
export async function sumsAt(db: Db, tree: TreeRef, path: string): Promise<FolderSums> {
  const below = await sumsBelow(db, tree, path === '/' ? '' : path);
  const row = await db
    .selectFrom('tree_entries')
    .select(['size', 'mtime_ms'])
    .where('account_id', '=', tree.accountId)
    .where('root', '=', tree.root)
    .where('path', '=', path)
    .where('version_to', 'is', null)
    .executeTakeFirst();
  if (row === undefined) return below;
  return {
    files: below.files + 1,
    bytes: below.bytes + row.size,
    mtimeMs: Math.max(below.mtimeMs, row.mtime_ms),
  };
}

async function sumsBelow(db: Db, tree: TreeRef, folder: string): Promise<FolderSums> {
  const sums = { files: 0, bytes: 0, mtimeMs: 0 };
  const end = pastAllBelow(`${folder}/`);
  let after = `${folder}/`;
  for (;;) {
    const some = db
      .selectFrom('tree_entries')
      .select(['path', 'size', 'mtime_ms'])
      .where('account_id', '=', tree.accountId)
      .where('root', '=', tree.root)
      .where('path', '>', after)
      .where('path', '<', end)
      .where('version_to', 'is', null)
      .orderBy('path')
      .limit(ROWS_PER_SUM);
    const { files, bytes, newest, last } = await db
      .selectFrom(some.as('some'))
      .select((eb) => [
        eb.fn.countAll<number>().as('files'),
        eb.fn.sum<number | null>('size').as('bytes'),
        eb.fn.max('mtime_ms').as('newest'),
        eb.fn.max('path').as('last'),
      ])
      .executeTakeFirstOrThrow();
    sums.files += Number(files);
    sums.bytes += Number(bytes ?? 0);
    sums.mtimeMs = Math.max(sums.mtimeMs, newest ?? 0);
    if (Number(files) < ROWS_PER_SUM) return sums;
    after = last;
    await breathe();
  }
}
