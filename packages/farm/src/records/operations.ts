/**
 * The record of operations: every call that may change something, written before it is carried out, in the commit that
 * also remembers its nonce. So whatever was changed has its record, also when the farm dies in between, and recording
 * costs no commit of its own. The code of the answer is added afterwards, many at once.
 */

import type { Caller } from '../accounts/caller.ts';
import { rememberNonce } from '../accounts/nonces.ts';
import type { FarmTx } from '../news.ts';
import { takeNumbers } from '../store/sequences.ts';
import { trimRecords } from './trim.ts';

/** What is recorded of a call. Texts are cut to their columns' lengths. */
export interface OperationFacts {
  readonly caller: Caller;
  /** Name of the operation: that of the endpoint, or of the page's button. */
  readonly button: string;
  readonly taskIds: readonly number[];
  /** The API's channels: 1 the web page, 4 API and SDK. */
  readonly channel: number;
  readonly address: string;
  readonly uri: string;
  /** JSON text without secrets. */
  readonly parameters: string;
}

/** What makes a signed call unique. */
export interface NonceProof {
  readonly accessId: string;
  readonly timestampSeconds: number;
  readonly nonce: string;
}

export interface OperationEnd {
  readonly id: number;
  /** Code of the answer. */
  readonly outcome: number;
  /** Tasks that the operation made. */
  readonly taskIds?: readonly number[] | undefined;
  readonly details: string;
}

const MOST_PARAMETERS = 2000;
const MOST_TASKS = 200;

/** The record's number; null for a replay, which is not recorded. `proof` null: a session, which has no nonce. */
export async function beginOperation(
  tx: FarmTx,
  facts: OperationFacts,
  proof: NonceProof | null,
): Promise<number | null> {
  if (proof !== null) {
    const isNew = await rememberNonce(tx, proof.accessId, proof.timestampSeconds, proof.nonce);
    if (!isNew) return null;
  }
  const id = await takeNumbers(tx.db, 'operation');
  await tx.db
    .insertInto('operations')
    .values({
      id,
      at: tx.now,
      account_id: facts.caller.accountId,
      house_id: facts.caller.mainAccountId || facts.caller.accountId,
      account_name: facts.caller.accountName,
      button: facts.button.slice(0, 100),
      task_type: '',
      task_ids: JSON.stringify(facts.taskIds.slice(0, MOST_TASKS)),
      channel: facts.channel,
      address: facts.address.slice(0, 60),
      uri: facts.uri.slice(0, 300),
      parameters: facts.parameters.slice(0, MOST_PARAMETERS),
      outcome: null,
      details: '',
    })
    .execute();
  await trimRecords(tx, 'operations', id);
  return id;
}

export async function endOperations(tx: FarmTx, ends: readonly OperationEnd[]): Promise<void> {
  for (const { id, outcome, taskIds, details } of ends) {
    await tx.db
      .updateTable('operations')
      .set({
        outcome,
        details: details.slice(0, 300),
        ...(taskIds === undefined ? {} : { task_ids: JSON.stringify(taskIds.slice(0, MOST_TASKS)) }),
      })
      .where('id', '=', id)
      .execute();
  }
}
