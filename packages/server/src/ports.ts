/** What the doors need from the rest of the farm. */
import type { BlobId, Clock, Log } from '@croft/contract';
import type { FarmCalls, FarmReads } from '@croft/farm';
import type { AddressGuard } from './http/address-guard.ts';
import type { CallLimit } from './http/call-limit.ts';
import type { Recorder } from './http/recorder.ts';
import type { AttemptLogs } from './node-link/attempt-logs.ts';
import type { ServerOutlet } from './outlet.ts';
import type { LocalTimes } from './renderbus/local-times.ts';

/**
 * Bytes of blobs; a `BlobStore` is one. No byte is delivered before the part it belongs to was verified: damage is an
 * error at once or in the stream.
 */
export interface BlobBytes {
  read(id: BlobId): Promise<{ size: number; body: AsyncIterable<Uint8Array> }>;
}

/** Everything a door is made from; each takes what it needs. */
export interface DoorParts {
  readonly calls: FarmCalls;
  readonly reads: FarmReads;
  readonly bytes: BlobBytes;
  readonly outlet: ServerOutlet;
  readonly attemptLogs: AttemptLogs;
  readonly log: Log;
  readonly clock: Clock;
  /** Host names (with or without port) under which clients know this farm, besides its own addresses. */
  readonly publicHosts: readonly string[];
  /** How far a signed request's time may be from ours. */
  readonly signatureWindowMs: number;
  /** How often one key may call, at both APIs together. */
  readonly callLimit: CallLimit;
  readonly recorder: Recorder;
  readonly addresses: AddressGuard;
  /** The zone of every time that the Renderbus API writes without one. */
  readonly localTimes: LocalTimes;
  /** Port of the HTTP listener, known once it listens. */
  readonly port: () => number;
  /** Where other machines reach the farm; null where it listens for this machine alone. */
  readonly toldUrl: () => string | null;
  /** Aborted when the server begins to close: what would stay open for ever ends then. */
  readonly closing: AbortSignal;
}
