/**
 * What a frame cost so far, by who paid: a row for each frame and payer where it ever cost something or was free by a
 * package. Two payers of one frame are rare: it was rendered again after its account began to share a balance.
 */
import type { FarmTx } from '../news.ts';
import type { FrameMoneyTable, MoneyShares } from '../store/tables/money.ts';
import { addToTask, SHARES } from './ledger.ts';

export const FEE_TYPE = { metered: 0, machinePackage: 1, projectPackage: 2 } as const;

export interface ChargedFrame {
  readonly id: number;
  readonly taskId: number;
  readonly accountId: number;
}

/** Price and kind of fee of the last charge. */
export type LastCharge = Pick<FrameMoneyTable, 'price' | 'fee_type' | 'charged_at'>;

/** Adds to the frame's and its task's shares. */
export async function addToFrame(
  tx: FarmTx,
  frame: ChargedFrame,
  payerId: number,
  last: LastCharge,
  shares: MoneyShares,
): Promise<void> {
  const { price, fee_type, charged_at } = last;
  await tx.db
    .insertInto('frame_money')
    .values({
      frame_id: frame.id,
      payer_id: payerId,
      task_id: frame.taskId,
      price,
      fee_type,
      charged_at,
      ...shares,
    })
    .onConflict((conflict) =>
      conflict.columns(['frame_id', 'payer_id']).doUpdateSet((eb) => ({
        price,
        fee_type,
        charged_at,
        ...Object.fromEntries(
          SHARES.map((share) => [share, eb(`frame_money.${share}`, '+', eb.ref(`excluded.${share}`))]),
        ),
      })),
    )
    .execute();
  await addToTask(tx.db, { id: frame.taskId, accountId: frame.accountId }, shares);
}
