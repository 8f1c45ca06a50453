/**
 * Replay memory of mutating calls. The door refuses timestamps outside its window, so a nonce only has to be
 * remembered for as long as a timestamp can be valid; older ones are dropped as new ones come.
 */
import { MINUTE } from '@croft/contract';
import type { FarmTx } from '../news.ts';

/** Twice the door's window of ±15 minutes: a timestamp 15 minutes ahead stays acceptable for 30. */
export const NONCE_MEMORY_MS = 2 * 15 * MINUTE + MINUTE;

/** Whether the triple is new. */
export async function rememberNonce(
  tx: FarmTx,
  accessId: string,
  timestampSeconds: number,
  nonce: string,
): Promise<boolean> {
  await tx.db
    .deleteFrom('nonces')
    .where('seen_at', '<', tx.now - NONCE_MEMORY_MS)
    .execute();
  const inserted = await tx.db
    .insertInto('nonces')
    .values({ access_id: accessId, signed_at_sec: timestampSeconds, nonce, seen_at: tx.now })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return inserted.numInsertedOrUpdatedRows === 1n;
}
