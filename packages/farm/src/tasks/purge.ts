/**
 * Drops what deleted tasks left behind, in small transactions, so that a task of a million frames never holds up the
 * farm. The task's own row stays for the recycle list. A farm that stops in the middle goes on at its next start.
 *
 * What is not dropped: attempts (a row each, some 200 bytes, found by their id only), and the task's results in the
 * output tree, which are its owner's to take away. Old versions and unused bytes go by the sweep of `trees/prune.ts`
 * and `trees/collect.ts`.
 */
import { coerceError, type Log } from '@croft/contract';
import type { News } from '../news.ts';
import type { Writer } from '../store/group-writer.ts';
import type { Db } from '../store/schema.ts';
import { removePaths, treeOf } from '../trees/trees.ts';

const IDS_PER_STEP = 2000;

export interface Purge {
  wake(): void;
  idle(): Promise<void>;
  stop(): void;
}

export function startPurge(parts: { db: Db; writer: Writer<News>; log: Log }): Purge {
  const { db, writer, log } = parts;
  let stopped = false;
  let running: Promise<void> | null = null;
  let again = false;

  async function run(): Promise<void> {
    do {
      again = false;
      for (const taskId of await deletedTasks(db)) await purgeTask(taskId);
    } while (again && !stopped);
  }

  async function purgeTask(taskId: number): Promise<void> {
    const segments = await db
      .selectFrom('segments')
      .select(['base', 'size'])
      .where('task_id', '=', taskId)
      .execute();
    for (const { base, size } of segments) await purgeSegment(taskId, base, base + size);
    if (stopped) return;
    await writer.run(async (tx) => {
      const { db: handle, now } = tx;
      const { account_id: accountId } = await handle
        .selectFrom('tasks')
        .select('account_id')
        .where('id', '=', taskId)
        .executeTakeFirstOrThrow();
      await removePaths(tx, treeOf(accountId, 'config'), [`/${taskId}`]);
      const ids = handle.selectFrom('segments').select('id').where('task_id', '=', taskId);
      await handle.deleteFrom('blocks').where('segment_id', 'in', ids).execute();
      await handle.deleteFrom('task_inputs').where('task_id', '=', taskId).execute();
      await handle.deleteFrom('node_faults').where('task_id', '=', taskId).execute();
      await handle.updateTable('tasks').set({ purged_at: now }).where('id', '=', taskId).execute();
    });
  }

  /** Walks from row to row, not from id to id: untouched frames have none. */
  async function purgeSegment(taskId: number, base: number, end: number): Promise<void> {
    for (let from = base; !stopped; ) {
      const rows = await db
        .selectFrom('frames')
        .select('id')
        .where('id', '>=', from)
        .where('id', '<', end)
        .orderBy('id')
        .limit(IDS_PER_STEP)
        .execute();
      if (rows.length === 0) return;
      const last = rows.at(-1)!.id;
      await writer.run(async ({ db: handle }) => {
        await handle
          .deleteFrom('results')
          .where('task_id', '=', taskId)
          .where('frame_id', '<=', last)
          .execute();
        await handle.deleteFrom('frames').where('id', '>=', from).where('id', '<=', last).execute();
      });
      from = last + 1;
    }
  }

  return {
    wake() {
      if (stopped) return;
      again = true;
      running ??= run()
        .catch((thrown: unknown) => {
          if (!stopped) log.error({ err: coerceError(thrown) }, 'purge failed');
        })
        .finally(() => {
          running = null;
        });
    },
    idle: async () => running ?? undefined,
    stop() {
      stopped = true;
    },
  };
}

async function deletedTasks(db: Db): Promise<number[]> {
  const rows = await db
    .selectFrom('tasks')
    .select('id')
    .where('deleted_at', 'is not', null)
    .where('purged_at', 'is', null)
    .orderBy('deleted_at')
    .execute();
  return rows.map(({ id }) => id);
}
