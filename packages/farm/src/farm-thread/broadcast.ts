/**
 * Passes news on to the doors. Orders, cancels and frame events go at once. Changes of tasks and nodes are summaries
 * that have to be read; many changes of one within `SUMMARY_MS` make one event, which shows the newest state.
 */
import { type Clock, coerceError, type Log } from '@croft/contract';
import type { News } from '../news.ts';
import { nodeRows } from '../reads/nodes.ts';
import { summariesOf } from '../reads/task-facts.ts';
import type { Db } from '../store/schema.ts';
import type { FarmOutlet } from './outlet.ts';

export const SUMMARY_MS = 50;

export interface Broadcast {
  tell(news: Exclude<News, { kind: 'board' }>): void;
  stop(): void;
}

export function startBroadcast(parts: { db: Db; clock: Clock; log: Log; outlet: FarmOutlet }): Broadcast {
  const { db, clock, log, outlet } = parts;
  const tasks = new Set<number>();
  const nodes = new Set<string>();
  let cancelTimer: (() => void) | null = null;
  let stopped = false;

  function tell(news: Exclude<News, { kind: 'board' | 'money' }>): void {
    switch (news.kind) {
      case 'task':
        tasks.add(news.taskId);
        summarise();
        return;
      case 'node':
        nodes.add(news.nodeId);
        summarise();
        return;
      case 'task-deleted':
        tasks.delete(news.taskId);
        safely(() => outlet.event({ kind: 'task-deleted', taskId: news.taskId }, news.accountId));
        return;
      case 'frame': {
        const { accountId, ...event } = news;
        safely(() => outlet.event(event, accountId));
        return;
      }
      case 'to-node':
        safely(() => outlet.toNode(news.nodeId, news.message));
        return;
      case 'log':
        log.info(news.fields, news.message);
        return;
    }
  }

  function summarise(): void {
    if (stopped) return;
    cancelTimer ??= clock.after(SUMMARY_MS, () => {
      cancelTimer = null;
      send().catch((thrown: unknown) => {
        if (!stopped) log.error({ err: coerceError(thrown) }, 'summaries not sent');
      });
    });
  }

  async function send(): Promise<void> {
    const taskIds = take(tasks);
    const nodeIds = take(nodes);
    if (taskIds.length > 0) {
      const rows = await db
        .selectFrom('tasks')
        .selectAll()
        .where('id', 'in', taskIds)
        .where('deleted_at', 'is', null)
        .where('submitted_at', 'is not', null)
        .execute();
      for (const [index, task] of (await summariesOf(db, rows)).entries()) {
        safely(() => outlet.event({ kind: 'task', task }, rows[index]!.account_id));
      }
    }
    for (const nodeId of nodeIds) {
      const [node] = await nodeRows(db, clock.now(), nodeId);
      if (node) safely(() => outlet.event({ kind: 'node', node }, null));
    }
  }

  /** A door that fails to pass something on must not break the farm. */
  function safely(action: () => void): void {
    try {
      action();
    } catch (thrown) {
      log.error({ err: coerceError(thrown) }, 'a door failed to pass news on');
    }
  }

  return {
    tell,
    stop() {
      stopped = true;
      cancelTimer?.();
    },
  };
}

/** Empties the set. */
function take<Item>(set: Set<Item>): Item[] {
  const items = [...set];
  set.clear();
  return items;
}
