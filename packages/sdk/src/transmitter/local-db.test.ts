/** What holds for every local database, on an SQLite file and on a real Redis. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DAY } from '@croft/contract';
import { createClient } from '@redis/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasRedis, NO_REDIS, type RedisServer, startRedis } from '../testing/redis-server.ts';
import type { DbSettings } from './db-ini.ts';
import { readDbIni } from './db-ini.ts';
import { type FileRecord, type LocalDb, openLocalDb } from './local-db.ts';
import { openRedisDb } from './redis-db.ts';
import { openSqliteDb } from './sqlite-db.ts';
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

/** What the suite moves on by days; Redis has a clock of its own. */
let nowMs = Date.now();
const clock = { now: () => nowMs, after: () => () => {} };

interface Kept {
  /** Records that nobody sees live so long. */
  readonly days: number;
  later(settings: DbSettings, days: number): Promise<void>;
}

function localDbSuite(fresh: () => DbSettings, kept: Kept): void {
  const open: LocalDb[] = [];
  const opened = async (settings: DbSettings) => {
    const db = await openLocalDb(settings, clock);
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

  it('lets go of what no upload has put or seen for long, and of nothing else', async () => {
    const settings = fresh();
    const inARun = async (action: (db: LocalDb) => Promise<void>) => {
      await action(await opened(settings));
      await closeAll();
    };
    await inARun((db) => db.put([record('/seen'), record('/put again'), record('/gone')]));
    await kept.later(settings, kept.days - 10);
    await inARun(async (db) => {
      expect(await db.find(['/seen', '/put again', '/gone'])).not.toContain(undefined);
      await db.seenAgain(['/seen']);
      await db.put([record('/put again', { size: '2' })]);
    });
    await kept.later(settings, 9);
    await inARun(async () => {});
    await inARun(async (db) => expect(await db.find(['/gone'])).toEqual([record('/gone')]));
    await kept.later(settings, 2);
    await inARun(async () => {});
    await inARun(async (db) => {
      const again = record('/put again', { size: '2' });
      expect(await db.find(['/seen', '/put again', '/gone'])).toEqual([record('/seen'), again, undefined]);
    });
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
  const settings = () => {
    const file = join(folder, `deep-${files++}`, 'one.db');
    return { type: 'sqlite' as const, name: file, file, isTemporary: false };
  };
  const later = async (_settings: DbSettings, days: number) => {
    nowMs += days * DAY;
  };
  localDbSuite(settings, { days: 90, later });

  const rows = (file: string) => {
    const raw = new DatabaseSync(file);
    const all = raw.prepare('select path, day from croft_unchanged').all();
    raw.close();
    return all;
  };
  const many = (count: number) => Array.from({ length: count }, (_, index) => record(`/many/${index}`));

  it('is tidied a little at a time, while nobody else is at it', async () => {
    const one = settings();
    const first = openSqliteDb(one, clock);
    await first.put(many(12_000));
    await first.close();
    nowMs += 91 * DAY;
    const other = new DatabaseSync(one.file);
    other.exec('begin immediate');
    const startedAt = Date.now();
    await openSqliteDb(one, clock).close();
    expect(Date.now() - startedAt).toBeLessThan(2000);
    expect(rows(one.file)).toHaveLength(12_000);
    other.exec('rollback');
    other.close();
    await openSqliteDb(one, clock).close();
    expect(rows(one.file)).toHaveLength(2000);
    await openSqliteDb(one, clock).close();
    expect(rows(one.file)).toHaveLength(0);
  });

  it('loses its oldest records when it is too long', async () => {
    const one = settings();
    const mostBytes = 2_000_000;
    const fill = async (from: number) => {
      const db = openSqliteDb(one, clock, mostBytes);
      await db.put(many(from + 6000).slice(from));
      await db.close();
    };
    await fill(0);
    expect(rows(one.file)).toHaveLength(6000);
    nowMs += DAY;
    await fill(6000);
    const left = rows(one.file);
    expect(left).toHaveLength(2000);
    expect(new Set(left.map(({ day }) => day))).toEqual(new Set([Math.floor(nowMs / DAY)]));
  });

  it('of a version that counted no days is taken over', async () => {
    const one = settings();
    mkdirSync(dirname(one.file));
    const old = new DatabaseSync(one.file);
    old.exec(`create table croft_unchanged (path text primary key, size text not null,
      mtime_ns text not null, inode text not null, mtime_ms real not null, blob text not null) without rowid`);
    const { path, size, mtimeNs, inode, mtimeMs, blob } = record('/old');
    const put = old.prepare('insert into croft_unchanged values (?, ?, ?, ?, ?, ?)');
    put.run(path, size, mtimeNs, inode, mtimeMs, blob);
    old.close();
    const [mine, other] = [openSqliteDb(one, clock), openSqliteDb(one, clock)];
    await other.put([record('/new')]);
    expect(await mine.find(['/old', '/new'])).toEqual([record('/old'), record('/new')]);
    await mine.close();
    await other.close();
    expect(rows(one.file)).toHaveLength(2);
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
  const later = async (given: DbSettings, days: number) => {
    if (given.type !== 'redis') throw new Error('this one is no Redis');
    const raw = await rawClient(given.tableIndex);
    for (const key of await raw.keys('*')) {
      const left = (await raw.ttl(key)) - days * 86_400;
      if (left > 0) await raw.expire(key, left);
      else await raw.del(key);
    }
    raw.destroy();
  };
  async function rawClient(database: number) {
    const socket = { host: '127.0.0.1', port: server.port };
    const raw = createClient({ socket, password: server.password, database });
    await raw.connect();
    return raw;
  }
  localDbSuite(() => settings({ tableIndex: tables++ }), { days: 30, later });

  it('keeps machines, tables and other programs apart, forgets after 30 days, and reads no nonsense', async () => {
    const mine = await openRedisDb(settings({ tableIndex: 9 }), 'mine');
    const theirs = await openRedisDb(settings({ tableIndex: 9 }), 'theirs');
    await mine.put([record('/a'), record('/b')]);
    expect(await theirs.find(['/a'])).toEqual([undefined]);
    const raw = await rawClient(9);
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
      const files = new UnchangedFiles(settings({ isTemporary: true, ...over }), clock, (why) =>
        told.push(why),
      );
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
