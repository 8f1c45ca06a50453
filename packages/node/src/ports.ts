/** What the node needs from the room that moves bytes. The node owns the port; `transfer-adapter.ts` fills it. */
import type { BlobId, TreeEntry } from '@croft/contract';

/** A file of this disk whose bytes are at the farm now. */
export interface SentFile {
  readonly id: BlobId;
  readonly size: number;
  readonly mtimeMs: number;
}

/** Moves the bytes of one attempt. Calls end early when their `signal` fires; they retry a short outage themselves. */
export interface AttemptTransfer {
  /**
   * Brings every input of the attempt's task, verified, into the cache (`<first two hex>/<id>`), then copies or clones
   * each to its tree path below `workFolder`; never links. Tells each input that is there.
   */
  fetchInputs(
    cacheFolder: string,
    workFolder: string,
    onInput: (input: TreeEntry) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void>;
  /** Sends the bytes of the files; answers one name for each, in their order. */
  sendOutputs(files: readonly { file: string; path: string }[], signal: AbortSignal): Promise<SentFile[]>;
  close(): Promise<void>;
}

export interface NodeTransfer {
  /** `token` is the attempt's bearer token, a secret. */
  forAttempt(token: string): AttemptTransfer;
}
