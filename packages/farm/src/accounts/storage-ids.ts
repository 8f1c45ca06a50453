/**
 * Storage ids: 18 digits that name one root of one account at the transfer door. The account's own id of each root is
 * for itself. Another account that may use a root (a colleague who downloads, a sub-account that shares the assets) gets
 * an id of that root for itself, and its rights are asked at each use; so a right that is taken back closes the id, and
 * nobody gets round a permission with a number that was meant for somebody else.
 */
import { HOUR, type TreeRoot } from '@croft/contract';
import type { FarmTx } from '../news.ts';
import { randomStorageId } from '../secrets.ts';
import type { Db } from '../store/schema.ts';
import { taskActions } from '../team/task-rights.ts';
import type { TreeRef } from '../trees/tree-ref.ts';
import { ROOTS } from './account-roots.ts';
import { accountById, inputAccountOf, isLocked } from './accounts.ts';

/** After a rotation the old id goes on working this long, for transfers that began with it. */
const REPLACED_ID_MS = 24 * HOUR;

export interface StorageIds {
  config: string;
  input: string;
  output: string;
  /** The input root that its assets go to: its own, or the main account's where it shares them. */
  parentInput: string;
  /** Of a main account: ids of its sub-accounts' output roots, for itself. */
  subOutputs: { userId: number; outputBid: string }[];
}

/** The newest id of a root for its holder; null where none was made yet. `holderId` 0 is the owner. */
async function newestId(db: Db, ownerId: number, root: TreeRoot, holderId: number): Promise<string | null> {
  const row = await db
    .selectFrom('storage_ids')
    .select('bid')
    .where('account_id', '=', ownerId)
    .where('root', '=', root)
    .where('holder_account_id', '=', holderId)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.bid ?? null;
}

/** The id of another account's root for `holderId`, made where there is none. Says nothing about rights. */
async function heldId(tx: FarmTx, ownerId: number, root: TreeRoot, holderId: number): Promise<string> {
  const known = await newestId(tx.db, ownerId, root, holderId);
  if (known !== null) return known;
  const bid = randomStorageId();
  await tx.db
    .insertInto('storage_ids')
    .values({ bid, account_id: ownerId, root, created_at: tx.now, holder_account_id: holderId })
    .execute();
  return bid;
}

/** Makes the ids of others' roots that the account may use. */
export async function giveHeldIds(tx: FarmTx, accountId: number): Promise<void> {
  for (const [ownerId, root] of await rootsOfOthers(tx.db, accountId))
    await heldId(tx, ownerId, root, accountId);
}

async function rootsOfOthers(db: Db, accountId: number): Promise<(readonly [number, TreeRoot])[]> {
  const account = await accountById(db, accountId);
  const inputOwner = inputAccountOf(account);
  if (account.main_account_id !== 0) return inputOwner === accountId ? [] : [[inputOwner, 'input'] as const];
  const subs = await subAccountIds(db, accountId);
  return subs.map((id) => [id, 'output'] as const);
}

async function subAccountIds(db: Db, mainId: number): Promise<number[]> {
  const rows = await db
    .selectFrom('accounts')
    .select('id')
    .where('main_account_id', '=', mainId)
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}

/** `isWhole` false: the account may use roots of others that it has no id of yet (`giveHeldIds`). */
export async function storageIds(db: Db, accountId: number): Promise<{ ids: StorageIds; isWhole: boolean }> {
  const account = await accountById(db, accountId);
  const own = async (root: TreeRoot) => (await newestId(db, accountId, root, 0))!;
  const input = await own('input');
  const inputOwner = inputAccountOf(account);
  const parentInput = inputOwner === accountId ? input : await newestId(db, inputOwner, 'input', accountId);
  const subs = account.main_account_id === 0 ? await subAccountIds(db, accountId) : [];
  const subOutputs: StorageIds['subOutputs'] = [];
  for (const userId of subs) {
    const outputBid = await newestId(db, userId, 'output', accountId);
    if (outputBid !== null) subOutputs.push({ userId, outputBid });
  }
  return {
    ids: {
      config: await own('config'),
      input,
      output: await own('output'),
      parentInput: parentInput ?? input,
      subOutputs,
    },
    isWhole: parentInput !== null && subOutputs.length === subs.length,
  };
}

/**
 * Ids of the owners' output roots for `viewerId`, for those from whom it may download: its own id for its own.
 * `isWhole` false: some are not made yet (`giveOutputIds`).
 */
export async function outputIds(
  db: Db,
  viewerId: number,
  ownerIds: readonly number[],
): Promise<{ ids: { ownerId: number; bid: string }[]; isWhole: boolean }> {
  const ids: { ownerId: number; bid: string }[] = [];
  const owners = await ownersToDownloadFrom(db, viewerId, ownerIds);
  for (const ownerId of owners) {
    const bid = await newestId(db, ownerId, 'output', ownerId === viewerId ? 0 : viewerId);
    if (bid !== null) ids.push({ ownerId, bid });
  }
  return { ids, isWhole: ids.length === owners.length };
}

export async function giveOutputIds(
  tx: FarmTx,
  viewerId: number,
  ownerIds: readonly number[],
): Promise<void> {
  for (const ownerId of await ownersToDownloadFrom(tx.db, viewerId, ownerIds))
    if (ownerId !== viewerId) await heldId(tx, ownerId, 'output', viewerId);
}

async function ownersToDownloadFrom(
  db: Db,
  viewerId: number,
  ownerIds: readonly number[],
): Promise<number[]> {
  const actions = await taskActions(db, viewerId, ownerIds);
  return [...actions].filter(([, allowed]) => allowed.has('download')).map(([ownerId]) => ownerId);
}

/**
 * Whose storage an id names; null for an unknown id, for one that was replaced over REPLACED_ID_MS ago, and for one that
 * its holder may not use (any more): a locked account, downloads that are off, a share or a right that was taken back.
 */
export async function storageOwner(db: Db, bid: string, now: number): Promise<TreeRef | null> {
  const row = await db.selectFrom('storage_ids').selectAll().where('bid', '=', bid).executeTakeFirst();
  const root = ROOTS.find((one) => one === row?.root);
  if (row === undefined || root === undefined) return null;
  const successor = await db
    .selectFrom('storage_ids')
    .select('created_at')
    .where('account_id', '=', row.account_id)
    .where('root', '=', row.root)
    .where('holder_account_id', '=', row.holder_account_id)
    .where('created_at', '>', row.created_at)
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirst();
  if (successor !== undefined && now - successor.created_at > REPLACED_ID_MS) return null;
  const holderId = row.holder_account_id === 0 ? row.account_id : row.holder_account_id;
  return (await mayUse(db, holderId, { accountId: row.account_id, root }, now))
    ? { accountId: row.account_id, root }
    : null;
}

async function mayUse(db: Db, holderId: number, { accountId, root }: TreeRef, now: number): Promise<boolean> {
  if (await isLocked(db, holderId, now)) return false;
  if (root === 'output')
    return (await taskActions(db, holderId, [accountId])).get(accountId)?.has('download') === true;
  if (holderId === accountId) return true;
  return root === 'input' && inputAccountOf(await accountById(db, holderId)) === accountId;
}
