import type { FarmEvent, ToNode } from '@croft/contract';

/** What the farm tells its doors, besides answers. */
export interface FarmOutlet {
  event(event: FarmEvent, accountId: number | null): void;
  toNode(nodeId: string, message: ToNode): void;
}
