/**
 * The farm's voice to its doors. It is made before both, so that composition stays a straight line:
 *
 *   const outlet = createOutlet();
 *   const farm = await startFarm({ ..., outlet });
 *   const server = await startServer({ farm, outlet, ... });
 *
 * What the farm says while nobody listens is dropped on purpose: events only repeat what reads can tell, and a node
 * without a link gets its state again when it connects.
 */
import type { FarmEvent, ToNode } from '@croft/contract';
import type { FarmOutlet } from '@croft/farm';

/** A subscriber to events; `json` is made once for all subscribers. `accountId` null is for everybody. */
export type EventListener = (json: string, accountId: number | null) => void;

/** The live link of one node, as the outlet needs it. */
export interface NodeLine {
  send(message: ToNode): void;
  /** Another link of the same node took over. */
  replaced(): void;
}

export interface ServerOutlet extends FarmOutlet {
  /** Returns what ends the subscription. */
  subscribe(listener: EventListener): () => void;
  /** Calls back with the id of each task that is deleted from now on; returns what ends it. */
  onTaskDeleted(listener: (taskId: number) => void): () => void;
  /** Makes `line` the only link of the node; a former one is told `replaced`. */
  attach(nodeId: string, line: NodeLine): void;
  /** Whether `line` was still the node's link; afterwards it is not. */
  detach(nodeId: string, line: NodeLine): boolean;
  readonly listeners: number;
  readonly links: number;
}

export function createOutlet(): ServerOutlet {
  const listeners = new Set<EventListener>();
  const deletions = new Set<(taskId: number) => void>();
  const lines = new Map<string, NodeLine>();
  return {
    event(event: FarmEvent, accountId) {
      if (event.kind === 'task-deleted') for (const listener of deletions) listener(event.taskId);
      if (listeners.size === 0) return;
      const json = JSON.stringify(event);
      for (const listener of listeners) listener(json, accountId);
    },
    toNode(nodeId, message) {
      lines.get(nodeId)?.send(message);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onTaskDeleted(listener) {
      deletions.add(listener);
      return () => deletions.delete(listener);
    },
    attach(nodeId, line) {
      const former = lines.get(nodeId);
      lines.set(nodeId, line);
      former?.replaced();
    },
    detach(nodeId, line) {
      if (lines.get(nodeId) !== line) return false;
      lines.delete(nodeId);
      return true;
    },
    get listeners() {
      return listeners.size;
    },
    get links() {
      return lines.size;
    },
  };
}
