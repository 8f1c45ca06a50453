/**
 * Group commit: the only way anything is written.
 *
 * Mutations queue up. The writer opens one transaction, runs what is queued inside it, each mutation in its own
 * savepoint, and commits once for all; what arrives meanwhile goes into the next group. So one fsync serves many
 * callers under load, and a single caller waits for its own commit only.
 *
 * A mutation that throws is undone alone and fails alone. What a mutation tells (`tx.tell`) is kept back until the
 * commit has succeeded and then handed on, in order, before its caller's promise resolves: nobody hears of a change
 * that a crash could still take back. Mutations may await nothing but the store and, where they
 * are long, a breath for those who only look: the write lock is held meanwhile.
 */
import { type Clock, coerceError } from '@croft/contract';
import { farmErrors } from '../errors.ts';
import type { Db } from './schema.ts';
import type { Store } from './store.ts';

/** Mutations of one group; more would make the first of them wait too long. */
const MOST_PER_GROUP = 256;

/** Inside a mutation: the handle that must be used for every statement, and what to tell after the commit. */
export interface Tx<News> {
  readonly db: Db;
  /** The clock at the start of the mutation. */
  readonly now: number;
  tell(news: News): void;
}

export interface Writer<News> {
  /** Resolves with the mutation's value after the commit. */
  run<Value>(mutation: (tx: Tx<News>) => Promise<Value>): Promise<Value>;
  /** Resolves when everything queued has been committed; refuses what comes later with FARM_CLOSED. */
  close(): Promise<void>;
}

interface Job<News> {
  run(tx: Tx<News>): Promise<unknown>;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

type Outcome<News> = { ok: true; value: unknown; news: News[] } | { ok: false; error: Error };

export function openWriter<News>(store: Store, clock: Clock, onNews: (news: News[]) => void): Writer<News> {
  const queue: Job<News>[] = [];
  let running: Promise<void> | null = null;
  let closed = false;

  async function drain(): Promise<void> {
    while (queue.length > 0) await commitGroup(queue.splice(0, MOST_PER_GROUP));
    running = null;
  }

  async function commitGroup(jobs: Job<News>[]): Promise<void> {
    const outcomes: Outcome<News>[] = [];
    try {
      await store.begin();
      for (const job of jobs) outcomes.push(await runInSavepoint(job));
      await store.commit();
    } catch (thrown) {
      for (const job of jobs) job.reject(coerceError(thrown));
      await rollBack();
      return;
    }
    for (const [index, outcome] of outcomes.entries()) {
      const job = jobs[index]!;
      if (!outcome.ok) {
        job.reject(outcome.error);
        continue;
      }
      onNews(outcome.news);
      job.resolve(outcome.value);
    }
  }

  /** A store that cannot even roll back fails at the next `begin`: its callers hear of it then. */
  async function rollBack(): Promise<void> {
    try {
      await store.rollback();
    } catch {}
  }

  async function runInSavepoint(job: Job<News>): Promise<Outcome<News>> {
    const news: News[] = [];
    await store.savepoint('mutation');
    try {
      const value = await job.run({ db: store.db, now: clock.now(), tell: (item) => news.push(item) });
      await store.release('mutation');
      return { ok: true, value, news };
    } catch (thrown) {
      await store.undo('mutation');
      return { ok: false, error: coerceError(thrown) };
    }
  }

  return {
    run<Value>(mutation: (tx: Tx<News>) => Promise<Value>): Promise<Value> {
      if (closed) return Promise.reject(farmErrors.FARM_CLOSED('the farm is stopping'));
      return new Promise<Value>((resolve, reject) => {
        queue.push({ run: mutation, resolve: (value) => resolve(value as Value), reject });
        running ??= Promise.resolve().then(drain);
      });
    },
    async close() {
      closed = true;
      while (running) await running;
    },
  };
}
