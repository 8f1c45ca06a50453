/** What an attempt may read: the files that its task's upload.json names, as they were at submit. */
import type { BlobId, TreeEntry } from '@croft/contract';
import { sql } from 'kysely';
import type { AttemptGrant } from '../farm-api.ts';
import { hashSecret } from '../secrets.ts';
import { ENDED } from '../store/ended.ts';
import type { Db } from '../store/schema.ts';
import { breathe } from '../util/breathe.ts';
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
  let after = '';
  for (;;) {
    const rows = await inputRows(db, grant)
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
  const row = await inputRows(db, grant).where('tree_entries.blob_id', '=', id).limit(1).executeTakeFirst();
  return row?.size ?? null;
}

function inputRows(db: Db, grant: AttemptGrant) {
  // Children have their parent's files; those of an isolated task lie below its folder.
  return db
    .selectFrom('tasks')
    .innerJoin('task_inputs', (join) =>
      join.on(
        sql<boolean>`task_inputs.task_id = case when tasks.parent_id = 0 then tasks.id else tasks.parent_id end`,
      ),
    )
    .innerJoin('tree_entries', (join) =>
      join
        .onRef('tree_entries.account_id', '=', 'tasks.input_account_id')
        .on(sql<boolean>`tree_entries.path = tasks.input_prefix || task_inputs.path`),
    )
    .select(['task_inputs.path', 'tree_entries.blob_id', 'tree_entries.size', 'tree_entries.mtime_ms'])
    .where('task_inputs.task_id', '=', grant.taskId)
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
