/** What `rayvision_transmitter` remembers of unchanged files, in SQLite and in Redis, and that it never believes it. */
import { spawnSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasRedis, NO_REDIS, startRedis } from '../packages/sdk/src/testing/redis-server.ts';
import { atEnd } from './support/croft.ts';
import { keyOf, type ServerFarm, startServer } from './support/farm.ts';
import { filesBelow } from './support/pixels.ts';
import { type Desk, launcherFor, openDesk, storagesOf, text } from './support/transmitter-desk.ts';

let farm: ServerFarm;
let exe: string;
beforeAll(async () => {
  farm = await startServer();
  exe = await launcherFor(farm);
});

interface Wish {
  on?: string;
  type?: string;
  temporary?: string;
  db?: string;
}

/** A file of settings for a SQLite database. */
function sqliteIni(desk: Desk, { on = 'true', type = 'sqlite', temporary = 'false', db = '' }: Wish): string {
  const redis = '[redis]\nhost = 127.0.0.1\npassword = \n';
  const path = db || join(desk.folder, 'not', 'yet', 'there.db');
  const sqlite = `[sqlite]\ndb_path = ${path}\ntemporary = ${temporary}\n`;
  return desk.file(
    'db.ini',
    `[database]\non = ${on}\nplatform_id = 2\ntype = ${type}\n\n${redis}\n${sqlite}`,
  );
}

/** The same for a Redis that runs until the test ends. */
async function redisIni(desk: Desk): Promise<string> {
  const { port, password, stop } = await startRedis();
  atEnd(stop);
  const redis = `[redis]\nhost = 127.0.0.1\nport = ${port}\npassword = ${password}\ntable_index = 0\ntimeout = 5000\n`;
  const sqlite = '[sqlite]\ndb_path = /proc/never.db\ntemporary = false\n';
  return desk.file(
    'db_redis.ini',
    `[database]\non = true\nplatform_id = 2\ntype = redis\n\n${redis}\n${sqlite}`,
  );
}

/** Three lists of files, for three runs at once; each has `count` pairs, of `different` files. */
function threeLists(desk: Desk, count: number, different: number): string[] {
  return [0, 1, 2].map((run) =>
    desk.pairs(
      ...Array.from({ length: count }, (_, index) => {
        const path = `many/${run}-${index % different}.txt`;
        return [desk.file(path, `${run} ${index % different}`), `/${path}`] as const;
      }),
    ),
  );
}

