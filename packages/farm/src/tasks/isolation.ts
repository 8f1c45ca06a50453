/**
 * Isolated assets (compat-api, section 3.4). A submit may ask that the task's files be kept apart from files of the same
 * names: by task (TASK_ID_MODEL) or by the user of a platform that sends for many (OUT_USER_MODEL). What upload.json names
 * is then linked to the same paths below a folder of the input tree, and the task renders from there, whatever happens to
 * the plain paths. A file that is only in the folder, from an earlier task of the same out user, counts as uploaded.
 *
 * Folders are noted in `isolated_folders`: those of tasks are kept 15 days, those of out users until 20 days went by
 * without a new task that uses them. Then they leave the tree. A task that still renders from one, or was stopped and may go
 * on, keeps what it froze; of tasks that are over the sweep takes the files away, and they cannot be restarted or cloned.
 */
import { DAY, type IsolationModel, TASK_STATUS, type TreeEntry } from '@croft/contract';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import type { Db } from '../store/schema.ts';
import type { TreeRef } from '../trees/tree-ref.ts';
import { entryOf, removePaths, shownAt, switchPaths, treeOf } from '../trees/trees.ts';
import { chunked } from '../util/chunked.ts';

export const ISOLATION_KEEP_MS: Readonly<Record<IsolationModel, number>> = {
  TASK_ID_MODEL: 15 * DAY,
  OUT_USER_MODEL: 20 * DAY,
};

/** Tasks that do nothing any more unless somebody restarts them. */
export const OVER_STATUSES: readonly number[] = [
  TASK_STATUS.done,
  TASK_STATUS.doneWithFailed,
  TASK_STATUS.abandoned,
  TASK_STATUS.failed,
  TASK_STATUS.doneWithStopped,
];

const ROWS_PER_STATEMENT = 500;
/** Each may hold many files. */
const FOLDERS_PER_STEP = 10;

export interface Isolation {
  readonly model: IsolationModel;
  /** Needed for OUT_USER_MODEL: digits. */
  readonly outUserId?: string;
}

/** `12345` → `/000/012/345`: groups of three from the right; the left one holds all the rest. */
export function isolationPath(id: string): string {
  const padded = id.padStart(9, '0');
  return `/${padded.slice(0, -6)}/${padded.slice(-6, -3)}/${padded.slice(-3)}`;
}

/** The id that names the folder. Throws FARM_INVALID where an out user is needed and none, or no number, is given. */
export function isolationOwner({ model, outUserId }: Isolation, taskId: number): string {
  if (model === 'TASK_ID_MODEL') return String(taskId);
  if (outUserId === undefined || !/^\d{1,20}$/.test(outUserId))
    throw farmErrors.FARM_INVALID('OUT_USER_MODEL needs an out user id of 1 to 20 digits');
  return outUserId;
}

/** Links the files to their places in the folder, and notes its use. Returns the folder's path. */
export async function isolate(
  tx: FarmTx,
  tree: TreeRef,
  taskId: number,
  isolation: Isolation,
  paths: readonly string[],
): Promise<string> {
  const owner = isolationOwner(isolation, taskId);
  const prefix = isolationPath(owner);
  const entries = await shownEntries(tx.db, tree, paths);
  await switchPaths(
    tx,
    tree,
    new Map(entries.map((entry) => [`${prefix}${entry.path}`, { ...entry, path: `${prefix}${entry.path}` }])),
  );
  // A folder that both models use, of a task and an out user with the same number, is kept for the longer of them.
  const known = await tx.db
    .selectFrom('isolated_folders')
    .select('remove_after')
    .where('account_id', '=', tree.accountId)
    .where('prefix', '=', prefix)
    .executeTakeFirst();
  const removeAfter = tx.now + ISOLATION_KEEP_MS[isolation.model];
  const used = { last_used_at: tx.now, remove_after: Math.max(removeAfter, known?.remove_after ?? 0) };
  await tx.db
    .insertInto('isolated_folders')
    .values({
      account_id: tree.accountId,
      prefix,
      model: isolation.model,
      owner,
      made_at: tx.now,
      ...used,
    })
    .onConflict((conflict) => conflict.columns(['account_id', 'prefix']).doUpdateSet(used))
    .execute();
  return prefix;
}

async function shownEntries(db: Db, tree: TreeRef, paths: readonly string[]): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  for (const some of chunked(paths, ROWS_PER_STATEMENT)) {
    const rows = await db
      .selectFrom('tree_entries')
      .select(['path', 'blob_id', 'size', 'mtime_ms'])
      .where('account_id', '=', tree.accountId)
      .where('root', '=', tree.root)
      .where('path', 'in', some)
      .where((eb) => shownAt(eb))
      .execute();
    entries.push(...rows.map(entryOf));
  }
  return entries;
}

/** Takes folders whose time is over out of the input trees; answers how many. Bytes are swept up as those of any file. */
export async function dropOldFolders(tx: FarmTx): Promise<number> {
  const due = await tx.db
    .selectFrom('isolated_folders')
    .select(['account_id', 'prefix'])
    .where('remove_after', '<=', tx.now)
    .orderBy('remove_after')
    .limit(FOLDERS_PER_STEP)
    .execute();
  for (const { account_id, prefix } of due) {
    await removePaths(tx, treeOf(account_id, 'input'), [prefix]);
    await tx.db
      .deleteFrom('isolated_folders')
      .where('account_id', '=', account_id)
      .where('prefix', '=', prefix)
      .execute();
  }
  return due.length;
}

/** The folder that a path of the input tree lies in, if it can be one of isolated assets. */
export function isolatedFolderOf(path: string): string | null {
  return /^(\/\d{3,14}\/\d{3}\/\d{3})\//.exec(path)?.[1] ?? null;
}

/** Since when a folder whose keep time runs is there; null where its time is over. */
export async function keptSince(db: Db, accountId: number, prefix: string): Promise<number | null> {
  const row = await db
    .selectFrom('isolated_folders')
    .select('made_at')
    .where('account_id', '=', accountId)
    .where('prefix', '=', prefix)
    .executeTakeFirst();
  return row?.made_at ?? null;
}

type InputsOf = {
  readonly id: number;
  readonly status: number;
  readonly submitted_at: number | null;
  readonly input_prefix: string;
  readonly input_account_id: number;
};

/**
 * Throws FARM_INPUTS_GONE for a task that is over and whose isolated files were kept for their time. A folder that was made
 * anew since is another one: what the task had in the old one may be gone, or half gone.
 */
export async function refuseLostInputs(db: Db, tasks: readonly InputsOf[]): Promise<void> {
  for (const { id, status, submitted_at, input_prefix: prefix, input_account_id: accountId } of tasks) {
    if (prefix === '' || !OVER_STATUSES.includes(status)) continue;
    const since = await keptSince(db, accountId, prefix);
    if (since === null || since > (submitted_at ?? 0))
      throw farmErrors.FARM_INPUTS_GONE(
        `the isolated files of task ${id} were kept for their time and are gone`,
      );
  }
}
