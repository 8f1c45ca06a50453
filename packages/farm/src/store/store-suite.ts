/** The contract of the Store port, run against every implementation. */
import { systemClock } from '@croft/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openWriter } from './group-writer.ts';
import { migrate } from './migrate.ts';
import { takeNumbers } from './sequences.ts';
import type { Store } from './store.ts';

export function storeSuite(name: string, open: () => Promise<{ store: Store; end(): Promise<void> }>): void {
  describe(`store ${name}`, () => {
    let store: Store;
    let end: () => Promise<void>;
    beforeEach(async () => {
      ({ store, end } = await open());
      await migrate(store, systemClock);
    });
    afterEach(() => end());

    const projects = async () =>
      (await store.db.selectFrom('sequences').selectAll().orderBy('name').execute()).length;

    test('what was rolled back or undone is gone, what was committed stays', async () => {
      const before = await projects();
      await store.begin();
      await store.db.insertInto('sequences').values({ name: 'a', next: 1 }).execute();
      await store.savepoint('s');
      await store.db.insertInto('sequences').values({ name: 'b', next: 1 }).execute();
      await store.undo('s');
      await store.commit();
      expect(await projects()).toBe(before + 1);
      await store.begin();
      await store.db.insertInto('sequences').values({ name: 'c', next: 1 }).execute();
      await store.rollback();
      expect(await projects()).toBe(before + 1);
    });

    test('values of other types are refused, not stored as something else', async () => {
      const insert = (next: unknown) =>
        store.db
          .insertInto('sequences')
          .values({ name: 'x', next: next as number })
          .execute();
      for (const value of [new Date(), true, { a: 1 }, Number.NaN])
        await expect(insert(value)).rejects.toThrow(/bind/);
      const before = await projects();
      expect(before).toBe(await projects());
    });

    test('bytes and numbers up to 2^53 come back as they went in', async () => {
      const next = Number.MAX_SAFE_INTEGER;
      await store.db.insertInto('sequences').values({ name: 'big', next }).execute();
      const row = await store.db
        .selectFrom('sequences')
        .select('next')
        .where('name', '=', 'big')
        .executeTakeFirst();
      expect(row).toEqual({ next });
    });

    test('sequences never give a number twice', async () => {
      const writer = openWriter<never>(store, systemClock, () => {});
      const firsts = await Promise.all(
        Array.from({ length: 50 }, (_, index) => writer.run((tx) => takeNumbers(tx.db, 'frame', index + 1))),
      );
      await writer.close();
      const numbers = firsts.flatMap((first, index) =>
        Array.from({ length: index + 1 }, (_, at) => first + at),
      );
      expect(new Set(numbers).size).toBe(numbers.length);
    });

    test('a mutation that throws is undone alone, and news is told after the commit, in order', async () => {
      const told: string[] = [];
      const writer = openWriter<string>(store, systemClock, (news) => told.push(...news));
      const before = await projects();
      const insert = (name: string, fail: boolean) =>
        writer.run(async (tx) => {
          await tx.db.insertInto('sequences').values({ name, next: 1 }).execute();
          tx.tell(name);
          expect(told).toEqual([]);
          if (fail) throw new Error('no');
        });
      const outcomes = await Promise.allSettled([insert('p', false), insert('q', true), insert('r', false)]);
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(told).toEqual(['p', 'r']);
      expect(await projects()).toBe(before + 2);
      await writer.close();
      await expect(insert('s', false)).rejects.toMatchObject({ code: 'FARM_CLOSED' });
    });
  });
}
