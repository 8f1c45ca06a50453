/** Who uses which bytes: for the scrub, which finds bytes and must tell people what they were. */
import type { BlobId, BlobUse, TreeRoot } from '@croft/contract';
import type { Db } from '../store/schema.ts';

/** More of one blob are not told: who has the same file a thousand times knows it by the first hundred. */
const USES_MOST = 100;
const BLOBS_PER_STEP = 500;

/** Some blobs that the farm has bytes of, after `after` in the order of ids; none at the end. */
export async function knownBlobs(db: Db, after: string): Promise<{ id: BlobId; size: number }[]> {
  const rows = await db
    .selectFrom('blobs')
    .select(['id', 'size'])
    .where('id', '>', after)
    .orderBy('id')
    .limit(BLOBS_PER_STEP)
    .execute();
  return rows.map(({ id, size }) => ({ id: id as BlobId, size }));
}

export async function blobTotals(db: Db): Promise<{ blobs: number; bytes: number }> {
  const row = await db
    .selectFrom('blobs')
    .select((eb) => [eb.fn.countAll<number>().as('blobs'), eb.fn.sum<number | null>('size').as('bytes')])
    .executeTakeFirstOrThrow();
  return { blobs: Number(row.blobs), bytes: Number(row.bytes ?? 0) };
}

/**
 * Paths that show the bytes: inputs and files of tasks as they are now, and older inputs that a submitted task still renders
 * from, each with that task; and results with theirs.
 */
export async function blobUses(db: Db, id: BlobId): Promise<{ uses: BlobUse[]; hasMore: boolean }> {
  const uses: BlobUse[] = [...(await resultUses(db, id)), ...(await taskInputUses(db, id))];
  const told = new Set(uses.map(({ accountId, root, path }) => `${accountId} ${root} ${path}`));
  for (const use of await treeUses(db, id))
    if (!told.has(`${use.accountId} ${use.root} ${use.path}`)) uses.push(use);
  return { uses: uses.slice(0, USES_MOST), hasMore: uses.length > USES_MOST };
}

async function resultUses(db: Db, id: BlobId): Promise<BlobUse[]> {
  const rows = await db
    .selectFrom('results')
    .innerJoin('tasks', 'tasks.id', 'results.task_id')
    .innerJoin('accounts', 'accounts.id', 'tasks.account_id')
    .select(['tasks.account_id', 'accounts.name', 'results.path', 'results.task_id', 'tasks.output_name'])
    .where('results.blob_id', '=', id)
    .orderBy('results.task_id')
    .orderBy('results.path')
    .limit(USES_MOST + 1)
    .execute();
  return rows.map((row) => ({
    accountId: row.account_id,
    accountName: row.name,
    root: 'output',
    // Rows of results name their files from the task's folder on.
    path: `/${row.output_name ?? ''}${row.path}`,
    taskId: row.task_id,
  }));
}

async function taskInputUses(db: Db, id: BlobId): Promise<BlobUse[]> {
  const rows = await db
    .selectFrom('tree_entries')
    .innerJoin('accounts', 'accounts.id', 'tree_entries.account_id')
    .innerJoin('tasks', (join) =>
      join
        .onRef('tasks.input_account_id', '=', 'tree_entries.account_id')
        .onRef('tasks.input_version', '>=', 'tree_entries.version_from'),
    )
    .select(['tree_entries.account_id', 'accounts.name', 'tree_entries.path', 'tasks.id as task_id'])
    .where('tree_entries.blob_id', '=', id)
    .where('tree_entries.root', '=', 'input')
    .where('tasks.submitted_at', 'is not', null)
    .where('tasks.purged_at', 'is', null)
    .where((eb) =>
      eb.or([
        eb('tree_entries.version_to', 'is', null),
        eb('tree_entries.version_to', '>', eb.ref('tasks.input_version')),
      ]),
    )
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('task_inputs')
          .select('task_inputs.path')
          .where((inner) =>
            inner.or([
              inner('task_inputs.task_id', '=', inner.ref('tasks.id')),
              inner('task_inputs.task_id', '=', inner.ref('tasks.parent_id')),
            ]),
          )
          .where((inner) =>
            inner(
              inner.ref('tree_entries.path'),
              '=',
              inner(inner.ref('tasks.input_prefix'), '||', inner.ref('task_inputs.path')),
            ),
          ),
      ),
    )
    .orderBy('tasks.id')
    .orderBy('tree_entries.path')
    .limit(USES_MOST + 1)
    .execute();
  return rows.map((row) => ({
    accountId: row.account_id,
    accountName: row.name,
    root: 'input',
    path: row.path,
    taskId: row.task_id,
  }));
}

async function treeUses(db: Db, id: BlobId): Promise<BlobUse[]> {
  const rows = await db
    .selectFrom('tree_entries')
    .innerJoin('accounts', 'accounts.id', 'tree_entries.account_id')
    .select(['tree_entries.account_id', 'accounts.name', 'tree_entries.root', 'tree_entries.path'])
    .where('tree_entries.blob_id', '=', id)
    .where('tree_entries.version_to', 'is', null)
    .orderBy('tree_entries.account_id')
    .orderBy('tree_entries.path')
    .limit(USES_MOST + 1)
    .execute();
  return rows.map((row) => ({
    accountId: row.account_id,
    accountName: row.name,
    root: row.root as TreeRoot,
    path: row.path,
    taskId: null,
  }));
}
