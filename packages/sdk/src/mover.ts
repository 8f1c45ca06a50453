/**
 * Moving bytes, as the flow of a task needs it. The transfer room implements it (`transfer-mover.ts`); tests pass a
 * folder on disk.
 */
import type { BlobId, TreeEntry, TreeRoot } from '@croft/contract';
import type { ExistingRule } from '@croft/transfer';

export interface Mover {
  /**
   * Makes each `path` of the root name the bytes of its `local` file, all at once when the last byte has arrived; more than
   * MAX_COMMIT_LINES paths in several commits, one right after the other. Only bytes that the farm lacks travel. Safe to repeat after any failure: it
   * goes on where it stopped.
   */
  upload(root: TreeRoot, files: readonly OutgoingFile[], options: MoveOptions): Promise<MoveTotals>;
  /**
   * Brings files of the output root below `folder`. Each appears only whole and verified; bytes of long ones that arrived
   * before a failure are kept beside it and used the next time. One that is there with the same bytes is left alone, what
   * becomes of one with other bytes is `existing`'s to say. TRANSFER_SOURCE_CHANGED where a path has other bytes by now than `id`.
   */
  download(
    folder: string,
    files: readonly IncomingFile[],
    options: MoveOptions & {
      /** `place` is another than the file's own where a rule renamed it. */
      readonly onFile?: (file: IncomingFile, place: string) => void;
      /** What becomes of other files that lie in the places; default: they are replaced. */
      readonly existing?: ExistingRule;
      /** Whose output root; without it, the user's own. */
      readonly ownerId?: number;
    },
  ): Promise<MoveTotals>;
}

/** A mover that also tells what is there. */
export interface ListingMover extends Mover {
  /** What lies at and below a path of a storage of the user's. */
  list(root: TreeRoot, prefix: string, signal?: AbortSignal): Promise<TreeEntry[]>;
}

export interface OutgoingFile {
  /** Absolute path on this machine. */
  readonly local: string;
  /** Tree path. */
  readonly path: string;
}

export interface IncomingFile {
  /** Tree path below the output root. */
  readonly path: string;
  readonly id: BlobId;
  readonly size: number;
  /** Modification time that the local file gets, ms since 1970. */
  readonly mtimeMs: number;
  /** Where it goes: a tree-like path below the folder. */
  readonly place: string;
}

export interface MoveOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: MoveProgress) => void;
}

export interface MoveProgress {
  readonly filesDone: number;
  readonly filesTotal: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

export interface MoveTotals {
  readonly files: number;
  readonly bytes: number;
}
