/**
 * The planner's loop: woken by news, it makes a pass, queues the bookings with the writer, and notes why other tasks
 * wait. The first wake after a pause acts at once; those that follow within `COALESCE_MS` share one pass. A slow tick
 * heals what an event might have missed and sees that rests, avoidances and graces end.
 */
import { type Clock, coerceError, type Log, SECOND } from '@croft/contract';
import type { News } from '../news.ts';
import type { Writer } from '../store/group-writer.ts';
import type { Board, BoardTask } from './board.ts';
import { type Booking, BookingRefused, book } from './booking.ts';
import { loadBoardTask } from './load-board.ts';
import { planPass } from './pass.ts';
import { reasonsOf } from './reasons.ts';

export const COALESCE_MS = 20;
export const TICK_MS = 10 * SECOND;

export interface Planner {
  /** Something changed that may let a frame be booked. */
  wake(): void;
  /** Resolves when no pass is due and everything decided is committed. For tests and `settle`. */
  idle(): Promise<void>;
  stop(): void;
}

export interface PlannerParts {
  readonly board: Board;
  readonly writer: Writer<News>;
  readonly clock: Clock;
  readonly log: Log;
  /** Runs on every tick, before its pass. */
  heal(): Promise<void>;
}

export function startPlanner({ board, writer, clock, log, heal }: PlannerParts): Planner {
  let stopped = false;
  let due = false;
  let nextAllowedAt = 0;
  let cancelTimer: (() => void) | null = null;
  let cancelTick = clock.after(TICK_MS, tick);
  const underWay = new Set<Promise<unknown>>();
  /**
   * Tasks whose memory may be wrong because the store failed. They are loaded anew on the next tick and not at once: a
   * full disk would else be asked again fifty times a second.
   */
  const unsure = new Set<number>();

  function wake(): void {
    if (stopped || due) return;
    due = true;
    const waitMs = nextAllowedAt - clock.now();
    if (waitMs <= 0) track(Promise.resolve().then(pass));
    else cancelTimer = clock.after(waitMs, () => track(pass()));
  }

  async function pass(): Promise<void> {
    due = false;
    cancelTimer = null;
    if (stopped) return;
    nextAllowedAt = clock.now() + COALESCE_MS;
    const bookings = planPass(board, clock.now());
    for (const booking of bookings) track(commit(booking));
    noteReasons();
  }

  async function commit(booking: Booking): Promise<void> {
    try {
      await writer.run((tx) => book(tx, booking));
      release(booking);
    } catch (thrown) {
      release(booking);
      if (stopped) return;
      const err = coerceError(thrown);
      if (err instanceof BookingRefused) return reload(booking.taskId);
      log.error({ task: booking.taskId, node: booking.nodeId, err }, 'booking failed');
      unsure.add(booking.taskId);
    }
  }

  /** After the commit the attempt itself counts on the node, and no longer the decision. */
  function release(booking: Booking): void {
    const { nodeId } = booking;
    board.decided.delete(booking);
    const left = (board.pending.get(nodeId) ?? 1) - 1;
    if (left > 0) board.pending.set(nodeId, left);
    else board.pending.delete(nodeId);
  }

  async function reload(taskId: number): Promise<void> {
    try {
      await writer.run(async (tx) => {
        const task = await loadBoardTask(tx.db, taskId);
        tx.tell({ kind: 'board', change: (memory) => memory.replaceTask(task, taskId) });
      });
    } catch (thrown) {
      if (stopped) return;
      log.error({ task: taskId, err: coerceError(thrown) }, 'a task could not be loaded anew');
      unsure.add(taskId);
    }
  }

  async function reloadUnsure(): Promise<void> {
    const taskIds = [...unsure];
    unsure.clear();
    for (const taskId of taskIds) await reload(taskId);
  }

  function noteReasons(): void {
    const busy = new Set([...board.attempts.values()].map(({ taskId }) => taskId));
    for (const task of board.tasks.values()) {
      const waits = task.segments.some(({ open, waiting }) => open && !waiting.isEmpty);
      if (!waits || busy.has(task.id)) continue;
      const reasons = JSON.stringify(reasonsOf(board, task, clock.now()));
      if (reasons === task.waitingFor) continue;
      task.waitingFor = reasons;
      track(saveReasons(task, reasons));
    }
  }

  async function saveReasons(task: BoardTask, reasons: string): Promise<void> {
    try {
      await writer.run(async (tx) => {
        await tx.db.updateTable('tasks').set({ waiting_for: reasons }).where('id', '=', task.id).execute();
        tx.tell({ kind: 'task', taskId: task.id });
      });
    } catch (thrown) {
      if (!stopped) log.warn({ task: task.id, err: coerceError(thrown) }, 'reasons not saved');
    }
  }

  function tick(): void {
    if (stopped) return;
    cancelTick = clock.after(TICK_MS, tick);
    track(
      heal()
        .then(reloadUnsure)
        .catch((thrown: unknown) => {
          if (!stopped) log.error({ err: coerceError(thrown) }, 'healing failed');
        })
        .then(wake),
    );
  }

  function track(work: Promise<unknown>): void {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  }

  return {
    wake,
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    stop() {
      stopped = true;
      cancelTimer?.();
      cancelTick();
    },
  };
}
