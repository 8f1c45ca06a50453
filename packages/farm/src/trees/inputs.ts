/** What an attempt may read: the files that its task's upload.json names, as they were at submit. */
import type { BlobId, TreeEntry } from '@croft/contract';
import { sql } from 'kysely';
import type { AttemptGrant } from '../nodes/attempt-grant.ts';
import { hashSecret } from '../secrets.ts';
import { ENDED } from '../store/ended.ts';
import type { Db } from '../store/schema.ts';
import { breathe, breathingChunks } from '../util/breathe.ts';
import { entryOf } from './trees.ts';

const ROWS_PER_PAGE = 1000;

/** The rights of the token of a live attempt; null for any other. */
export async function attemptGrant(db: Db, token: string): Promise<AttemptGrant | null> {
  const row = await db
    .selectFrom('attempts')
    .innerJoin('tasks', 'tasks.id', 'attempts.task_id')
    .select(['attempts.id as attemptId', 'attempts.node_id as nodeId', 'tasks.id as taskId'])
    .select([
      'tasks.account_id as accountId',
      'tasks.input_version as inputVersion',
      'tasks.input_account_id as inputAccountId',
    ])
    .where('token_hash', '=', hashSecret(token))
    .where('attempts.state', '<>', ENDED)
    .executeTakeFirst();
  return row ?? null;
}

/** The inputs of the attempt's task, ordered by path. Paths that were never uploaded are left out. */
export async function* attemptInputs(db: Db, grant: AttemptGrant): AsyncGenerator<TreeEntry> {
  const place = await placeOf(db, grant);
  let after = '';
  for (;;) {
    const rows = await inputRows(db, grant, place)
      .where('task_inputs.path', '>', after)
      .orderBy('task_inputs.path')
      .limit(ROWS_PER_PAGE)
      .execute();
    for (const row of rows) yield entryOf(row);
    if (rows.length < ROWS_PER_PAGE) return;
    await breathe();
    after = rows.at(-1)!.path;
  }
}

/** Size of the blob if one of the inputs is it, else null. */
export async function inputBlobSize(db: Db, grant: AttemptGrant, id: BlobId): Promise<number | null> {
  const row = await inputRows(db, grant, await placeOf(db, grant))
    .where('tree_entries.blob_id', '=', id)
    .limit(1)
    .executeTakeFirst();
  return row?.size ?? null;
}

/** Sizes of those of the blobs that are inputs. */
export async function inputBlobSizes(
  db: Db,
  grant: AttemptGrant,
  ids: readonly BlobId[],
): Promise<Map<BlobId, number>> {
  const place = await placeOf(db, grant);
  const sizes = new Map<BlobId, number>();
  for await (const some of breathingChunks([...new Set(ids)], ROWS_PER_PAGE / 2)) {
    const rows = await inputRows(db, grant, place).where('tree_entries.blob_id', 'in', some).execute();
    for (const { blob_id, size } of rows) sizes.set(blob_id as BlobId, size);
  }
  return sizes;
}

/** Whose upload.json names the files (children have their parent's), and below which folder of the tree they lie. */
interface InputPlace {
  readonly namedBy: number;
  /** '' or the folder of an isolated task. */
  readonly prefix: string;
}

async function placeOf(db: Db, { taskId }: AttemptGrant): Promise<InputPlace> {
  const row = await db
    .selectFrom('tasks')
    .select(['parent_id', 'input_prefix'])
    .where('id', '=', taskId)
    .executeTakeFirst();
  return { namedBy: row?.parent_id || taskId, prefix: row?.input_prefix ?? '' };
}

function inputRows(db: Db, grant: AttemptGrant, { namedBy, prefix }: InputPlace) {
  return db
    .selectFrom('task_inputs')
    .innerJoin('tree_entries', (join) =>
      prefix === ''
        ? join.onRef('tree_entries.path', '=', 'task_inputs.path')
        : // The same said from both sides, so that either table's index can find the other's row.
          join
            .on(sql<boolean>`tree_entries.path = ${prefix} || task_inputs.path`)
            .on(sql<boolean>`task_inputs.path = substr(tree_entries.path, ${prefix.length + 1})`),
    )
    .select(['task_inputs.path', 'tree_entries.blob_id', 'tree_entries.size', 'tree_entries.mtime_ms'])
    .where('task_inputs.task_id', '=', namedBy)
    .where('tree_entries.account_id', '=', grant.inputAccountId)
    .where('tree_entries.root', '=', 'input')
    .where((eb) =>
      eb.and([
        eb('tree_entries.version_from', '<=', grant.inputVersion),
        eb.or([
          eb('tree_entries.version_to', 'is', null),
          eb('tree_entries.version_to', '>', grant.inputVersion),
        ]),
      ]),
    );
}
