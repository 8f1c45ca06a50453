import type { Caller, FarmCalls } from '@croft/farm';

/**
 * The storage id under which the caller fetches each owner's results: the SDK's downloads use `bid` and `userId` of a
 * task. '' for an owner whose results the caller may not download; the SDK then looks into the caller's own storage,
 * where they are not.
 */
export async function outputBids(
  calls: FarmCalls,
  caller: Caller,
  tasks: readonly { accountId: number }[],
): Promise<(task: { accountId: number }) => string> {
  const ownerIds = [...new Set(tasks.map(({ accountId }) => accountId))];
  const ids = ownerIds.length === 0 ? [] : await calls.outputIds(caller.accountId, ownerIds);
  const byOwner = new Map(ids.map(({ ownerId, bid }) => [ownerId, bid]));
  return ({ accountId }) => byOwner.get(accountId) ?? '';
}
