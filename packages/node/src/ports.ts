/** What the node needs from the room that moves bytes. The node owns the port; `transfer-adapter.ts` fills it. */
import type { BlobId, TreeEntry } from '@croft/contract';

/** A file of this disk whose bytes are at the farm now. */
export interface SentFile {
  readonly id: BlobId;
  readonly size: number;
  readonly mtimeMs: number;
}

/**
 * All calls name the attempt by its secret token and end early when `signal` fires. They retry what a short outage
 * explains by themselves; what they throw is final for this try. A refused token is NODE_TOKEN_REFUSED.
 */
export interface NodeTransfer {
  /** Every input of the attempt's task; paths have passed `confinedPath`. */
  listInputs(token: string, signal: AbortSignal): Promise<readonly TreeEntry[]>;
  /** Brings the bytes of each blob, verified against its id, to the file `fileOf` names (which does not exist yet). */
  fetchBlobs(
    token: string,
    blobs: readonly { id: BlobId; size: number }[],
    fileOf: (id: BlobId) => string,
    signal: AbortSignal,
  ): Promise<void>;
  /** Sends the bytes of the files, in their order; answers one name for each. */
  sendOutputs(token: string, files: readonly string[], signal: AbortSignal): Promise<SentFile[]>;
}
