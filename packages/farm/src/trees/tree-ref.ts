import type { TreeRoot } from '@croft/contract';

/** Names one tree: the `kind` root of `accountId`. */
export interface TreeRef {
  accountId: number;
  root: TreeRoot;
}
