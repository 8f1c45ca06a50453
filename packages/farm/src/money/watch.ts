/**
 * What watches over money after the commits: ends vouchers and packages whose time is over, stops tasks that nobody can
 * pay for, and goes on with those that somebody can pay for again. Woken by news about money, and by the planner's slow
 * tick for what only time changes. Each task is a transaction of its own, so that an account with thousands of them
 * holds nobody up.
 */
import { type Clock, coerceError, type Log, TASK_STATUS } from '@croft/contract';
import type { FarmTx, News } from '../news.ts';
import { resumeAfterArrears, stopForArrears } from '../state-machine/arrears.ts';
import { PLANNED_STATUSES } from '../state-machine/planned-statuses.ts';
import type { Writer } from '../store/group-writer.ts';
import type { Db } from '../store/schema.ts';
import type { TaskRow } from '../tasks/own-task.ts';
import { endPackage } from './packages.ts';
import { isPaidFor } from './standing.ts';
import { endVoucher } from './vouchers.ts';

export interface MoneyWatch {
  wake(): void;
  idle(): Promise<void>;
  stop(): void;
}

interface WatchParts {
  readonly db: Db;
  readonly writer: Writer<News>;
  readonly clock: Clock;
  readonly log: Log;
}

export function startMoneyWatch({ db, writer, clock, log }: WatchParts): MoneyWatch {
  let stopped = false;
  let again = false;
  let running: Promise<void> | null = null;

  async function run(): Promise<void> {
    do {
      again = false;
      await endWhatIsOver();
      await stopUnpaid();
      await resumePaid();
    } while (again && !stopped);
  }

  async function endWhatIsOver(): Promise<void> {
    const now = clock.now();
    const vouchers = await db
      .selectFrom('vouchers')
      .select('id')
      .where('lapsed_at', 'is', null)
      .where('expires_at', '<=', now)
      .execute();
    for (const { id } of vouchers) if (!stopped) await writer.run((tx) => endVoucher(tx, id, null));
    const packages = await db
      .selectFrom('packages')
      .select('id')
      .where('closed_at', 'is', null)
      .where('ends_at', '<=', now)
      .execute();
    for (const { id } of packages) if (!stopped) await writer.run((tx) => endPackage(tx, id, null));
  }

  async function stopUnpaid(): Promise<void> {
    const anyPrice = await db.selectFrom('prices').select('id').limit(1).executeTakeFirst();
    if (anyPrice === undefined) return;
    for (const taskId of await tasksThat(PLANNED_STATUSES, false)) {
      if (stopped) return;
      await writer.run((tx) => stopIfUnpaid(tx, taskId));
    }
  }

  async function resumePaid(): Promise<void> {
    for (const taskId of await tasksThat([TASK_STATUS.arrearsStopped], true)) {
      if (stopped) return;
      await writer.run(async (tx) => {
        const task = await taskById(tx.db, taskId);
        if (await isPaidFor(tx.db, task, tx.now)) await resumeAfterArrears(tx, task);
      });
    }
  }

  /** Tasks in one of the statuses that somebody pays for, or that nobody does. What pays is asked once for like tasks. */
  async function tasksThat(statuses: readonly number[], paid: boolean): Promise<number[]> {
    // A parent has no frames: it follows its children.
    const all = db
      .selectFrom('tasks')
      .where('status', 'in', statuses)
      .where('submitted_at', 'is not', null)
      .where('deleted_at', 'is', null)
      .where('child_count', '=', 0);
    const kinds = await all
      .select(['account_id', 'project_name', 'platform', 'placement'])
      .distinct()
      .execute();
    const found: number[] = [];
    for (const kind of kinds) {
      if ((await isPaidFor(db, kind, clock.now())) !== paid) continue;
      const tasks = all
        .select('id')
        .where('account_id', '=', kind.account_id)
        .where('project_name', '=', kind.project_name)
        .where('platform', '=', kind.platform)
        .where('placement', '=', kind.placement);
      found.push(...(await tasks.execute()).map(({ id }) => id));
    }
    return found.sort((a, b) => a - b);
  }

  function wake(): void {
    if (stopped) return;
    again = true;
    running ??= run()
      .catch((thrown: unknown) => {
        if (!stopped) log.error({ err: coerceError(thrown) }, 'the watch over money failed');
      })
      .finally(() => {
        running = null;
        if (again) wake();
      });
  }

  return {
    wake,
    async idle() {
      while (running) await running;
    },
    stop() {
      stopped = true;
    },
  };
}

async function stopIfUnpaid(tx: FarmTx, taskId: number): Promise<void> {
  const task = await taskById(tx.db, taskId);
  if (await isPaidFor(tx.db, task, tx.now)) return;
  tx.tell({
    kind: 'log',
    fields: { task: taskId, account: task.account_id },
    message: 'stopped for arrears',
  });
  await stopForArrears(tx, task);
}

async function taskById(db: Db, taskId: number): Promise<TaskRow> {
  return db.selectFrom('tasks').selectAll().where('id', '=', taskId).executeTakeFirstOrThrow();
}
