/** What callers of the engine ask for. */
import type { BlobId, TreeEntry, TreeRoot } from '@croft/contract';
import type { DeltaRule } from './delta-rule.ts';
import type { ExistingRule } from './existing.ts';
import type { TransferProgress } from './progress.ts';
import type { TrustedBlobs } from './receive-all.ts';
import type { UploadFile } from './scan-files.ts';

/** What every transfer takes. Aborting `signal` pauses: the next call with the same wish goes on after the last part. */
export interface TransferControls {
  onProgress?: ((progress: TransferProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
  /**
   * KB (1,024 bytes) a second over all requests of this transfer, questions and lists included; absent = no limit. Files are
   * asked for as they are paid; of lists, what a connection's buffers hold comes on top once.
   */
  limitKbps?: number | undefined;
}

export interface UploadWish extends TransferControls {
  root: TreeRoot;
  files: Iterable<UploadFile> | AsyncIterable<UploadFile>;
  /** Whether inputs that resemble what their path has now are compared with it, so that only what changed travels; default `auto`. */
  delta?: DeltaRule | undefined;
  /**
   * Takes the entries of each slice of files in their order, once its bytes are at the farm; then none are kept for the result.
   * With this and `files` that make themselves as they are asked for, memory does not grow with the number of files.
   */
  onEntries?: ((entries: TreeEntry[]) => void) | undefined;
  /** Told which bytes of a slice the farm lacked, before they are sent. */
  onWanted?: ((ids: ReadonlySet<BlobId>) => void) | undefined;
}

export interface DownloadWish extends TransferControls {
  root: TreeRoot;
  /** Whose outputs, where they are not the account's own: those of a member of its team. */
  ownerId?: number | undefined;
  /** Folder or single file of the tree; absent = everything. */
  prefix?: string | undefined;
  version?: number | undefined;
  /** What to fetch, where that is known already: then nothing is listed, and `prefix` means nothing. */
  entries?: readonly TreeEntry[] | undefined;
  /** Local folder that receives the files. */
  to: string;
  /** Tree-like path below `to` for an entry; default: what follows the prefix, or the name for a single file. */
  placeOf?: ((entry: TreeEntry) => string) | undefined;
  /** What becomes of other files that lie in the places; default: they are replaced. */
  existing?: ExistingRule | undefined;
  /** Called when a file lies in its place, new or as it was. `place` is another than asked for where a rule renamed it. */
  onFile?: ((entry: TreeEntry, place: string) => void) | undefined;
}

export interface FetchInputsWish extends TransferControls {
  /** Where the node keeps blobs between tasks. */
  cacheFolder: string;
  /** Receives each input at its tree path. */
  workFolder: string;
  /** What is known of the cache; default: nothing, so that short blobs in it are hashed. */
  trusted?: TrustedBlobs | undefined;
  /** Which inputs to fetch; default: all that the attempt may read. */
  wanted?: ((entry: TreeEntry) => boolean) | undefined;
  /** Tree-like path below the work folder; default: the tree path. */
  placeOf?: ((entry: TreeEntry) => string) | undefined;
}

/** An output of a node whose bytes are at the farm, not yet in any tree. */
export type SentOutput = Pick<TreeEntry, 'path' | 'id' | 'size' | 'mtimeMs'>;
