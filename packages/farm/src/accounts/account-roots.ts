/** The three roots that every account has from its beginning, with an id and an empty tree each. */
import type { TreeRoot } from '@croft/contract';
import type { FarmTx } from '../news.ts';
import { randomStorageId } from '../secrets.ts';

export const ROOTS: readonly TreeRoot[] = ['config', 'input', 'output'];

export async function createRoots(tx: FarmTx, accountId: number): Promise<void> {
  await tx.db
    .insertInto('storage_ids')
    .values(
      ROOTS.map((root) => ({ bid: randomStorageId(), account_id: accountId, root, created_at: tx.now })),
    )
    .execute();
  await tx.db
    .insertInto('trees')
    .values(ROOTS.map((root) => ({ account_id: accountId, root, version: 0 })))
    .execute();
}
