/** What holds for every local database, on an SQLite file and on a real Redis. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasRedis, NO_REDIS, type RedisServer, startRedis } from '../testing/redis-server.ts';
import { readDbIni } from './db-ini.ts';
import { type DbSettings, type FileRecord, type LocalDb, openLocalDb } from './local-db.ts';
import { openRedisDb } from './redis-db.ts';
import { UnchangedFiles } from './unchanged-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'croft-local-db-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const record = (path: string, over: Partial<FileRecord> = {}): FileRecord => ({
  path,
  size: '18446744073709551615',
  mtimeNs: '1700000000123456789',
  inode: '9223372036854775807',
  mtimeMs: 1_700_000_000_123.456,
  blob: `sha256-${'a'.repeat(64)}`,
  ...over,
});

function localDbSuite(fresh: () => DbSettings): void {
  const open: LocalDb[] = [];
  const opened = async (settings: DbSettings) => {
    const db = await openLocalDb(settings);
    open.push(db);
    return db;
  };
  const closeAll = async () => {
    for (const db of open.splice(0)) await db.close();
  };

  it('finds what was put, in the order asked, and nothing for the rest', async () => {
    const settings = fresh();
    const db = await opened(settings);
    const names = ['/a b/红.png', 'C:\\x:y', '/it\'s "quoted"', '/new\nline'];
    expect(await db.find([])).toEqual([]);
    await db.put([]);
    await db.put(names.map((name) => record(name)));
    expect(await db.find(['/none', ...names.toReversed(), '/none'])).toEqual([
      undefined,
      ...names.toReversed().map((name) => record(name)),
      undefined,
    ]);
    await closeAll();
    const later = await opened(settings);
    expect(await later.find([names[0]!])).toEqual([record(names[0]!)]);
    await closeAll();
  });

  it('keeps the last record of a path, and more records than one question holds', async () => {
    const db = await opened(fresh());
    await db.put([record('/a', { size: '1' }), record('/a', { size: '2' })]);
    await db.put([record('/a', { size: '3' })]);
    expect(await db.find(['/a'])).toEqual([record('/a', { size: '3' })]);
    const many = Array.from({ length: 2345 }, (_, index) =>
      record(`/many/${index}`, { size: String(index) }),
    );
    await db.put(many);
    expect(await db.find(many.map(({ path }) => path))).toEqual(many);
    await closeAll();
  });

  it('is shared by many at once', async () => {
    const settings = fresh();
    const users = await Promise.all(Array.from({ length: 6 }, () => opened(settings)));
    await Promise.all(
      users.map(async (db, user) => {
        for (let round = 0; round < 20; round++)
          await db.put([record(`/of-${user}/${round}`), record('/shared', { size: String(user) })]);
      }),
    );
    const paths = users.flatMap((_, user) =>
      Array.from({ length: 20 }, (_, round) => `/of-${user}/${round}`),
    );
    for (const db of users) expect((await db.find(paths)).includes(undefined)).toBe(false);
    expect((await users[0]!.find(['/shared']))[0]).toBeDefined();
    await closeAll();
  });

  it('forgets what this run has put there', async () => {
    const settings = fresh();
    const db = await opened(settings);
    await db.put([record('/a'), record('/b')]);
    await db.forget();
    expect(await db.find(['/a', '/b'])).toEqual([undefined, undefined]);
    await closeAll();
  });
}

describe('an SQLite file', () => {
  let files = 0;
  localDbSuite(() => {
    const file = join(folder, `deep-${files++}`, 'one.db');
    return { type: 'sqlite', name: file, file, isTemporary: false };
  });
});

describe.skipIf(!hasRedis)(hasRedis ? 'a Redis' : `a Redis (${NO_REDIS})`, () => {
  let server: RedisServer;
  let tables = 0;
  const settings = (over: Partial<Extract<DbSettings, { type: 'redis' }>> = {}) => ({
    type: 'redis' as const,
    name: 'redis',
    host: '127.0.0.1',
    port: server.port,
    password: server.password,
    tableIndex: 0,
    timeoutMs: 2000,
    isTemporary: false,
    ...over,
  });
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  localDbSuite(() => settings({ tableIndex: tables++ }));

  it('keeps machines, tables and other programs apart, forgets after 30 days, and reads no nonsense', async () => {
    const mine = await openRedisDb(settings({ tableIndex: 9 }), 'mine');
    const theirs = await openRedisDb(settings({ tableIndex: 9 }), 'theirs');
    await mine.put([record('/a'), record('/b')]);
    expect(await theirs.find(['/a'])).toEqual([undefined]);
    const raw = createClient({
      socket: { host: '127.0.0.1', port: server.port },
      password: server.password,
      database: 9,
    });
    await raw.connect();
    expect(await raw.dbSize()).toBe(2);
    const left = await raw.ttl('croft:unchanged:mine:/a');
    expect(left).toBeGreaterThan(29 * 86_400);
    expect(left).toBeLessThanOrEqual(30 * 86_400);
    for (const nonsense of ['', 'nonsense', 'null', '{}', '{"size":1}']) {
      await raw.set('croft:unchanged:mine:/a', nonsense);
      expect(await mine.find(['/a', '/b'])).toEqual([undefined, record('/b')]);
    }
    await raw.set('other', 'x');
    await mine.forget();
    expect(await raw.keys('*')).toEqual(['other']);
    raw.destroy();
    await mine.close();
    await theirs.close();
  });

  it('is done without where it refuses, is not there, or goes away, with one word about it', async () => {
    const facts = { size: 1n, mtimeNs: 1n, mtimeMs: 1n, ino: 1n };
    const sent = { path: '/x', id: record('/a').blob, size: 1, mtimeMs: 1 } as never;
    const told: string[] = [];
    const problems = async (over: Parameters<typeof settings>[0], between = async () => {}) => {
      told.length = 0;
      const files = new UnchangedFiles(settings({ isTemporary: true, ...over }), (why) => told.push(why));
      expect(await files.find([{ path: '/a', facts }])).toEqual([undefined]);
      await between();
      await files.remember([{ path: '/a', facts, sent }], 10_000);
      expect(await files.find([{ path: '/a', facts }])).toEqual([undefined]);
      await files.close(true);
      return told.length;
    };
    expect(await problems({ password: 'wrong' })).toBe(1);
    expect(await problems({ password: '' })).toBe(1);
    expect(await problems({ port: 9 })).toBe(1);
    expect(await problems({ tableIndex: 4000 })).toBe(1);
    const short = await startRedis();
    expect(await problems({ port: short.port }, () => short.stop())).toBe(1);
    expect(told[0]).toContain('nothing is remembered');
  });
});

describe('the settings that -C names', () => {
  const problems: string[] = [];
  const read = async (text: string) => {
    problems.length = 0;
    const file = join(folder, 'db.ini');
    writeFileSync(file, text);
    return readDbIni(file, (why) => problems.push(why));
  };

  it('redis as the SDK writes it, and by default', async () => {
    const written = `[database]\non = true\nplatform_id = 2\ntype = Redis\n\n[redis]\nhost = r.example\nport = 6380\npassword = a=b:c\ntable_index = 3\ntimeout = 700\n\n[sqlite]\ndb_path = /x/y.db\ntemporary = true\n`;
    expect(await read(written)).toEqual({
      type: 'redis',
      name: 'redis r.example:6380/3',
      host: 'r.example',
      port: 6380,
      password: 'a=b:c',
      tableIndex: 3,
      timeoutMs: 700,
      isTemporary: true,
    });
    expect(
      await read('[database]\ntype=redis\n[redis]\nhost=\nport=\npassword=\ntable_index=\ntimeout=\n'),
    ).toMatchObject({
      name: 'redis 127.0.0.1:6379/0',
      password: '',
      timeoutMs: 5000,
      isTemporary: false,
    });
    expect(problems).toEqual([]);
  });

  it('nothing where they are wrong, with one word about it', async () => {
    for (const wrong of [
      '[database]\ntype = mysql',
      '[database]\ntype = constructor',
      '[database]\ntype = redis\n[redis]\nport = many',
      '[database]\ntype = redis\n[redis]\nport = 65536',
      '[database]\ntype = redis\n[redis]\ntable_index = -1',
      '[database]\ntype = redis\n[redis]\ntimeout = 0',
      '[database]\ntype = sqlite',
    ]) {
      expect(await read(wrong)).toBeNull();
      expect(problems).toHaveLength(1);
    }
    expect(await read('[database]\non = false\ntype = mysql')).toBeNull();
    expect(problems).toEqual([]);
  });
});
