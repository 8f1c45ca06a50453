/**
 * Taking uploaded files off the input root. Tasks that were submitted keep what they froze; only what is uploaded or
 * submitted from now on finds the paths gone. A main account deletes its own assets; a sub-account deletes, its own or
 * those that it shares, only with `subDeleteCapital`.
 */
import { confinedPath } from '@croft/contract';
import type { CallParts } from '../call-parts.ts';
import { farmErrors } from '../errors.ts';
import type { Db } from '../store/schema.ts';
import { removePaths, treeEntries, treeOf } from '../trees/trees.ts';
import { accountById, inputAccountOf } from './accounts.ts';

/** Paths of one commit: the writer has others to serve. */
const PATHS_PER_STEP = 2000;

/** Deletes the file at `path` and everything below it; `/` is all. Returns how many files that were. FARM_NOT_ALLOWED. */
export async function deleteAssets(
  { db, writer }: Pick<CallParts, 'db' | 'writer'>,
  accountId: number,
  path: string,
): Promise<number> {
  const folder = path === '/' ? '/' : confinedPath(path);
  const tree = treeOf(await assetsOwner(db, accountId), 'input');
  let removed = 0;
  for (;;) {
    const paths: string[] = [];
    for await (const entry of treeEntries(db, tree, folder)) {
      paths.push(entry.path);
      if (paths.length === PATHS_PER_STEP) break;
    }
    if (paths.length === 0) return removed;
    removed += await writer.run(async (tx) => {
      // Asked again: the right may have been taken away meanwhile.
      await assetsOwner(tx.db, accountId);
      return removePaths(tx, tree, paths);
    });
  }
}

async function assetsOwner(db: Db, accountId: number): Promise<number> {
  const account = await accountById(db, accountId);
  if (account.main_account_id !== 0 && account.sub_delete_capital === 0)
    throw farmErrors.FARM_NOT_ALLOWED('this account may not delete assets', {
      hint: 'The main account gives the right: croft accounts set NAME subDeleteCapital=1.',
    });
  return inputAccountOf(account);
}
