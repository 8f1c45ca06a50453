/** Looking at stored files: folders with their sums, and for a scrub every blob and who uses it. */
import type { BlobId, BlobUse } from '@croft/contract';
import type { Db } from '../store/schema.ts';
import { blobTotals, blobUses, knownBlobs } from './blob-uses.ts';
import { type FolderPage, type FolderSums, folderPage, sumsAt } from './list-folder.ts';
import type { TreeRef } from './tree-ref.ts';

export interface FileReads {
  /** Rows of one folder of the newest version, from `after` (a `next`; '' from the beginning), with the sums of folders. */
  folderPage(tree: TreeRef, folder: string, wish: { after: string; limit: number }): Promise<FolderPage>;
  /** Sums of the file at the path and of everything below it. */
  sumsAt(tree: TreeRef, path: string): Promise<FolderSums>;
  /** Some blobs in the order of ids, after one of them ('' from the beginning); none at the end. */
  knownBlobs(after: string): Promise<{ id: BlobId; size: number }[]>;
  blobTotals(): Promise<{ blobs: number; bytes: number }>;
  /** Which paths of which accounts, and which tasks, need the bytes; at most 100. */
  blobUses(id: BlobId): Promise<{ uses: BlobUse[]; hasMore: boolean }>;
}

export function fileReads(db: Db): FileReads {
  return {
    folderPage: (tree, folder, wish) => folderPage(db, tree, folder, wish),
    sumsAt: (tree, path) => sumsAt(db, tree, path),
    knownBlobs: (after) => knownBlobs(db, after),
    blobTotals: () => blobTotals(db),
    blobUses: (id) => blobUses(db, id),
  };
}
