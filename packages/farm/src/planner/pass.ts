/**
 * One pass of the planner over its memory: which run goes to which node. Pure but for taking the chosen runs out of the
 * waiting sets. Tasks in order: level, high first, then submit order. First every free slot gets an attempt; then nodes
 * whose slots all work get one more per slot in reserve, if frames are short, so that no slot idles between two
 * attempts while the next order travels. Of the nodes that fit, the one that rendered the task last is best (its
 * session is open, its inputs are there), then the one with most free slots.
 */
import { type Board, type BoardNode, type BoardSegment, type BoardTask, meanFrameMs } from './board.ts';
import type { Booking } from './booking.ts';
import { chunkSize, SHORT_FRAME_MS } from './chunk.ts';
import { fitOf, versionFor } from './fit.ts';
import { isLimited, mayHold } from './task-limit.ts';
import { series } from './versions.ts';

/** A pass that could book more goes on in the next one: the commits between keep the thread responsive. */
const MOST_BOOKINGS = 256;

export function planPass(board: Board, now: number): Booking[] {
  const bookings: Booking[] = [];
  const tasks = [...board.tasks.values()].sort(byOrder);
  for (const reserve of [0, 1]) {
    if (!hasRoom(board, reserve)) continue;
    for (const task of tasks) {
      if (bookings.length >= MOST_BOOKINGS) return bookings;
      planTask(board, task, now, reserve, bookings);
    }
  }
  return bookings;
}

export function byOrder(a: BoardTask, b: BoardTask): number {
  return b.userLevel - a.userLevel || a.submitOrder - b.submitOrder;
}

function planTask(board: Board, task: BoardTask, now: number, reserve: number, bookings: Booking[]): void {
  const segments = task.segments.filter(({ open, waiting }) => open && !waiting.isEmpty);
  if (segments.length === 0) return;
  const version = versionFor(board, task);
  if (version === null) return;
  const fitting = [...board.nodes.values()].filter(
    (node) => fitOf(board, task, node, version, now).misfit === null,
  );
  const slots = fitting.reduce((sum, { facts }) => sum + facts.slots, 0);
  for (const segment of segments) {
    if (reserve > 0 && !isShort(segment)) continue;
    while (!segment.waiting.isEmpty && bookings.length < MOST_BOOKINGS) {
      const allowed = isLimited(task) ? fitting.filter(({ id }) => mayHold(board, task, id)) : fitting;
      const node = bestNode(board, task, allowed, reserve);
      if (!node) return;
      const appVersion = versionOn(node, task, version);
      bookings.push(take(board, task, segment, node, appVersion, slots, capacityOf(node, reserve)));
    }
  }
}

/** The version as this node has it: of the task's series, as near as can be to the frozen one. */
function versionOn(node: BoardNode, task: BoardTask, version: string): string {
  const versions = node.facts.apps
    .filter((app) => app.app === task.app && series(app.version) === series(version))
    .map((app) => app.version);
  return versions.includes(version) ? version : versions[0]!;
}

function take(
  board: Board,
  task: BoardTask,
  segment: BoardSegment,
  node: BoardNode,
  appVersion: string,
  slots: number,
  capacity: number,
): Booking {
  const most = segment.oneAttempt
    ? segment.shape.size
    : chunkSize(meanFrameMs(segment), segment.waiting.size, slots);
  const { first, last } = segment.waiting.firstRun(most)!;
  segment.waiting.remove(first, last);
  board.pending.set(node.id, (board.pending.get(node.id) ?? 0) + 1);
  const booking: Booking = {
    taskId: task.id,
    segmentId: segment.id,
    epoch: segment.epoch,
    nodeId: node.id,
    first,
    last,
    appVersion,
    placementText: task.placementText,
    capacity,
  };
  board.decided.add(booking);
  return booking;
}

function isShort(segment: BoardSegment): boolean {
  const mean = meanFrameMs(segment);
  return mean !== null && mean <= SHORT_FRAME_MS && !segment.oneAttempt;
}

function bestNode(
  board: Board,
  task: BoardTask,
  nodes: readonly BoardNode[],
  reserve: number,
): BoardNode | null {
  let best: BoardNode | null = null;
  let bestRoom = 0;
  for (const node of nodes) {
    const room = roomOf(board, node, reserve);
    if (room <= 0) continue;
    if (node.id === task.lastNodeId) return node;
    if (room > bestRoom) {
      best = node;
      bestRoom = room;
    }
  }
  return best;
}

function hasRoom(board: Board, reserve: number): boolean {
  return [...board.nodes.values()].some((node) => roomOf(board, node, reserve) > 0);
}

/** Live attempts a node may have: one per slot, and with the reserve one more per slot. */
export function capacityOf(node: BoardNode, reserve: number): number {
  return node.facts.slots * (1 + reserve);
}

export function roomOf(board: Board, node: BoardNode, reserve: number): number {
  return capacityOf(node, reserve) - board.load(node.id) - (board.pending.get(node.id) ?? 0);
}
