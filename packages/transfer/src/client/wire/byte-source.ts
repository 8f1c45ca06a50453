/** Where bytes come from: a file of a tree, or a blob for a node; and how the door is asked for them. */
import type { BlobId, TreeRoot } from '@croft/contract';
import { transferErrors } from '../../errors.ts';
import { queryOf } from './door-bodies.ts';

/** `viaFarm`: not straight from its store. */
export type ByteSource = (
  | {
      kind: 'file';
      root: TreeRoot;
      path: string;
      version: number | undefined;
      id: BlobId;
      /** Whose tree, where it is not the asking account's: outputs of a member of its team. */
      ownerId?: number | undefined;
    }
  | { kind: 'blob'; id: BlobId }
) & { viaFarm?: boolean };

/** What to GET for the bytes of one. */
export function targetOf(source: ByteSource): string {
  if (source.kind === 'blob') return `/blobs/${source.id}`;
  const { root, path, version, ownerId } = source;
  return `/trees/${root}/file${queryOf({ path, version, account: ownerId })}`;
}

/** What to POST the lines of `packLineOf` to, for many of one tree or many inputs. */
export function packTargetOf(source: ByteSource): string {
  if (source.kind === 'blob') return '/attempts/inputs/pack';
  return `/trees/${source.root}/pack${queryOf({ version: source.version, account: source.ownerId })}`;
}

export function packLineOf(source: ByteSource): string {
  return source.kind === 'blob' ? source.id : source.path;
}

/** TRANSFER_SOURCE_CHANGED where the farm names another blob than the source does. */
export function checkSent(source: ByteSource, sentId: string | null): void {
  if (sentId !== null && sentId !== source.id)
    throw transferErrors.TRANSFER_SOURCE_CHANGED(`${packLineOf(source)} was replaced on the farm meanwhile`);
}
