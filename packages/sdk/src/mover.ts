/**
 * Moving bytes, as the flow of a task needs it. The transfer room implements it (`transfer-mover.ts`); tests pass a
 * folder on disk.
 */
import type { TreeRoot } from '@croft/contract';

export interface Mover {
  /**
   * Makes each `path` of the root name the bytes of its `local` file, all at once when the last byte has arrived. Only
   * bytes that the farm lacks travel. Safe to repeat after any failure: it goes on where it stopped.
   */
  upload(root: TreeRoot, files: readonly OutgoingFile[], options: MoveOptions): Promise<MoveTotals>;
  /**
   * Brings one file of the output root. `local` appears only whole and verified; bytes that arrived before a failure
   * are kept beside it and used the next time. A file that is already there with the same bytes is left alone.
   */
  download(file: IncomingFile, options: MoveOptions): Promise<MoveTotals>;
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
  readonly id: string;
  readonly size: number;
  /** Absolute path on this machine. */
  readonly local: string;
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
