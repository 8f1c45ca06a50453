/**
 * Following a task until it ends. Live events are hints that make it quick; the truth is read again whenever one was
 * missed and, as a backstop, every `pollMs`. So a lost event, a restarted farm or a proxy that swallows the stream
 * costs seconds, never the end of the task.
 */
import {
  type Clock,
  ENDED_TASK_STATUSES,
  type FarmEvent,
  SECOND,
  systemClock,
  TASK_STATUS,
  type TaskDetail,
  type TaskSummary,
} from '@croft/contract';
import { sdkErrors } from './errors.ts';
import type { NativeClient } from './native-client.ts';
import { sleep } from './retry.ts';

export interface WatchOptions {
  readonly clock?: Clock;
  /** Pause between two readings of the truth, default 5 s. */
  readonly pollMs?: number;
  /** Ends the watching; the task goes on. */
  readonly signal?: AbortSignal;
}

export type TaskNews =
  | { readonly kind: 'task'; readonly task: TaskSummary; readonly detail: TaskDetail | null }
  | {
      readonly kind: 'frame';
      readonly frameId: number;
      readonly frame: string;
      readonly status: number;
      readonly percent: number;
    };

/** Whether nothing more happens to a task by itself: ended, or waiting for the user after its test frames. */
export function isAtRest(status: number): boolean {
  return (ENDED_TASK_STATUSES as readonly number[]).includes(status) || restingStatuses.has(status);
}
const restingStatuses = new Set<number>([TASK_STATUS.testDone, TASK_STATUS.submitFailed]);

/** Yields news of the task, the first at once, and returns after the news that it rests. */
export async function* watchTask(
  native: NativeClient,
  taskId: number,
  options: WatchOptions = {},
): AsyncGenerator<TaskNews> {
  const inbox = new Inbox();
  const family: Family = new Set([taskId]);
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const listening = listen(native, taskId, family, inbox, signal);
  const polling = poll(native, taskId, family, inbox, signal, options);
  const wake = () => inbox.wake();
  signal.addEventListener('abort', wake, { once: true });
  try {
    while (!signal.aborted) {
      const news = await inbox.take(signal);
      if (news === null) break;
      yield news;
      if (news.kind === 'task' && isAtRest(news.task.status)) return;
    }
    if (options.signal?.aborted) throw options.signal.reason;
  } finally {
    stop.abort(new Error('no longer watched'));
    signal.removeEventListener('abort', wake);
    await Promise.allSettled([listening, polling]);
  }
}

/** The task and its children, whose frames are its own. Known as soon as the truth was read once. */
type Family = Set<number>;

async function listen(
  native: NativeClient,
  taskId: number,
  family: Family,
  inbox: Inbox,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const event of native.events(signal)) {
      if (event === null) inbox.askForTruth();
      else offer(event, taskId, family, inbox);
    }
  } catch {
    // A farm without live events is followed by polling alone.
  }
}

function offer(event: FarmEvent, taskId: number, family: Family, inbox: Inbox): void {
  if (event.kind === 'task' && event.task.id === taskId)
    inbox.put({ kind: 'task', task: event.task, detail: null });
  else if (event.kind === 'frame' && family.has(event.taskId)) {
    const { frameId, frame, status, percent } = event;
    inbox.put({ kind: 'frame', frameId, frame, status, percent });
  } else if (event.kind === 'task-deleted' && event.taskId === taskId) {
    inbox.fail(sdkErrors.SDK_NOT_FOUND(`task ${taskId} was deleted`));
  }
}

async function poll(
  native: NativeClient,
  taskId: number,
  family: Family,
  inbox: Inbox,
  signal: AbortSignal,
  options: WatchOptions,
): Promise<void> {
  const clock = options.clock ?? systemClock;
  const pollMs = options.pollMs ?? 5 * SECOND;
  while (!signal.aborted) {
    try {
      const detail = await native.task(taskId);
      for (const childId of detail.childIds) family.add(childId);
      inbox.put({ kind: 'task', task: detail, detail });
    } catch (thrown) {
      if (!signal.aborted) inbox.fail(thrown);
      return;
    }
    const early = inbox.whenTruthIsAsked();
    await Promise.race([sleep(clock, pollMs, signal), early]).catch(() => {});
  }
}

/**
 * News waiting to be taken. Only the newest news of the task and of each frame is kept, so a slow reader costs no
 * memory and misses no end.
 */
class Inbox {
  #task: TaskNews | null = null;
  readonly #frames = new Map<number, TaskNews>();
  #failure: { thrown: unknown } | null = null;
  #wake: (() => void) | null = null;
  #askTruth: (() => void) | null = null;

  put(news: TaskNews): void {
    if (news.kind === 'frame') this.#frames.set(news.frameId, news);
    else this.#task = news;
    this.wake();
  }

  fail(thrown: unknown): void {
    this.#failure ??= { thrown };
    this.wake();
  }

  wake(): void {
    this.#wake?.();
  }

  askForTruth(): void {
    this.#askTruth?.();
  }

  whenTruthIsAsked(): Promise<void> {
    return new Promise((resolve) => {
      this.#askTruth = resolve;
    });
  }

  /** The next news, frames first, so that the end of the task comes after its frames; null once aborted. */
  async take(signal: AbortSignal): Promise<TaskNews | null> {
    for (;;) {
      const [oldest] = this.#frames;
      if (oldest) {
        this.#frames.delete(oldest[0]);
        return oldest[1];
      }
      if (this.#task) {
        const news = this.#task;
        this.#task = null;
        return news;
      }
      if (this.#failure) throw this.#failure.thrown;
      if (signal.aborted) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
