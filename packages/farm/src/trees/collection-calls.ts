/** The farm's part of taking away what nobody needs: files by their owner, old versions, unused bytes. */
import type { BlobId } from '@croft/contract';
import type { CallParts } from '../call-parts.ts';
import { forgetBlobs, unknownBlobs, unusedBlobs } from './collect.ts';
import { type PrunePlace, pruneTrees } from './prune.ts';
import type { TreeRef } from './tree-ref.ts';
import { removePaths } from './trees.ts';

export interface CollectionCalls {
  /** Takes paths, and all below them, out of the newest version of a tree; answers how many files went. */
  removePaths(tree: TreeRef, paths: string[]): Promise<{ removed: number }>;
  /** One step of the sweep over old versions, from the beginning with null; `next` null at its end. */
  pruneTrees(after: PrunePlace | null): Promise<{ dropped: number; next: PrunePlace | null }>;
  /** One step of the sweep over blobs, from the beginning with ''; `next` null at its end. */
  unusedBlobs(after: string): Promise<{ ids: BlobId[]; next: string | null }>;
  /** Forgets those that are still unused and answers which: their bytes are to be deleted by the caller. */
  forgetBlobs(ids: BlobId[]): Promise<BlobId[]>;
  /** Those of the ids that the farm does not know: left by a crash between storing bytes and noting them. */
  unknownBlobs(ids: BlobId[]): Promise<BlobId[]>;
}

export function collectionCalls({ db, writer, clock }: CallParts): CollectionCalls {
  return {
    removePaths: async (tree, paths) => ({
      removed: await writer.run((tx) => removePaths(tx, tree, paths)),
    }),
    pruneTrees: (after) => writer.run((tx) => pruneTrees(tx, after)),
    unusedBlobs: (after) => unusedBlobs(db, after, clock.now()),
    forgetBlobs: (ids) => writer.run((tx) => forgetBlobs(tx, ids)),
    unknownBlobs: (ids) => unknownBlobs(db, ids),
  };
}
