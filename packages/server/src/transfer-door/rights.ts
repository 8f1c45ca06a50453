/** Who may do what at this door: the table of `wire-transfer.ts`, in one place. */
import type { TreeRoot } from '@croft/contract';
import type { AttemptGrant } from '@croft/farm';
import { transferErrors } from '@croft/transfer';
import type { TransferPrincipal } from './ports.ts';

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

/** The account whose tree is read or written; nodes have no trees. TRANSFER_NOT_ALLOWED. */
export function treeAccount(principal: TransferPrincipal, root: TreeRoot, right: 'read' | 'write'): number {
  if (principal.kind !== 'account')
    throw transferErrors.TRANSFER_NOT_ALLOWED('a node reads only the inputs of its attempt');
  if (principal.storage !== undefined && principal.storage !== root)
    throw transferErrors.TRANSFER_NOT_ALLOWED(`this storage id is not that of the ${root} storage`);
  checkRight(root, right);
  return principal.caller.accountId;
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
