/** The record of sign-ins: who came in or was refused, how, and from where. */
import type { Caller } from '../accounts/caller.ts';
import type { FarmTx } from '../news.ts';
import { takeNumbers } from '../store/sequences.ts';
import { trimRecords } from './trim.ts';

export interface SignInNote {
  readonly caller: Caller;
  readonly way: 'password' | 'link' | 'key';
  /** Code of the answer, 200 where it let in. */
  readonly outcome: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly address: string;
  readonly userAgent: string;
  readonly traceId: string;
  /** Where given, only the first note of this name is kept. */
  readonly once?: string | undefined;
}

export async function noteSignIn(tx: FarmTx, note: SignInNote): Promise<void> {
  const { caller, once } = note;
  const id = await takeNumbers(tx.db, 'sign-in');
  await tx.db
    .insertInto('sign_ins')
    .values({
      id,
      at: note.at,
      account_id: caller.accountId,
      house_id: caller.mainAccountId || caller.accountId,
      account_name: caller.accountName,
      way: note.way,
      outcome: note.outcome,
      address: note.address.slice(0, 60),
      user_agent: note.userAgent.slice(0, 300),
      trace_id: note.traceId.slice(0, 100),
      once: once ?? null,
    })
    .onConflict((conflict) => conflict.column('once').doNothing())
    .execute();
  await trimRecords(tx, 'sign_ins', id);
}
