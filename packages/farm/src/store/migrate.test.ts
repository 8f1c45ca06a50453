import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { silentLog, systemClock } from '@croft/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { audit } from '../audit/audit.ts';
import { startFarmCore } from '../farm-thread/farm-core.ts';
import { memoryBlobs } from '../testing/memory-blobs.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations/list.ts';
import { openSqliteStore } from './sqlite/open.ts';

const RELEASED = new URL('./released/', import.meta.url);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'croft-schema-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** The tables and columns of a database, as SQLite tells them. */
function manifest(file: string): string[] {
  const database = new DatabaseSync(file, { readOnly: true });
  const rows = database
    .prepare(
      `select t.name || '.' || c.name || ' ' || c.type || ' ' || c."notnull" as line
       from sqlite_master t join pragma_table_info(t.name) c where t.type = 'table' order by line`,
    )
    .all();
  database.close();
  return rows.map(({ line }) => String(line));
}

async function fresh(): Promise<string> {
  const file = join(folder, 'fresh.sqlite');
  const store = openSqliteStore(file);
  await migrate(store, systemClock);
  await store.close();
  return file;
}

test('every released schema, with what a farm kept in it, becomes the newest and works', async () => {
  const dumps = await readdir(RELEASED);
  expect(dumps).toHaveLength(MIGRATIONS.length);
  const newest = manifest(await fresh());
  for (const dump of dumps) {
    const file = join(folder, `${dump}.sqlite`);
    const old = new DatabaseSync(file, { enableForeignKeyConstraints: false });
    old.exec(await readFile(new URL(dump, RELEASED), 'utf8'));
    old.close();
    const store = openSqliteStore(file);
    const core = await startFarmCore({
      store,
      masterKey: new Uint8Array(32),
      blobs: memoryBlobs(),
      apps: async () => [],
      clock: systemClock,
      log: silentLog,
      outlet: { event() {}, toNode() {} },
    });
    await core.idle();
    expect(await audit(store.db)).toEqual([]);
    expect(await core.calls.firstAccount()).toMatchObject({ accountId: 10001 });
    await core.close();
    expect(manifest(file)).toEqual(newest);
  }
});

test('a store of a newer Croft is refused and left as it is', async () => {
  const file = await fresh();
  const store = openSqliteStore(file);
  await store.db.insertInto('migrations').values({ version: 999, name: 'future', applied_at: 1 }).execute();
  await expect(migrate(store, systemClock)).rejects.toMatchObject({ code: 'FARM_STORE_NEWER' });
  await store.close();
});

test('migrating twice does nothing, and a failing migration leaves the old schema', async () => {
  const file = await fresh();
  const store = openSqliteStore(file);
  expect(await migrate(store, systemClock)).toBe(MIGRATIONS.length);
  const broken = {
    version: MIGRATIONS.length + 1,
    name: 'broken',
    statements: () => ['create table half (id integer)', 'no sql at all'],
  };
  const before = manifest(file);
  await expect(migrate(store, systemClock, [...MIGRATIONS, broken])).rejects.toThrow(/syntax/);
  expect(manifest(file)).toEqual(before);
  await store.close();
});
