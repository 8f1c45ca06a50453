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

/** The account whose bytes a request adds: its own, or that of the attempt's task. */
export function accountOf(principal: TransferPrincipal): number {
  return principal.kind === 'account' ? principal.caller.accountId : principal.grant.accountId;
}

/** The account whose tree is read or written; nodes have no trees. TRANSFER_NOT_ALLOWED. */
export function treeAccount(principal: TransferPrincipal, root: TreeRoot, right: 'read' | 'write'): number {
  if (principal.kind !== 'account')
    throw transferErrors.TRANSFER_NOT_ALLOWED('a node reads only the inputs of its attempt');
  if (!RIGHTS[root][right]) {
    throw transferErrors.TRANSFER_NOT_ALLOWED(
      `the ${root} storage cannot be ${right === 'read' ? 'read' : 'written'} here`,
    );
  }
  return principal.caller.accountId;
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
