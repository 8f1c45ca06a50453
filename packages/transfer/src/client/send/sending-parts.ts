/** What all ways of sending share. */
import type { BlobId, TreeRoot } from '@croft/contract';
import type { HashPool } from '../../files/hash-pool.ts';
import type { AdaptiveGate } from '../pace/adaptive-gate.ts';
import type { PartBuffers } from '../pace/part-buffers.ts';
import type { RateLimit } from '../pace/rate-limit.ts';
import type { ProgressMeter } from '../progress.ts';
import type { CallOptions, DoorClient } from '../wire/door-client.ts';

export interface SendingParts {
  door: DoorClient;
  pool: HashPool;
  meter: ProgressMeter;
  signal: AbortSignal | undefined;
  limit: RateLimit | undefined;
  /** Lets requests with bytes in memory go. */
  gate: AdaptiveGate;
  buffers: PartBuffers;
  /** Blobs that went whole, so that equal files go once. */
  sent: Set<BlobId>;
  /** For calls whose body is content; questions and commits are limited, but no progress. */
  sending: CallOptions;
  /** The tree whose bytes at a path new ones are told by, asked for each file; undefined where that saves nothing. */
  deltaRoot: (() => TreeRoot | undefined) | undefined;
}