/** Sends the lists at once; gives for each how many files were unchanged. */
async function sendAtOnce(
  desk: Desk,
  lists: readonly string[],
  config: string,
  { run, bid }: { run: 'run' | 'runProcess'; bid?: string },
): Promise<number[]> {
  const sent = lists.map((list) => desk[run](...desk.at(bid), '-T', 'upload_json', '-L', list, '-C', config));
  const ends = await Promise.all(sent);
  expect(ends.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(ends.some(({ stdout }) => stdout.includes('warning'))).toBe(false);
  return ends.map(({ stdout }) => stdout.split('upload file unchanged').length - 1);
}

const DONE = { done: true, unchanged: false };
const UNCHANGED = { done: false, unchanged: true };

/** Sends one list; gives what was said of its file. */
async function send(desk: Desk, list: string, config: string, bid?: string) {
  const { code, stdout } = await desk.run(...desk.at(bid), '-T', 'upload_json', '-L', list, '-C', config);
  expect([code, stdout]).toEqual([0, expect.any(String)]);
  return { done: stdout.includes('upload file done'), unchanged: stdout.includes('upload file unchanged') };
}

it('remembers unchanged files, and does without a database that fails', async () => {
  const desk = await openDesk(farm, exe);
  const { folder } = desk;
  const file = desk.file('big.bin', randomBytes(100_000));
  const list = desk.pairs([file, '/big.bin']);
  const ini = (wish: Wish = {}) => sqliteIni(desk, wish);
  const up = (config: string) => send(desk, list, config);
  expect(await up(ini())).toEqual(DONE);
  expect(await up(ini())).toEqual(UNCHANGED);
  // Another time or size means reading again.
  utimesSync(file, 1_600_000_000, 1_600_000_000);
  expect(await up(ini())).toEqual(DONE);
  truncateSync(file, 50_000);
  utimesSync(file, 1_600_000_000, 1_600_000_000);
  expect(await up(ini())).toEqual(DONE);
  expect((await desk.stored('/big.bin'))?.length).toBe(50_000);
  expect(await up(ini())).toEqual(UNCHANGED);

  // Each is written when its turn comes, since all have one name.
  for (const config of [
    () => 'None',
    () => join(folder, 'no.ini'),
    () => ini({ on: 'false' }),
    () => ini({ type: 'redis' }),
    () => ini({ db: '/proc/no/such.db' }),
  ])
    expect(await up(config())).toEqual(DONE);
  const broken = desk.file('broken.db', 'this is no database at all, whatever its name says '.repeat(100));
  expect(await up(ini({ db: broken }))).toEqual(DONE);

  const rows = (db: string) => {
    const open = new DatabaseSync(db);
    const { n } = open.prepare('select count(*) n from croft_unchanged').get() as { n: number };
    open.close();
    return n;
  };
  expect(rows(join(folder, 'not', 'yet', 'there.db'))).toBe(1);
  const short = join(folder, 'short.db');
  expect(await up(ini({ db: short, temporary: 'true' }))).toEqual(DONE);
  expect(rows(short)).toBe(0);
});

describe('an upload goes well whatever becomes of its memory, with one word about it,', () => {
  /** Sends one new file, with a database that is in trouble by then. */
  async function sendsNew(desk: Desk, db: string, how: 'run' | 'runProcess' = 'run'): Promise<void> {
    const name = `new-${randomUUID()}.txt`;
    const list = desk.pairs([desk.file(name, name), `/${name}`]);
    const config = sqliteIni(desk, { db });
    const { code, stdout } = await desk[how](...desk.at(), '-T', 'upload_json', '-L', list, '-C', config);
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining(`warning: the database ${db} cannot be used`),
    ]);
    expect(stdout.split('warning').length - 1).toBe(1);
    expect(stdout).toContain(`upload file done (${join(desk.folder, name)})`);
    expect(text(await desk.stored(`/${name}`))).toBe(name);
  }

  /** A database of so many files, as earlier uploads left it. */
  async function filledDb(desk: Desk, files: number, folder = desk.folder): Promise<string> {
    const db = join(folder, `${randomUUID()}.db`);
    const pairs = Array.from({ length: files }, (_, index) => {
      const path = `${'long '.repeat(20)}${index}.txt`;
      return [desk.file(path, 'same'), `/${path}`] as const;
    });
    expect(await send(desk, desk.pairs(...pairs), sqliteIni(desk, { db }))).toEqual(DONE);
    return db;
  }

  /** Held by another process for longer than anybody waits: five seconds, in a process of its own. */
  async function whileHeld(): Promise<void> {
    const desk = await openDesk(farm, exe);
    const db = await filledDb(desk, 1);
    const holder = new DatabaseSync(db);
    holder.exec('begin immediate');
    await sendsNew(desk, db, 'runProcess');
    holder.exec('rollback');
    holder.close();
  }

  async function withNoDatabase(): Promise<void> {
    const desk = await openDesk(farm, exe);
    const damaged = await filledDb(desk, 300);
    const bytes = readFileSync(damaged);
    expect(bytes.length).toBeGreaterThan(60_000);
    writeFileSync(damaged, bytes.fill(0xa5, 4096));
    await sendsNew(desk, damaged);
    await sendsNew(desk, dirname(desk.file('a folder/in.txt', '')));
    await sendsNew(desk, join(desk.file('a file', ''), 'in.db'));
  }

  it('its file damaged in the middle, a folder, below a file, or held by another process', async () => {
    await Promise.all([whileHeld(), withNoDatabase()]);
  });

  const ROOT = process.getuid?.() === 0;
  it.skipIf(!ROOT)(`its disk read-only, or full${ROOT ? '' : ' (skipped: needs root)'}`, async (context) => {
    const desk = await openDesk(farm, exe);
    const disk = join(desk.folder, 'disk');
    mkdirSync(disk);
    const mount = (options: string) =>
      spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk]).status;
    if (mount('size=256k') !== 0) return context.skip('root here may not mount a tmpfs');
    atEnd(() => void spawnSync('umount', ['-l', disk]));
    const db = await filledDb(desk, 1, disk);
    expect(mount('remount,ro')).toBe(0);
    await sendsNew(desk, db);
    await sendsNew(desk, join(disk, 'another.db'));
    expect(mount('remount,rw,size=256k')).toBe(0);
    const fill = join(disk, 'fill');
    expect(() => writeFileSync(fill, Buffer.alloc(300_000))).toThrow('ENOSPC');
    await sendsNew(desk, db);
    await sendsNew(desk, join(disk, 'another.db'));
    // With room again it is as good as it was.
    rmSync(fill);
    const list = desk.pairs([desk.file('after.txt', 'after'), '/after.txt']);
    const config = sqliteIni(desk, { db });
    expect(await send(desk, list, config)).toEqual(DONE);
    expect(await send(desk, list, config)).toEqual(UNCHANGED);
  });
});

