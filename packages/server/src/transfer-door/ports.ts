/** What the transfer door needs from the rest of the farm. */
import type { Clock, Log, TreeRoot } from '@croft/contract';
import type { AttemptGrant, Caller, FarmCalls, FarmReads } from '@croft/farm';
import type { BlobStore } from '@croft/transfer';
import type { FastifyRequest } from 'fastify';

export type TransferCalls = Pick<
  FarmCalls,
  'missingBlobs' | 'sizesReferred' | 'blobsArrived' | 'commitTree' | 'outputIds'
>;
export type TransferReads = Pick<
  FarmReads,
  | 'treeEntries'
  | 'treeEntry'
  | 'treeEntriesAt'
  | 'differingEntries'
  | 'attemptInputs'
  | 'inputBlobSize'
  | 'inputBlobSizes'
>;

/** Who asks: an account that signed, or one that is named by the id of one of its storages, or a node with the token of a live attempt. */
export type TransferPrincipal =
  | {
      kind: 'account';
      caller: Pick<Caller, 'accountId' | 'inputAccountId'>;
      /** Hex SHA-256 that the signature promises for the body, or UNSIGNED-PAYLOAD; the door checks the bytes. */
      bodySha256?: string | undefined;
      /** The only root that a storage capability opens; absent for whoever signed. */
      storage?: TreeRoot | undefined;
    }
  | { kind: 'attempt'; grant: AttemptGrant };

export interface TransferDoorParts {
  calls: TransferCalls;
  reads: TransferReads;
  blobs: BlobStore;
  /** Runs before a body is read; throws a CroftError for anyone it does not know. */
  authenticate(request: FastifyRequest): Promise<TransferPrincipal>;
  clock: Clock;
  log: Log;
}
