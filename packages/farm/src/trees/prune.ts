/**
 * Closed rows of trees: older versions of paths, and paths that were taken away. A row goes when nothing can look at it
 * any more:
 *
 *   - it has been closed for CLOSED_ROW_LIFE_MS, so that a download that began with that version has long ended
 *   - input root: no task that still has its frames froze a version at which the row shows; below a folder of isolated
 *     assets whose keep time is over: none that is not over and renders from there
 *   - output root: no result names its bytes
 *
 * A sweep walks the rows in the order of their key, some at a time, each step in a transaction of its own.
 */
import { DAY } from '@croft/contract';
import type { FarmTx } from '../news.ts';
import type { Db } from '../store/schema.ts';
import { isolatedFolderOf, keptSince, OVER_STATUSES } from '../tasks/isolation.ts';

/** After this long nobody still reads by an old version number. */
export const CLOSED_ROW_LIFE_MS = 1 * DAY;
const ROWS_PER_STEP = 500;

/** Where a sweep stands: the key of the last row it looked at. */
export interface PrunePlace {
  accountId: number;
  root: string;
  path: string;
  versionFrom: number;
}

/** Drops what may go among the next rows; `next` null at the end. */
export async function pruneTrees(
  tx: FarmTx,
  after: PrunePlace | null,
): Promise<{ dropped: number; next: PrunePlace | null }> {
  const { db, now } = tx;
  let query = db
    .selectFrom('tree_entries')
    .select(['account_id', 'root', 'path', 'version_from', 'version_to', 'blob_id', 'closed_at'])
    .where('version_to', 'is not', null);
  if (after !== null) {
    query = query.where((eb) =>
      eb(
        eb.refTuple('account_id', 'root', 'path', 'version_from'),
        '>',
        eb.tuple(after.accountId, after.root, after.path, after.versionFrom),
      ),
    );
  }
  const rows = await query
    .orderBy('account_id')
    .orderBy('root')
    .orderBy('path')
    .orderBy('version_from')
    .limit(ROWS_PER_STEP)
    .execute();
  let dropped = 0;
  for (const row of rows) {
    if ((row.closed_at ?? 0) > now - CLOSED_ROW_LIFE_MS || (await isInUse(tx, row))) continue;
    await db
      .deleteFrom('tree_entries')
      .where('account_id', '=', row.account_id)
      .where('root', '=', row.root)
      .where('path', '=', row.path)
      .where('version_from', '=', row.version_from)
      .execute();
    dropped += 1;
  }
  const last = rows.at(-1);
  if (last === undefined || rows.length < ROWS_PER_STEP) return { dropped, next: null };
  const { account_id: accountId, root, path, version_from: versionFrom } = last;
  return { dropped, next: { accountId, root, path, versionFrom } };
}

type Row = {
  account_id: number;
  root: string;
  path: string;
  version_from: number;
  version_to: number | null;
  blob_id: string;
};

async function isInUse({ db }: FarmTx, row: Row): Promise<boolean> {
  if (row.root === 'input') {
    const folder = isolatedFolderOf(row.path);
    if (folder !== null && (await keptSince(db, row.account_id, folder)) === null)
      return isRenderedFrom(db, row, folder);
    let tasks = db
      .selectFrom('tasks')
      .select('id')
      .where('input_account_id', '=', row.account_id)
      .where('input_version', '>=', row.version_from)
      .where('input_version', '<', row.version_to!)
      .where('submitted_at', 'is not', null)
      .where('purged_at', 'is', null);
    // Isolated tasks read their folder and nothing else.
    if (folder === null) tasks = tasks.where('input_prefix', '=', '');
    const task = await tasks.limit(1).executeTakeFirst();
    return task !== undefined;
  }
  if (row.root !== 'output') return false;
  const result = await db
    .selectFrom('results')
    .select('task_id')
    .where('blob_id', '=', row.blob_id)
    .limit(1)
    .executeTakeFirst();
  return result !== undefined;
}

/**
 * Whether a task needs a row whose folder's keep time is over: one that renders from the folder and is not over, or any
 * that names the very path, for a path of digits may also be a user's own.
 */
async function isRenderedFrom(db: Db, row: Row, folder: string): Promise<boolean> {
  const task = await db
    .selectFrom('tasks')
    .select('id')
    .where('input_account_id', '=', row.account_id)
    .where('input_version', '>=', row.version_from)
    .where('input_version', '<', row.version_to!)
    .where('submitted_at', 'is not', null)
    .where('purged_at', 'is', null)
    .where((eb) =>
      eb.or([
        eb.and([eb('input_prefix', '=', folder), eb('status', 'not in', [...OVER_STATUSES])]),
        eb.and([
          eb('input_prefix', '=', ''),
          eb.exists(
            eb
              .selectFrom('task_inputs')
              .select('task_inputs.path')
              .where('task_inputs.path', '=', row.path)
              .where((inner) =>
                inner.or([
                  inner('task_inputs.task_id', '=', inner.ref('tasks.id')),
                  inner('task_inputs.task_id', '=', inner.ref('tasks.parent_id')),
                ]),
              ),
          ),
        ]),
      ]),
    )
    .limit(1)
    .executeTakeFirst();
  return task !== undefined;
}
