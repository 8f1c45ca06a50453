/**
 * The planner's memory: live tasks with what waits in them, nodes with what they hold. All of it follows from the store
 * and can be dropped and loaded again. Changes come from commits (`board` news); the planner itself only removes what
 * it is about to book, so that two passes never book the same frame while the first commit is under way.
 */
import { type CatalogueFile, EMPTY_CATALOGUE, type NodeFacts } from '@croft/contract';
import type { Placement } from '../catalogue/placement.ts';
import type { SegmentShape } from '../tasks/segment-shape.ts';
import type { IntervalSet } from './interval-set.ts';

export interface BoardSegment {
  readonly id: number;
  readonly taskId: number;
  readonly epoch: number;
  readonly open: boolean;
  readonly oneAttempt: boolean;
  readonly shape: SegmentShape;
  /** Ordinals that wait and are held by no attempt. */
  readonly waiting: IntervalSet;
  timedFrames: number;
  timedMs: number;
}

export interface BoardTask {
  readonly id: number;
  readonly accountId: number;
  /** 0 for none. */
  readonly parentId: number;
  /** Nodes it may hold at a time, and all children of its parent together; null: any. */
  nodeLimit: number | null;
  parentLimit: number | null;
  userLevel: number;
  readonly submitOrder: number;
  readonly app: string;
  readonly appVersion: string;
  renderVersion: string | null;
  readonly needs: readonly string[];
  /** Number of its platform; 0 for none. */
  readonly platform: number;
  readonly placement: Placement;
  /** `placement` as it is stored: a booking holds only while that is unchanged. */
  readonly placementText: string;
  readonly segments: readonly BoardSegment[];
  /** Whose attempt ran last: its session is open and its inputs are there. */
  lastNodeId: string | null;
  /** The reasons last written, as JSON. */
  waitingFor: string;
}

export interface BoardNode {
  readonly id: string;
  readonly facts: NodeFacts;
  readonly draining: boolean;
  readonly restingUntil: number;
}

export interface BoardAttempt {
  readonly id: number;
  readonly taskId: number;
  readonly segmentId: number;
  readonly nodeId: string;
  readonly bookedAt: number;
  /** Frames it has not reported over yet. */
  framesLeft: number;
}

export class Board {
  readonly tasks = new Map<number, BoardTask>();
  readonly segments = new Map<number, BoardSegment>();
  /** Online nodes only. */
  readonly nodes = new Map<string, BoardNode>();
  readonly attempts = new Map<number, BoardAttempt>();
  /** Orders decided on but not committed yet, by node. */
  readonly pending = new Map<string, number>();
  /** The same orders, each as long as it is neither committed nor refused. */
  readonly decided = new Set<{ readonly taskId: number; readonly nodeId: string }>();
  /** `node task` → until when the pair is kept apart. */
  readonly avoided = new Map<string, number>();
  readonly #load = new Map<string, number>();
  #declared: CatalogueFile = EMPTY_CATALOGUE;

  /** What the operator declares: pools and packages of nodes. */
  get declared(): CatalogueFile {
    return this.#declared;
  }

  declare(declared: CatalogueFile): void {
    this.#declared = declared;
  }

  /** null: the task is nothing to plan any more. */
  replaceTask(task: BoardTask | null, taskId: number): void {
    const old = this.tasks.get(taskId);
    for (const segment of old?.segments ?? []) this.segments.delete(segment.id);
    this.tasks.delete(taskId);
    if (!task) return;
    task.lastNodeId ??= old?.lastNodeId ?? null;
    this.tasks.set(taskId, task);
    for (const segment of task.segments) this.segments.set(segment.id, segment);
  }

  returnWaiting(segmentId: number, epoch: number, ordinal: number): void {
    const segment = this.segments.get(segmentId);
    if (segment?.epoch === epoch) segment.waiting.add(ordinal);
  }

  notWaiting(segmentId: number, epoch: number, first: number, last: number): void {
    const segment = this.segments.get(segmentId);
    if (segment?.epoch === epoch) segment.waiting.remove(first, last);
  }

  attemptBooked(attempt: BoardAttempt): void {
    if (this.attempts.has(attempt.id)) return;
    this.attempts.set(attempt.id, attempt);
    this.#load.set(attempt.nodeId, this.load(attempt.nodeId) + 1);
    const task = this.tasks.get(attempt.taskId);
    if (task) task.lastNodeId = attempt.nodeId;
  }

  attemptEnded(attemptId: number): void {
    const attempt = this.attempts.get(attemptId);
    if (!attempt) return;
    this.attempts.delete(attemptId);
    this.#load.set(attempt.nodeId, this.load(attempt.nodeId) - 1);
  }

  /** A frame was reported over; `renderMs` where it counts for the mean. */
  frameOver(attemptId: number, renderMs: number | null): void {
    const attempt = this.attempts.get(attemptId);
    if (!attempt) return;
    attempt.framesLeft = Math.max(0, attempt.framesLeft - 1);
    const segment = this.segments.get(attempt.segmentId);
    if (!segment || renderMs === null) return;
    segment.timedFrames += 1;
    segment.timedMs += renderMs;
  }

  /** Frames of the attempt were given back before it started them. */
  framesTaken(attemptId: number, count: number): void {
    const attempt = this.attempts.get(attemptId);
    if (attempt) attempt.framesLeft = Math.max(0, attempt.framesLeft - count);
  }

  nodeOnline(node: BoardNode): void {
    this.nodes.set(node.id, node);
  }

  nodeOffline(nodeId: string): void {
    this.nodes.delete(nodeId);
  }

  avoid(nodeId: string, taskId: number, until: number): void {
    this.avoided.set(`${nodeId} ${taskId}`, until);
  }

  avoidedUntil(nodeId: string, taskId: number): number {
    return this.avoided.get(`${nodeId} ${taskId}`) ?? 0;
  }

  /** Live attempts of the node. */
  load(nodeId: string): number {
    return this.#load.get(nodeId) ?? 0;
  }

  /** Takes over what was read from the store; what is decided but not committed yet stays. */
  become(fresh: Board): void {
    for (const [id, { lastNodeId }] of this.tasks) {
      const task = fresh.tasks.get(id);
      if (task) task.lastNodeId ??= lastNodeId;
    }
    refill(this.tasks, fresh.tasks);
    refill(this.segments, fresh.segments);
    refill(this.nodes, fresh.nodes);
    refill(this.attempts, fresh.attempts);
    refill(this.avoided, fresh.avoided);
    refill(this.#load, fresh.#load);
    this.#declared = fresh.#declared;
  }

  /** Forgets pairs that are not kept apart any more. */
  forgetAvoided(now: number): void {
    for (const [pair, until] of this.avoided) if (until <= now) this.avoided.delete(pair);
  }
}

function refill<Key, Value>(map: Map<Key, Value>, from: ReadonlyMap<Key, Value>): void {
  map.clear();
  for (const [key, value] of from) map.set(key, value);
}

/** Mean render time of a frame of the segment in ms, null before the first is done. */
export function meanFrameMs(segment: BoardSegment): number | null {
  return segment.timedFrames === 0 ? null : segment.timedMs / segment.timedFrames;
}
