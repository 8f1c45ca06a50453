/** How long records are kept: a year, and the newest two hundred thousand of each kind. */
import { DAY } from '@croft/contract';
import type { FarmTx } from '../news.ts';

export const RECORDS_KEPT_MS = 365 * DAY;
export const MOST_RECORDS = 200_000;
/** Looked at once in so many records. */
const EVERY = 256;

/** `id` is the number of the record just written. Gaps in the numbers (notes that were there already) only keep fewer. */
export async function trimRecords(tx: FarmTx, table: 'operations' | 'sign_ins', id: number): Promise<void> {
  if (id % EVERY !== 0) return;
  await tx.db
    .deleteFrom(table)
    .where('id', '<=', id - MOST_RECORDS)
    .execute();
  // The oldest have the smallest numbers, so this ends at the first that is young enough.
  const young = await tx.db
    .selectFrom(table)
    .select('id')
    .where('at', '>=', tx.now - RECORDS_KEPT_MS)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  await tx.db
    .deleteFrom(table)
    .where('id', '<', young?.id ?? id)
    .execute();
}
