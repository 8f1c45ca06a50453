/** What the farm needs from outside. Whoever opens a farm passes these; the farm names no room that implements them. */
import type { BlobId } from '@croft/contract';
import type { PlanInput, TaskPlan } from '@croft/dcc';

/**
 * The few bytes the farm reads and writes itself: the json files of tasks. `read` throws for a blob that is not there,
 * is longer than `maxBytes` or does not hash to its id. `store` returns once the bytes are durable and is idempotent.
 */
export interface SmallBlobs {
  read(id: BlobId, maxBytes: number): Promise<Uint8Array>;
  store(bytes: Uint8Array): Promise<{ id: BlobId; size: number }>;
}

/** The part of an app that the farm uses. */
export interface PlanningApp {
  readonly id: string;
  readonly cgId: number;
  readonly name: string;
  plan(task: PlanInput): TaskPlan;
}
