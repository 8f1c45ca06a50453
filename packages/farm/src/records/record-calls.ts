/** Calls that write records, and reads that list them. */
import type { Page } from '@croft/contract';
import type { CallParts } from '../call-parts.ts';
import { boundedPage } from '../reads/page.ts';
import type { Db } from '../store/schema.ts';
import {
  beginOperation,
  endOperations,
  type NonceProof,
  type OperationEnd,
  type OperationFacts,
} from './operations.ts';
import { noteSignIn, type SignInNote } from './sign-ins.ts';

export interface RecordCalls {
  /**
   * Records an operation that is about to be carried out and, with `proof`, remembers its nonce, in one commit. Returns the
   * record's number for `endOperations`; null when the nonce was seen before: then nothing may be carried out.
   */
  beginOperation(facts: OperationFacts, proof: NonceProof | null): Promise<number | null>;
  /** Adds the codes of answers to their records; many at once, some time later. */
  endOperations(ends: readonly OperationEnd[]): Promise<void>;
  /** Records sign-ins that are no call of their own: first uses of keys, refused signatures. */
  noteSignIns(notes: readonly SignInNote[]): Promise<void>;
}

/** Which records are asked for; both ends belong to the range. Newest first. */
export interface RecordFilter {
  page: number;
  size: number;
  from?: number | undefined;
  to?: number | undefined;
}

export interface OperationRow {
  id: number;
  at: number;
  accountId: number;
  accountName: string;
  /** 0 for a main account. */
  mainAccountId: number;
  button: string;
  taskType: string;
  taskIds: number[];
  channel: number;
  address: string;
  uri: string;
  parameters: string;
  /** Code of the answer; null while it runs, or where the farm ended before it was told. */
  outcome: number | null;
  details: string;
}

export interface SignInRow {
  id: number;
  at: number;
  accountId: number;
  accountName: string;
  way: string;
  outcome: number;
  address: string;
  userAgent: string;
  traceId: string;
}

export interface RecordReads {
  /** Operations of the account and, of a main account, of its sub-accounts. */
  operations(accountId: number, filter: RecordFilter): Promise<Page<OperationRow>>;
  /** Sign-ins of the account and, of a main account, of its sub-accounts. */
  signIns(accountId: number, filter: RecordFilter): Promise<Page<SignInRow>>;
}

export function recordCalls({ writer }: CallParts): RecordCalls {
  return {
    beginOperation: (facts, proof) => writer.run((tx) => beginOperation(tx, facts, proof)),
    endOperations: (ends) => writer.run((tx) => endOperations(tx, ends)),
    noteSignIns: (notes) =>
      writer.run(async (tx) => {
        for (const note of notes) await noteSignIn(tx, note);
      }),
  };
}

export function recordReads(db: Db): RecordReads {
  return {
    async operations(accountId, filter) {
      const { ids, ...page } = await recordsPage(db, 'operations', accountId, filter);
      if (ids.length === 0) return { ...page, items: [] };
      const rows = await db
        .selectFrom('operations')
        .selectAll()
        .where('id', 'in', ids)
        .orderBy('at', 'desc')
        .orderBy('id', 'desc')
        .execute();
      const items = rows.map((row) => ({
        id: row.id,
        at: row.at,
        accountId: row.account_id,
        accountName: row.account_name,
        mainAccountId: row.house_id === row.account_id ? 0 : row.house_id,
        button: row.button,
        taskType: row.task_type,
        taskIds: JSON.parse(row.task_ids) as number[],
        channel: row.channel,
        address: row.address,
        uri: row.uri,
        parameters: row.parameters,
        outcome: row.outcome,
        details: row.details,
      }));
      return { ...page, items };
    },
    async signIns(accountId, filter) {
      const { ids, ...page } = await recordsPage(db, 'sign_ins', accountId, filter);
      if (ids.length === 0) return { ...page, items: [] };
      const rows = await db
        .selectFrom('sign_ins')
        .selectAll()
        .where('id', 'in', ids)
        .orderBy('at', 'desc')
        .orderBy('id', 'desc')
        .execute();
      const items = rows.map((row) => ({
        id: row.id,
        at: row.at,
        accountId: row.account_id,
        accountName: row.account_name,
        way: row.way,
        outcome: row.outcome,
        address: row.address,
        userAgent: row.user_agent,
        traceId: row.trace_id,
      }));
      return { ...page, items };
    },
  };
}

/** Numbers of the records on one page: the account's own and, of a main account, its sub-accounts'. Newest first. */
async function recordsPage(
  db: Db,
  table: 'operations' | 'sign_ins',
  accountId: number,
  filter: RecordFilter,
): Promise<{ total: number; page: number; size: number; ids: number[] }> {
  const { page, size } = boundedPage(filter.page, filter.size);
  const account = await db
    .selectFrom('accounts')
    .select('main_account_id')
    .where('id', '=', accountId)
    .executeTakeFirst();
  const isMain = account?.main_account_id === 0;
  // One index answers either question, in the order of time.
  let query = db.selectFrom(table).where(isMain ? 'house_id' : 'account_id', '=', accountId);
  if (filter.from !== undefined) query = query.where('at', '>=', filter.from);
  if (filter.to !== undefined) query = query.where('at', '<=', filter.to);
  const { total } = await query
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  const rows = await query
    .select('id')
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(size)
    .offset((page - 1) * size)
    .execute();
  return { total, page, size, ids: rows.map(({ id }) => id) };
}
