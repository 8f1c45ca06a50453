/** Enrolment: a short-lived code lets a machine register its public key once; from then on the key proves it. */
import { randomBytes } from 'node:crypto';
import { accountById } from '../accounts/accounts.ts';
import { createCode, useCode } from '../accounts/codes.ts';
import { farmErrors } from '../errors.ts';
import type { FarmTx } from '../news.ts';
import type { Db } from '../store/schema.ts';

const ED25519_KEY_BYTES = 32;
const LONGEST_NAME = 200;

/** For administrators only (FARM_NOT_ALLOWED): a node reads inputs of every account whose tasks it renders. */
export async function createNodeCode(
  tx: FarmTx,
  accountId: number,
): Promise<{ code: string; expiresAt: number }> {
  if ((await accountById(tx.db, accountId)).role !== 'admin')
    throw farmErrors.FARM_NOT_ALLOWED('only administrators let nodes into the farm');
  return createCode(tx, accountId, 'node');
}

export async function enrolNode(
  tx: FarmTx,
  code: string,
  name: string,
  publicKey: string,
): Promise<{ nodeId: string }> {
  if (Buffer.from(publicKey, 'base64').length !== ED25519_KEY_BYTES) {
    throw farmErrors.FARM_INVALID('the public key of a node must be 32 bytes of Ed25519 in base64');
  }
  if (name === '' || name.length > LONGEST_NAME) {
    throw farmErrors.FARM_INVALID(`a node needs a name of 1 to ${LONGEST_NAME} letters`);
  }
  await useCode(tx, code, 'node');
  // The same key is the same node: one that has lost its papers, or whose farm has moved, is no second one in the lists.
  const known = await tx.db
    .updateTable('nodes')
    .set({ name })
    .where('public_key', '=', publicKey)
    .where('removed_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  if (known) return { nodeId: known.id };
  const nodeId = `n${randomBytes(8).toString('hex')}`;
  await tx.db
    .insertInto('nodes')
    .values({
      id: nodeId,
      name,
      public_key: publicKey,
      enrolled_at: tx.now,
      removed_at: null,
      facts: null,
      online: 0,
      draining: 0,
      seen_at: tx.now,
      lost_at: null,
      disk_free_bytes: 0,
      resting_until: 0,
      rests: 0,
    })
    .execute();
  tx.tell({ kind: 'log', fields: { node: nodeId, name }, message: 'node enrolled' });
  return { nodeId };
}

export async function nodePublicKey(db: Db, nodeId: string): Promise<string | null> {
  const row = await db
    .selectFrom('nodes')
    .select('public_key')
    .where('id', '=', nodeId)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  return row?.public_key ?? null;
}
