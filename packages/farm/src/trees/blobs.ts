/**
 * Which account may name which blob. Bytes that arrived from an account (or from a node that renders for it) are
 * referred to by it from then on; that another account sent the same bytes gives no right, and a hash alone none.
 */
import { type BlobId, isBlobId } from '@croft/contract';
import type { CallParts } from '../call-parts.ts';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import type { Db } from '../store/schema.ts';
import { breathe, breathingChunks } from '../util/breathe.ts';
import { chunked } from '../util/chunked.ts';
import { UNUSED_LIFE_MS } from './collect.ts';

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

/** An account with more blobs is not looked through: there is no index by size. */
const BLOBS_LOOKED_THROUGH = 50_000;
const BLOBS_A_LOOK = 5_000;

/**
 * Those of the sizes that a blob has which the account refers to; all of them where it refers to over 50,000 blobs. What
 * other accounts refer to is not looked at.
 */
export async function sizesReferred(
  db: Db,
  accountId: number,
  sizes: ReadonlySet<number>,
): Promise<Set<number>> {
  const found = new Set<number>();
  let after = '';
  for (let looked = 0; looked < BLOBS_LOOKED_THROUGH; looked += BLOBS_A_LOOK) {
    if (looked > 0) await breathe();
    const rows = await db
      .selectFrom('account_blobs')
      .innerJoin('blobs', 'blobs.id', 'account_blobs.blob_id')
      .select(['account_blobs.blob_id', 'blobs.size'])
      .where('account_id', '=', accountId)
      .where('account_blobs.blob_id', '>', after)
      .orderBy('account_blobs.blob_id')
      .limit(BLOBS_A_LOOK)
      .execute();
    for (const { size } of rows) if (sizes.has(size)) found.add(size);
    if (rows.length < BLOBS_A_LOOK || found.size === sizes.size) return found;
    after = rows.at(-1)!.blob_id;
  }
  return new Set(sizes);
}

/** Bytes that the account refers to for less than this again are noted anew when it asks for them. */
const NOTED_ANEW_BEFORE_END_MS = UNUSED_LIFE_MS / 2;

/**
 * What the account is to send of what it offers. What it need not send stays at least as long as bytes that arrived
 * now: the commit that follows must find it.
 */
export async function blobsWanted(
  parts: Pick<CallParts, 'db' | 'writer' | 'clock'>,
  accountId: number,
  ids: readonly BlobId[],
): Promise<Set<BlobId>> {
  const { db, writer, clock } = parts;
  const wanted = await blobsNotReferred(db, accountId, ids);
  const before = clock.now() - NOTED_ANEW_BEFORE_END_MS;
  const old: BlobId[] = [];
  for await (const some of breathingChunks(
    ids.filter((id) => !wanted.has(id)),
    IDS_PER_STATEMENT,
  )) {
    const rows = await db
      .selectFrom('account_blobs')
      .select('blob_id')
      .where('account_id', '=', accountId)
      .where('blob_id', 'in', some)
      .where('arrived_at', '<', before)
      .execute();
    for (const { blob_id } of rows) old.push(blob_id as BlobId);
  }
  for (const some of chunked(old, IDS_PER_STATEMENT)) {
    const kept = await writer.run((tx) =>
      tx.db
        .updateTable('account_blobs')
        .set({ arrived_at: tx.now })
        .where('account_id', '=', accountId)
        .where('blob_id', 'in', some)
        .returning('blob_id')
        .execute(),
    );
    const left = new Set(kept.map(({ blob_id }) => blob_id));
    // Collected since it was looked up.
    for (const id of some) if (!left.has(id)) wanted.add(id);
  }
  return wanted;
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
