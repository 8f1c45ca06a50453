/** What callers of the engine ask for. */
import type { BlobId, TreeEntry, TreeRoot } from '@croft/contract';
import type { TransferProgress } from './progress.ts';
import type { ExistingRule } from './receive/existing.ts';
import type { TrustedBlobs } from './receive/receive-all.ts';
import type { DeltaRule } from './send/delta-rule.ts';
import type { UploadFile } from './send/upload-file.ts';

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
  /** What becomes of other files that lie in the places, which may depend on how many files there are; default: they are replaced. */
  existing?: ExistingRule | ((files: number) => ExistingRule) | undefined;
  /** Whether what lies at the place of an entry will do, unread: then nothing is done for it, and `onFile` is not told. */
  isLeftAlone?: ((entry: TreeEntry, place: string) => boolean | Promise<boolean>) | undefined;
  /** Called when a file that is not left alone is taken in hand; `place` is the one that was asked for. */
  onBegin?: ((entry: TreeEntry, place: string) => void) | undefined;
  /** Called when it is known what there is, and how many of the files are left alone. */
  onListed?: ((listed: { files: number; leftAlone: number }) => void) | undefined;
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
  /** Told each input that lies in the cache and in its place. */
  onInput?: ((input: TreeEntry) => Promise<void>) | undefined;
}

/** An output of a node whose bytes are at the farm, not yet in any tree. */
export type SentOutput = Pick<TreeEntry, 'path' | 'id' | 'size' | 'mtimeMs'>;
