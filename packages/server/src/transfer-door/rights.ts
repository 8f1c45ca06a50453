/** Who may do what at this door: the table of `wire-transfer.ts`, in one place. */
import type { TreeRoot } from '@croft/contract';
import type { AttemptGrant } from '@croft/farm';
import { transferErrors } from '@croft/transfer';
import type { TransferCalls, TransferPrincipal } from './ports.ts';

const RIGHTS: Record<TreeRoot, { write: boolean; read: boolean }> = {
  config: { write: true, read: false },
  input: { write: true, read: true },
  output: { write: false, read: true },
};

/** The account whose bytes a request adds: its own, or that of the attempt's task. TRANSFER_NOT_ALLOWED. */
export function accountOf(principal: TransferPrincipal): number {
  if (principal.kind === 'attempt') return principal.grant.accountId;
  if (principal.storage !== undefined) checkRight(principal.storage, 'write');
  return principal.caller.accountId;
}

/**
 * The account whose tree is read or written; nodes have no trees. The input root of an account that shares its main
 * account's assets is the main account's. `ownerId` names a colleague whose outputs are asked for: the farm knows whether
 * the caller may download them, its own included. TRANSFER_NOT_ALLOWED.
 */
export async function treeAccount(
  calls: Pick<TransferCalls, 'outputIds'>,
  principal: TransferPrincipal,
  root: TreeRoot,
  right: 'read' | 'write',
  ownerId?: number,
): Promise<number> {
  if (principal.kind !== 'account')
    throw transferErrors.TRANSFER_NOT_ALLOWED('a node reads only the inputs of its attempt');
  if (principal.storage !== undefined && principal.storage !== root)
    throw transferErrors.TRANSFER_NOT_ALLOWED(`this storage id is not that of the ${root} storage`);
  checkRight(root, right);
  const { accountId, inputAccountId } = principal.caller;
  if (root !== 'output') {
    if (ownerId !== undefined) throw transferErrors.TRANSFER_NOT_ALLOWED('only outputs are shared in a team');
    return root === 'input' ? inputAccountId : accountId;
  }
  const wanted = ownerId ?? accountId;
  // The pair of a storage id was asked about when it came in: its holder may be another account than the one it names.
  if (principal.storage === undefined || wanted !== accountId) {
    const [allowed] = await calls.outputIds(accountId, [wanted]);
    if (allowed === undefined)
      throw transferErrors.TRANSFER_NOT_ALLOWED('this account may not download these results');
  }
  return wanted;
}

/** The root that a storage capability opens. TRANSFER_NOT_FOUND for whoever asks by other means. */
export function storageOf(principal: TransferPrincipal): TreeRoot {
  const storage = principal.kind === 'account' ? principal.storage : undefined;
  if (storage === undefined) throw transferErrors.TRANSFER_NOT_FOUND('the request names no storage id');
  return storage;
}

function checkRight(root: TreeRoot, right: 'read' | 'write'): void {
  if (RIGHTS[root][right]) return;
  throw transferErrors.TRANSFER_NOT_ALLOWED(
    `the ${root} storage cannot be ${right === 'read' ? 'read' : 'written'} here`,
  );
}

/** The attempt of a node; accounts have none. TRANSFER_NOT_ALLOWED. */
export function grantOf(principal: TransferPrincipal): AttemptGrant {
  if (principal.kind !== 'attempt')
    throw transferErrors.TRANSFER_NOT_ALLOWED('only a node with a live attempt may ask this');
  return principal.grant;
}

/** Keeps the unfinished uploads of accounts apart, so that nobody completes a blob with the parts of another. */
export function uploadOwner(principal: TransferPrincipal): string {
  return `account-${accountOf(principal)}`;
}
