/**
 * Which bytes nobody refers to any more. A blob may go when no row of a tree and no result names it, and every account
 * that sent it did so over UNUSED_LIFE_MS ago: bytes arrive before the commit that puts them into a tree, and a long
 * upload may take days in between.
 *
 * The farm only forgets; whoever holds the BlobStore deletes, and keeps senders of the same bytes waiting meanwhile
 * (`CollectableStore` of @croft/transfer). A crash in between leaves bytes without a row; they are found by listing the
 * store and asking `unknownBlobs`.
 */
import { type BlobId, DAY } from '@croft/contract';
import type { FarmTx } from '../news.ts';
import type { Db } from '../store/schema.ts';
import { chunked } from '../util/chunked.ts';

/** As long as an unfinished upload is kept: what arrived is not taken from a sender who may still go on. */
export const UNUSED_LIFE_MS = 7 * DAY;
const IDS_PER_STEP = 500;

/** Some blobs after `after` (in the order of ids) that may go; `next` null at the end. */
export async function unusedBlobs(
  db: Db,
  after: string,
  now: number,
): Promise<{ ids: BlobId[]; next: string | null }> {
  const rows = await db
    .selectFrom('blobs')
    .select('id')
    .where('id', '>', after)
    .orderBy('id')
    .limit(IDS_PER_STEP)
    .execute();
  const ids = rows.map(({ id }) => id as BlobId);
  return { ids: await unusedAmong(db, ids, now), next: rows.length < IDS_PER_STEP ? null : ids.at(-1)! };
}

/** Forgets those of the ids that may still go, and returns them: their bytes are to be deleted now. */
export async function forgetBlobs(tx: FarmTx, ids: readonly BlobId[]): Promise<BlobId[]> {
  const unused = await unusedAmong(tx.db, ids, tx.now);
  for (const some of chunked(unused, IDS_PER_STEP)) {
    await tx.db.deleteFrom('account_blobs').where('blob_id', 'in', some).execute();
    await tx.db.deleteFrom('blobs').where('id', 'in', some).execute();
  }
  return unused;
}

/** Those of the ids that the farm has no row for. */
export async function unknownBlobs(db: Db, ids: readonly BlobId[]): Promise<BlobId[]> {
  const unknown = new Set(ids);
  for (const some of chunked([...ids], IDS_PER_STEP)) {
    const rows = await db.selectFrom('blobs').select('id').where('id', 'in', some).execute();
    for (const { id } of rows) unknown.delete(id as BlobId);
  }
  return [...unknown];
}

async function unusedAmong(db: Db, ids: readonly BlobId[], now: number): Promise<BlobId[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('blobs')
    .select('id')
    .where('id', 'in', [...ids])
    .where('arrived_at', '<=', now - UNUSED_LIFE_MS)
    .where((eb) =>
      eb.and([
        eb.not(
          eb.exists(eb.selectFrom('tree_entries').select('blob_id').whereRef('blob_id', '=', 'blobs.id')),
        ),
        eb.not(eb.exists(eb.selectFrom('results').select('blob_id').whereRef('blob_id', '=', 'blobs.id'))),
        eb.not(
          eb.exists(
            eb
              .selectFrom('account_blobs')
              .select('blob_id')
              .whereRef('blob_id', '=', 'blobs.id')
              .where('account_blobs.arrived_at', '>', now - UNUSED_LIFE_MS),
          ),
        ),
      ]),
    )
    .execute();
  return rows.map(({ id }) => id as BlobId);
}
