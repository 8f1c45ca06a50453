import type { Clock, Log } from '@croft/contract';
import type { PlanningApp, SmallBlobs } from '../ports.ts';
import type { FarmOutlet } from './outlet.ts';

/** What a farm is opened with. */
export interface CoreOptions {
  /** Folder of everything the farm keeps; made where it is not there. */
  readonly home: string;
  readonly blobs: SmallBlobs;
  /** Asked when the first task is submitted: apps are the heaviest import of the farm. */
  readonly apps: () => Promise<readonly PlanningApp[]>;
  readonly clock: Clock;
  readonly log: Log;
  readonly outlet: FarmOutlet;
  /** How long a node that is away keeps its frames; undefined: 30 seconds. */
  readonly nodeGraceMs?: number | undefined;
}
