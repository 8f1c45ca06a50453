/** Paying what is owed, oldest frame first, once there is something to pay with. */
import { sql } from 'kysely';
import type { FarmTx } from '../news.ts';
import { drawPaid } from './draw.ts';
import { addToFrame } from './frame-sums.ts';
import { arrearsOf, payerOf } from './funds.ts';
import { consumed, move, pot } from './ledger.ts';

/** Frames are looked at this many at a time; few are ever owed, since tasks stop at the first one. */
const FRAMES_PER_STEP = 100;

/** Pays frames that `payerId` owes, as far as the money goes. */
export async function settleArrears(tx: FarmTx, payerId: number): Promise<void> {
  while ((await arrearsOf(tx.db, payerId)) > 0) {
    const frames = await tx.db
      .selectFrom('frame_money')
      .innerJoin('tasks', 'tasks.id', 'frame_money.task_id')
      .selectAll('frame_money')
      .select('tasks.account_id')
      .where('frame_money.payer_id', '=', payerId)
      // Written out, not bound: the index holds only such rows.
      .where(sql<boolean>`frame_money.arrears > 0`)
      .orderBy('frame_money.frame_id')
      .limit(FRAMES_PER_STEP)
      .execute();
    if (frames.length === 0) throw new Error(`account ${payerId} owes for frames that nobody knows`);
    for (const row of frames) {
      const payer = { ...(await payerOf(tx.db, row.account_id)), payerId };
      const { entries, shares } = await drawPaid(tx.db, payer, row.arrears, tx.now);
      const paid = consumed(shares);
      if (paid > 0) {
        const frame = { id: row.frame_id, taskId: row.task_id, accountId: row.account_id };
        await move(tx, { kind: 'settle', accountId: payerId, frame }, [
          ...entries,
          { pot: pot(payerId, 'arrears'), amount: paid },
        ]);
        await addToFrame(tx, frame, payerId, row, { ...shares, arrears: -paid });
      }
      if (paid < row.arrears) return;
    }
  }
}