it('shares one database between runs at once', async () => {
  const desk = await openDesk(farm, exe);
  const config = sqliteIni(desk, { db: join(desk.folder, 'db', 'one.db') });
  await sendAtOnce(desk, threeLists(desk, 40, 30), config, { run: 'runProcess' });
});

const REDIS_TITLE = 'remembers in a Redis, too, shared by runs at once';
it.skipIf(!hasRedis)(hasRedis ? REDIS_TITLE : `${REDIS_TITLE} (${NO_REDIS})`, async () => {
  const desk = await openDesk(farm, exe);
  const config = await redisIni(desk);
  const lists = threeLists(desk, 20, 20);
  expect(await sendAtOnce(desk, lists, config, { run: 'runProcess' })).toEqual([0, 0, 0]);
  expect(await sendAtOnce(desk, lists, config, { run: 'run' })).toEqual([20, 20, 20]);
});

const NEW_FARM = 'a new farm under the same address has nothing: what is remembered of the old one is sent';
it(hasRedis ? NEW_FARM : `${NEW_FARM} (without a Redis: ${NO_REDIS})`, async () => {
  const desk = await openDesk(farm, exe, 'first account');
  const list = desk.pairs([desk.file('a.bin', randomBytes(1000)), '/a.bin']);
  const sqlite = sqliteIni(desk, {});
  const lists = threeLists(desk, 20, 20);
  const redis = hasRedis ? await redisIni(desk) : null;
  expect(await send(desk, list, sqlite)).toEqual(DONE);
  expect(await send(desk, list, sqlite)).toEqual(UNCHANGED);
  if (redis) {
    expect(await sendAtOnce(desk, lists, redis, { run: 'run' })).toEqual([0, 0, 0]);
    expect(await sendAtOnce(desk, lists, redis, { run: 'run' })).toEqual([20, 20, 20]);
  }

  await farm.process.stop();
  farm = await startServer(undefined, Number(new URL(farm.url).port));
  const { ids, userId } = await storagesOf({ ...keyOf(farm), url: farm.url });
  expect(userId).toBe(desk.userId);
  expect(await send(desk, list, sqlite, ids.input)).toEqual(DONE);
  expect(await send(desk, list, sqlite, ids.input)).toEqual(UNCHANGED);
  if (redis) {
    const bid = ids.input;
    expect(await sendAtOnce(desk, lists, redis, { run: 'run', bid })).toEqual([0, 0, 0]);
    const all = join(desk.folder, 'all');
    const down = await desk.run(...desk.at(bid), '-T', 'download_path', '-R', 'many', '-L', all);
    expect(down.code).toBe(0);
    expect(filesBelow(all)).toHaveLength(60);
  }
});
