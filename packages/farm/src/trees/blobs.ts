/**
 * Which account may name which blob. Bytes that arrived from an account (or from a node that renders for it) are
 * referred to by it from then on; that another account sent the same bytes gives no right, and a hash alone none.
 */
import { type BlobId, isBlobId } from '@croft/contract';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import type { Db } from '../store/schema.ts';
import { breathingChunks } from '../util/breathe.ts';

const IDS_PER_STATEMENT = 500;

/** The ids the account does not refer to; with sizes given, also those whose size is another. */
export async function blobsNotReferred(
  db: Db,
  accountId: number,
  ids: Iterable<BlobId> | ReadonlyMap<BlobId, number>,
): Promise<Set<BlobId>> {
  const sizes = ids instanceof Map ? (ids as ReadonlyMap<BlobId, number>) : null;
  const missing = new Set<BlobId>(sizes ? sizes.keys() : (ids as Iterable<BlobId>));
  for await (const some of breathingChunks([...missing], IDS_PER_STATEMENT)) {
    const rows = await db
      .selectFrom('account_blobs')
      .innerJoin('blobs', 'blobs.id', 'account_blobs.blob_id')
      .select(['blobs.id', 'blobs.size'])
      .where('account_id', '=', accountId)
      .where('blob_id', 'in', some)
      .execute();
    for (const { id, size } of rows) {
      if (!sizes || sizes.get(id as BlobId) === size) missing.delete(id as BlobId);
    }
  }
  return missing;
}

/** Notes bytes that arrived, verified and durable, for the account. Idempotent. */
export async function blobsArrived(
  tx: FarmTx,
  accountId: number,
  blobs: readonly { id: BlobId; size: number }[],
): Promise<void> {
  for (const { id, size } of blobs) {
    if (!isBlobId(id) || !Number.isSafeInteger(size) || size < 0) {
      throw farmErrors.FARM_INVALID(`${JSON.stringify(id)} with ${size} bytes is no blob`);
    }
  }
  for await (const some of breathingChunks(blobs, IDS_PER_STATEMENT)) {
    await tx.db
      .insertInto('blobs')
      .values(some.map(({ id, size }) => ({ id, size, arrived_at: tx.now })))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await tx.db
      .insertInto('account_blobs')
      .values(some.map(({ id }) => ({ account_id: accountId, blob_id: id, arrived_at: tx.now })))
      .onConflict((conflict) =>
        conflict.columns(['account_id', 'blob_id']).doUpdateSet({ arrived_at: tx.now }),
      )
      .execute();
  }
}
