/**
 * Brings a store to the newest schema. Versions only go forward. All pending migrations and their records are one
 * transaction under the write lock: a second farm that starts at the same moment waits, then finds nothing to do, and
 * a crash in the middle leaves the old schema. A store that a newer Croft wrote is refused with FARM_STORE_NEWER.
 */
import type { Clock } from '@croft/contract';
import { farmErrors } from '../errors.ts';
import { MIGRATIONS } from './migrations/list.ts';
import type { Migration } from './migrations/migration.ts';
import type { Store } from './store.ts';

/** Returns the version the store has afterwards. */
export async function migrate(
  store: Store,
  clock: Clock,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<number> {
  await store.begin();
  try {
    await store.execute(
      `create table if not exists migrations (version ${store.types.id} primary key, name text not null,
       applied_at ${store.types.int} not null)`,
    );
    const newest = migrations.at(-1)?.version ?? 0;
    const current = await currentVersion(store);
    if (current > newest) {
      throw farmErrors.FARM_STORE_NEWER(
        `the store has schema ${current}, this Croft knows ${newest} at most`,
      );
    }
    for (const migration of migrations.filter(({ version }) => version > current)) {
      for (const statement of migration.statements(store.types)) await store.execute(statement);
      const { version, name } = migration;
      await store.db.insertInto('migrations').values({ version, name, applied_at: clock.now() }).execute();
    }
    await store.commit();
    return newest;
  } catch (thrown) {
    await store.rollback();
    throw thrown;
  }
}

async function currentVersion(store: Store): Promise<number> {
  const row = await store.db
    .selectFrom('migrations')
    .select((eb) => eb.fn.max('version').as('version'))
    .executeTakeFirst();
  return row?.version ?? 0;
}
