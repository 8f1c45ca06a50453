/**
 * What an area of the farm (money, environments, …) gets to build its calls from. An area keeps its calls in a file of
 * its own: an interface that `FarmCalls` extends, and a function from these parts to an object of it.
 */
import type { Clock, Log } from '@croft/contract';
import type { News } from './news.ts';
import type { SmallBlobs } from './ports.ts';
import type { Writer } from './store/group-writer.ts';
import type { Db } from './store/schema.ts';

export interface CallParts {
  /** For looking. It sees commits only; what a decision rests on is read within the mutation. */
  readonly db: Db;
  readonly writer: Writer<News>;
  readonly blobs: SmallBlobs;
  readonly clock: Clock;
  readonly log: Log;
  readonly masterKey: Uint8Array;
}
