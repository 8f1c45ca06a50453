/** `rayvision_transmitter` as a program: every option and mistake that the real SDK or a script could give it. */
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Clock, systemClock } from '@croft/contract';
import { farmSession, transmit } from '@croft/sdk';
import { expect, it } from 'vitest';
import { hasRedis, NO_REDIS, startRedis } from '../packages/sdk/src/testing/redis-server.ts';
import { atEnd, croft, eventually, type Outcome, outcomeOf, temporaryFolder } from './support/croft.ts';
import { startServer, type TestFarm } from './support/farm.ts';
import { filesBelow } from './support/pixels.ts';

const MiB = 1024 * 1024;

interface Desk {
  farm: TestFarm & Awaited<ReturnType<typeof startServer>>;
  folder: string;
  exe: string;
  ids: { config: string; input: string; output: string };
  userId: number;
  /** Options that name farm and storage; default the input storage. */
  at(bid?: string): string[];
  /** Runs the program with the options. */
  run(...args: string[]): Promise<Outcome>;
  /** Writes a local file, dated in the past. */
  file(path: string, bytes: Buffer | string): string;
  /** An upload.json of [local, server] pairs. */
  pairs(...pairs: (readonly [string, string])[]): string;
  /** Fetches the whole input storage with the program itself; path → text. */
  stored(path: string): Promise<Buffer | null>;
}

async function openDesk(): Promise<Desk> {
  const folder = temporaryFolder();
  const farm = await startServer();
  const { path: exe } = await farm.json<{ path: string }>('transmitter', join(folder, 'exe folder'));
  const key = JSON.parse(readFileSync(join(farm.home, 'client.json'), 'utf8'));
  const session = farmSession({ ...key, url: farm.url });
  atEnd(() => session.close());
  const ids = await session.api.user.storageIds();
  const { userId } = await session.api.user.profile();
  const { hostname, port } = new URL(farm.url);
  const environment = { ...process.env, LD_LIBRARY_PATH: dirname(exe) };
  let numbers = 0;
  const desk: Desk = {
    farm,
    folder,
    exe,
    ids,
    userId,
    at: (bid = ids.input) => ['-E', 'aspera', '-H', hostname, '-P', port, '-S', bid, '-U', String(userId)],
    run: (...args) =>
      outcomeOf(spawn(exe, args, { env: environment, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })),
    file(path, bytes) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
      utimesSync(file, 1_700_000_000, 1_700_000_000);
      return file;
    },
    pairs: (...pairs) =>
      desk.file(
        `list-${numbers++}/upload.json`,
        JSON.stringify({ scene: 'ignored', asset: pairs.map(([local, server]) => ({ local, server })) }),
      ),
    async stored(path) {
      const to = join(folder, `look-${numbers++}`);
      const { code } = await desk.run(...desk.at(), '-T', 'download_path', '-R', path, '-L', to);
      const file = join(to, path.slice(path.lastIndexOf('/') + 1));
      return code === 0 && existsSync(file) ? readFileSync(file) : null;
    },
  };
  return desk;
}

const text = (bytes: Buffer | null) => bytes?.toString('utf8');

it('help and version end with 0; every mistake with a code that the SDK knows, and nothing is moved', async () => {
  const desk = await openDesk();
  const { farm, run, at } = desk;
  for (const flag of ['-h', '--help', '-v', '--version']) expect((await run(flag)).code).toBe(0);
  const file = desk.file('a.txt', 'a');
  const upload = ['-T', 'upload_path', '-L', file, '-R', '/a.txt'];
  const list = desk.pairs([file, '/a.txt']);
  const mistakes: [string, number, string[]][] = [
    ['nothing', 9, []],
    ['an unknown option', 9, [...at(), ...upload, '-X', '1']],
    ['an unknown type', 9, [...at(), '-T', 'bogus', '-L', file]],
    ['an unknown engine', 9, [...at().with(1, 'bogus'), ...upload]],
    ['no storage', 9, at().slice(0, 6).concat(upload)],
    ['an option twice', 9, [...at(), ...upload, '-K', '1', '-K', '1']],
    ['too fast', 9, [...at(), ...upload, '-s', '1048577']],
    ['a wrong protocol', 9, [...at(), ...upload, '-p', '3']],
    ['a wrong range', 9, [...at(), ...upload, '-c', '1 x']],
    ['positions that are too few', 9, ['aspera', 'x']],
    ['no such host', 9, [...at().with(3, 'no-such-host.invalid'), ...upload, '-r', '0']],
    ['a path out of the storage', 9, [...at(), '-T', 'download_path', '-R', '../x', '-L', desk.folder]],
    ['an empty remote path', 9, [...at(), '-T', 'download_path', '-R', ' / ', '-L', desk.folder]],
    ['a foreign account', 2, [...at().with(9, String(desk.userId + 1)), ...upload]],
    ['an unknown storage', 2, [...at('123456789012345678'), ...upload]],
    ['writing results', 2, [...at(desk.ids.output), ...upload]],
    [
      'reading configuration',
      2,
      [...at(desk.ids.config), '-T', 'download_path', '-R', '1', '-L', desk.folder],
    ],
    ['no list', 2, [...at(), '-T', 'upload_json', '-L', `${list}x`]],
    ['a list that is no JSON', 2, [...at(), '-T', 'upload_json', '-L', file]],
    ['a list without asset', 2, [...at(), '-T', 'upload_json', '-L', desk.file('b.json', '{"scene":[]}')]],
    [
      'an item without server',
      2,
      [...at(), '-T', 'upload_json', '-L', desk.file('c.json', '{"asset":[{"local":"x"}]}')],
    ],
    [
      'a remote path that is not there',
      1,
      [...at(), '-T', 'download_path', '-R', 'nowhere', '-L', desk.folder],
    ],
    ['a port where nobody listens', 1, [...at().with(5, '9'), ...upload, '-r', '0']],
    [
      'a local folder that cannot be made',
      1,
      [...at(), '-T', 'download_path', '-R', 'x', '-L', '/proc/no/such'],
    ],
    ['a local file that is not there', 11, [...at(), '-T', 'upload_path', '-L', `${file}x`, '-R', '/a.txt']],
  ];
  for (const [what, code, args] of mistakes) {
    const outcome = await run(...args);
    expect([what, outcome.code, outcome.stdout]).toEqual([what, code, expect.any(String)]);
    expect(outcome.stderr).toBe('');
  }
  expect(await desk.stored('/a.txt')).toBeNull();
  // A farm that is gone, and a program that is gone from under its launcher.
  await farm.process.stop();
  expect((await run(...at(), ...upload, '-r', '0')).code).toBe(1);
  const launcher = readFileSync(desk.exe, 'utf8');
  writeFileSync(desk.exe, launcher.replace(/^main=.*$/m, "main='/nowhere/main.ts'"));
  expect(await run('-v')).toMatchObject({ code: 1, stdout: expect.stringContaining('croft transmitter') });
});

it('sends pairs as they are written, says each file once, and goes on past one that is missing', async () => {
  const desk = await openDesk();
  const first = desk.file('with space/красный 红.txt', 'one');
  const second = desk.file('b.txt', 'two');
  const gone = join(desk.folder, 'gone.txt');
  const list = desk.pairs(
    [first, '/D/x/one.txt'],
    [gone, '/gone.txt'],
    [second, 'home/x/two.txt'],
    [second, '/../out'],
  );
  const sent = await desk.run(
    ...desk.at(),
    '-T',
    'upload_json',
    '-L',
    list,
    '-R',
    '/',
    '-s',
    '1048576',
    '-K',
    'True',
  );
  expect(sent.code).toBe(11);
  const lines = sent.stdout.split('\n');
  expect(lines.filter((line) => line.includes('upload file done ('))).toEqual([
    `upload file done (${first}) size:3`,
    `upload file done (${second}) size:3`,
  ]);
  expect(
    lines.some((line) => line.includes('get path') && line.includes('info failed') && line.includes(gone)),
  ).toBe(true);
  expect(lines.some((line) => line.startsWith(`upload file fail (${second})`))).toBe(true);
  expect(text(await desk.stored('/D/x/one.txt'))).toBe('one');
  expect(text(await desk.stored('home/x/two.txt'))).toBe('two');
  const empty = await desk.run(...desk.at(), '-T', 'upload_json', '-L', desk.pairs());
  expect(empty.code).toBe(0);
  const bom = desk.file(
    'bom.json',
    `\uFEFF${JSON.stringify({ asset: [{ local: second, server: '\\D\\bom.txt' }] })}`,
  );
  expect((await desk.run(...desk.at(), '-T', 'upload_json', '-L', bom)).code).toBe(0);
  expect(text(await desk.stored('/D/bom.txt'))).toBe('two');
});

it('is started by the SDK through a shell that answers y, in a folder that is open to all', async () => {
  const desk = await openDesk();
  chmodSync(desk.exe, 0o777);
  const file = desk.file('task.json', '{}');
  const options = desk.at().map((word) => (word.startsWith('-') ? word : `"${word}"`));
  const line = `echo y|"${desk.exe}" ${options.join(' ')} -T "upload_path" -L "${file}" -R "/77/cfg/task.json" -r "2" -K "false" -s "1048576" -C "None" -p 0 `;
  const outcome = await outcomeOf(spawn('/bin/sh', ['-c', line], { stdio: ['ignore', 'pipe', 'pipe'] }));
  expect(outcome).toMatchObject({ code: 0 });
  expect(text(await desk.stored('/77/cfg/task.json'))).toBe('{}');
});

it('takes the positional form of old SDKs, long names, and their prefixes', async () => {
  const desk = await openDesk();
  const file = desk.file('a.txt', 'a');
  const { hostname, port } = new URL(desk.farm.url);
  const { ids, userId } = desk;
  const old = [
    'aspera',
    'CTCC',
    hostname,
    port,
    ids.input,
    String(userId),
    'upload_files',
    file,
    '/old.txt',
    '1',
    'false',
    '2048',
    'None',
  ];
  expect((await desk.run(...old)).code).toBe(0);
  expect(text(await desk.stored('/old.txt'))).toBe('a');
  const long = [
    '--engine=aspera',
    '--host',
    hostname,
    `-P${port}`,
    '--stor',
    ids.input,
    `--uid=${userId}`,
    '--type',
    'upload_path',
    '--local',
    file,
    '--remo=/long.txt',
  ];
  expect((await desk.run(...long)).code).toBe(0);
  expect(text(await desk.stored('/long.txt'))).toBe('a');
  expect((await desk.run(...long, '--r=1')).code).toBe(9);
});

it('puts files, folders and lists where the rules of -K say, up and down', async () => {
  const desk = await openDesk();
  const { run, at, folder } = desk;
  desk.file('set/in/x.txt', 'x');
  const file = desk.file('set/y.txt', 'y');
  const set = join(folder, 'set');
  const kept = set.slice(1);
  const up = (...args: string[]) => run(...at(), '-T', 'upload_path', ...args);
  expect((await up('-L', file, '-R', '/p/exact.txt')).code).toBe(0);
  expect((await up('-L', file, '-R', '/p/')).code).toBe(0);
  expect((await up('-L', set, '-R', '/q')).code).toBe(0);
  expect((await up('-L', set, '-R', '/k', '-K', '1')).code).toBe(0);
  const list = desk.file('list.txt', `  ${file}  \n\n${join(set, 'in')}\n${join(folder, 'never')}\n`);
  expect((await run(...at(), '-T', 'upload_list', '-L', list, '-R', '/l', '-c', '0 2')).code).toBe(0);
  for (const path of [
    '/p/exact.txt',
    '/p/y.txt',
    '/q/y.txt',
    '/q/in/x.txt',
    `/k/${kept}/in/x.txt`,
    `/l/${kept}/y.txt`,
    `/l/${kept}/in/x.txt`,
  ])
    expect([path, await desk.stored(path)]).toEqual([path, expect.any(Buffer)]);

  const down = async (keep: string, remote: string) => {
    const to = join(folder, `down-${keep}-${remote.replaceAll('/', '_')}`);
    expect((await run(...at(), '-T', 'download_path', '-R', remote, '-L', to, '-K', keep)).code).toBe(0);
    return filesBelow(to);
  };
  expect(await down('false', 'q')).toEqual(['in/x.txt', 'y.txt']);
  expect(await down('true', '/q/')).toEqual(['q/in/x.txt', 'q/y.txt']);
  expect(await down('true', 'q/in')).toEqual(['q/in/x.txt']);
  expect(await down('false', 'q/in/x.txt')).toEqual(['x.txt']);
  const remotes = desk.file('remotes.txt', 'q/in\nnowhere\np\n');
  const many = join(folder, 'many');
  expect((await run(...at(), '-T', 'download_list', '-R', remotes, '-L', many, '-K', 'on')).code).toBe(1);
  expect(filesBelow(many)).toEqual(['p/exact.txt', 'p/y.txt', 'q/in/x.txt']);
});

it('downloads again only what differs, replaces at once, and leaves other files alone', async () => {
  const desk = await openDesk();
  const { run, at, folder } = desk;
  desk.file('set/a.txt', 'first');
  desk.file('set/b.txt', 'other');
  await run(...at(), '-T', 'upload_path', '-L', join(folder, 'set'), '-R', '/s');
  const to = join(folder, 'down');
  const down = async () => {
    const { code, stdout } = await run(...at(), '-T', 'download_path', '-R', 's', '-L', to);
    expect(code).toBe(0);
    return stdout.split('\n').filter((line) => line.startsWith('download file done'));
  };
  expect(await down()).toHaveLength(2);
  const before = statSync(join(to, 'a.txt'));
  writeFileSync(join(to, 'mine.txt'), 'mine');
  expect(await down()).toEqual([]);
  expect(statSync(join(to, 'a.txt')).ino).toBe(before.ino);
  writeFileSync(join(to, 'b.txt'), 'spoilt');
  expect(await down()).toEqual([`download file done (${join(to, 'b.txt')}) size:5`]);
  expect(readFileSync(join(to, 'b.txt'), 'utf8')).toBe('other');
  expect(filesBelow(to)).toEqual(['a.txt', 'b.txt', 'mine.txt']);
});

it('remembers unchanged files, never believes them there, and does without a database that fails', async () => {
  const desk = await openDesk();
  const { run, at, folder } = desk;
  const file = desk.file('big.bin', randomBytes(100_000));
  const list = desk.pairs([file, '/big.bin']);
  const dbFile = join(folder, 'not', 'yet', 'there.db');
  const ini = (over: { on?: string; type?: string; temporary?: string; db?: string } = {}) =>
    desk.file(
      'db.ini',
      `[database]\non = ${over.on ?? 'true'}\nplatform_id = 2\ntype = ${over.type ?? 'sqlite'}\n\n[redis]\nhost = 127.0.0.1\npassword = \n\n[sqlite]\ndb_path = ${over.db ?? dbFile}\ntemporary = ${over.temporary ?? 'false'}\n`,
    );
  const up = async (config: string, bid?: string) => {
    const { code, stdout } = await run(...at(bid), '-T', 'upload_json', '-L', list, '-C', config);
    expect([code, stdout]).toEqual([0, expect.any(String)]);
    return { done: stdout.includes('upload file done'), unchanged: stdout.includes('upload file unchanged') };
  };
  const DONE = { done: true, unchanged: false };
  const UNCHANGED = { done: false, unchanged: true };
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

  for (const config of [
    'None',
    join(folder, 'no.ini'),
    ini({ on: 'false' }),
    ini({ type: 'redis' }),
    ini({ db: '/proc/no/such.db' }),
  ])
    expect(await up(config)).toEqual(DONE);
  const broken = desk.file('broken.db', 'this is no database at all, whatever its name says '.repeat(100));
  expect(await up(ini({ db: broken }))).toEqual(DONE);

  const rows = (db: string) => {
    const open = new DatabaseSync(db);
    const { n } = open.prepare('select count(*) n from croft_unchanged').get() as { n: number };
    open.close();
    return n;
  };
  expect(rows(dbFile)).toBe(1);
  const short = join(folder, 'short.db');
  expect(await up(ini({ db: short, temporary: 'true' }))).toEqual(DONE);
  expect(rows(short)).toBe(0);

  // A new farm under the same address has nothing: what is remembered is sent.
  const { port } = new URL(desk.farm.url);
  await desk.farm.process.stop();
  const fresh = await startServer(undefined, Number(port));
  const key = JSON.parse(readFileSync(join(fresh.home, 'client.json'), 'utf8'));
  const session = farmSession({ ...key, url: fresh.url });
  const { input } = await session.api.user.storageIds();
  await session.close();
  expect(await up(ini(), input)).toEqual(DONE);
  expect(await up(ini(), input)).toEqual(UNCHANGED);
});

const REDIS_TITLE = 'remembers in a Redis, too: shared by runs at once, never believed of another farm';
it.skipIf(!hasRedis)(hasRedis ? REDIS_TITLE : `${REDIS_TITLE} (${NO_REDIS})`, async () => {
  const desk = await openDesk();
  const redis = await startRedis();
  atEnd(() => redis.stop());
  const config = desk.file(
    'db_redis.ini',
    `[database]\non = true\nplatform_id = 2\ntype = redis\n\n[redis]\nhost = 127.0.0.1\nport = ${redis.port}\npassword = ${redis.password}\ntable_index = 0\ntimeout = 5000\n\n[sqlite]\ndb_path = /proc/never.db\ntemporary = false\n`,
  );
  const lists = [0, 1, 2].map((run) =>
    desk.pairs(
      ...Array.from({ length: 20 }, (_, index) => {
        const path = `many/${run}-${index}.txt`;
        return [desk.file(path, `${run} ${index}`), `/${path}`] as const;
      }),
    ),
  );
  const unchanged = async (bid?: string) => {
    const runs = lists.map((list) =>
      desk.run(...desk.at(bid), '-T', 'upload_json', '-L', list, '-C', config),
    );
    const ends = await Promise.all(runs);
    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(ends.some(({ stdout }) => stdout.includes('warning'))).toBe(false);
    return ends.map(({ stdout }) => stdout.split('upload file unchanged').length - 1);
  };
  expect(await unchanged()).toEqual([0, 0, 0]);
  expect(await unchanged()).toEqual([20, 20, 20]);
  const { port } = new URL(desk.farm.url);
  await desk.farm.process.stop();
  const fresh = await startServer(undefined, Number(port));
  const session = farmSession({
    ...JSON.parse(readFileSync(join(fresh.home, 'client.json'), 'utf8')),
    url: fresh.url,
  });
  const { input } = await session.api.user.storageIds();
  const { userId } = await session.api.user.profile();
  expect(userId).toBe(desk.userId);
  expect(await unchanged(input)).toEqual([0, 0, 0]);
  await session.close();
  const all = [...desk.at(input), '-T', 'download_path', '-R', 'many', '-L', join(desk.folder, 'all')];
  expect((await desk.run(...all)).code).toBe(0);
  expect(filesBelow(join(desk.folder, 'all'))).toHaveLength(60);
});

it('shares one database between runs at once', async () => {
  const desk = await openDesk();
  const config = desk.file(
    'db.ini',
    `[database]\non = true\ntype = sqlite\n[sqlite]\ndb_path = ${join(desk.folder, 'db', 'one.db')}\n`,
  );
  const lists = [0, 1, 2].map((run) =>
    desk.pairs(
      ...Array.from({ length: 40 }, (_, index) => {
        const path = `many/${run}-${index % 30}.txt`;
        return [desk.file(path, `${run} ${index % 30}`), `/${path}`] as const;
      }),
    ),
  );
  const ends = await Promise.all(
    lists.map((list) => desk.run(...desk.at(), '-T', 'upload_json', '-L', list, '-C', config)),
  );
  expect(ends.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(ends.some(({ stdout }) => stdout.includes('warning'))).toBe(false);
});

it('ends with 1 when it is interrupted or killed, leaves nothing half, and goes on the next time', async () => {
  const desk = await openDesk();
  const bytes = randomBytes(40 * MiB);
  const file = desk.file('long.bin', bytes);
  const args = [...desk.at(), '-T', 'upload_path', '-L', file, '-R', '/long.bin', '-s', '8000'];
  for (const end of ['launcher', 'program'] as const) {
    const child = spawn(desk.exe, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const outcome = outcomeOf(child);
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
    });
    await eventually('progress', () => said.includes('progress: '));
    if (end === 'launcher') child.kill('SIGTERM');
    else process.kill(await childOf(child.pid!), 'SIGKILL');
    expect((await outcome).code).toBe(1);
    expect(await desk.stored('/long.bin')).toBeNull();
  }
  const { code } = await desk.run(...args.slice(0, -2), '-s', '1048576');
  expect(code).toBe(0);
  const hash = (all: Buffer) => createHash('sha256').update(all).digest('hex');
  expect(hash((await desk.stored('/long.bin'))!)).toBe(hash(bytes));
});

it('ends with 1 when the farm is killed in the middle, which then has nothing half; and goes on the next time', async () => {
  const desk = await openDesk();
  const { farm } = desk;
  const bytes = randomBytes(24 * MiB);
  const file = desk.file('long.bin', bytes);
  const args = [...desk.at(), '-T', 'upload_path', '-L', file, '-R', '/long.bin', '-r', '0', '-s'];
  // It tries for two minutes; once the farm is dead, all waits are short here.
  let isDead = false;
  const clock: Clock = {
    now: () => systemClock.now(),
    after: (ms, action) => systemClock.after(isDead ? Math.min(ms, 20) : ms, action),
  };
  let said = '';
  const exit = transmit([...args, '6000'], {
    version: '0',
    print: (line) => {
      said += line;
    },
    clock,
    signal: new AbortController().signal,
    key: null,
    scheme: 'http',
  });
  await eventually('progress', () => said.includes('progress: '));
  isDead = true;
  await farm.process.kill();
  expect(await exit).toBe(1);
  await startServer(farm.home, Number(new URL(farm.url).port));
  expect(await desk.stored('/long.bin')).toBeNull();
  expect((await desk.run(...args, '1048576')).code).toBe(0);
  expect((await desk.stored('/long.bin'))?.equals(bytes)).toBe(true);
});

it('holds the limit of -s', async () => {
  const desk = await openDesk();
  const file = desk.file('some.bin', randomBytes(4_000_000));
  const startedAt = performance.now();
  const { code } = await desk.run(
    ...desk.at(),
    '-T',
    'upload_path',
    '-L',
    file,
    '-R',
    '/some.bin',
    '-s',
    '1000',
  );
  expect(code).toBe(0);
  // 4 MB at 1,000 KB/s; the first chunk goes at once.
  expect(performance.now() - startedAt).toBeGreaterThan(3_500);
});

it('finds TLS by itself, trusts what the SDK trusts, and signs where a key is in the environment', async () => {
  const folder = temporaryFolder();
  const { startCroft } = await import('./support/croft.ts');
  const home = join(folder, 'home');
  const running = await startCroft(['server', '--home', home, '--port', '0', '--tls-port', '0']);
  const key = JSON.parse(readFileSync(join(home, 'client.json'), 'utf8'));
  const session = farmSession({ ...key, url: String(running.ready.url) });
  const { input } = await session.api.user.storageIds();
  const { userId } = await session.api.user.profile();
  await session.close();
  const made = await croft(['transmitter', join(folder, 'exe'), '--json']);
  const { path: exe } = JSON.parse(made.stdout);
  const file = join(folder, 'a.txt');
  writeFileSync(file, 'a');
  const secure = new URL(String(running.ready.tlsUrl));
  const run = (port: string, env: Record<string, string>) =>
    outcomeOf(
      spawn(
        exe,
        [
          '-E',
          'aspera',
          '-H',
          '127.0.0.1',
          '-P',
          port,
          '-S',
          input,
          '-U',
          String(userId),
          '-T',
          'upload_path',
          '-L',
          file,
          '-R',
          '/a.txt',
          '-r',
          '0',
        ],
        { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
      ),
    );
  expect(await run(secure.port, {})).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('not trusted'),
  });
  const trusted = { REQUESTS_CA_BUNDLE: String(running.ready.certificatePath) };
  expect(await run(secure.port, trusted)).toMatchObject({ code: 0 });
  const { port } = new URL(String(running.ready.url));
  const signed = { RAYVISION_API_ACCESS_ID: key.accessId, RAYVISION_API_KEY: key.accessKey };
  expect(await run(port, signed)).toMatchObject({ code: 0, stdout: expect.not.stringContaining('not used') });
  expect(await run(port, { ...signed, RAYVISION_API_KEY: 'of another farm' })).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('is not used'),
  });
  expect(await run(port, { CROFT_TRANSFER_SCHEME: 'https' })).toMatchObject({ code: 1 });
  const logs = join(folder, 'logs');
  expect(await run(port, { RAYVISION_LOG: logs })).toMatchObject({ code: 0 });
  expect(readFileSync(join(logs, 'rayvision_transmitter', 'transmitter.log'), 'utf8')).toContain(
    'all files success',
  );
});

it('is installed alone, in a folder that only its user may enter', async () => {
  const folder = temporaryFolder();
  const target = join(folder, "it's here");
  const made = await croft(['transmitter', target, '--json']);
  expect(JSON.parse(made.stdout)).toEqual({ path: join(target, 'rayvision_transmitter') });
  expect(filesBelow(target)).toEqual(['rayvision_transmitter']);
  expect(statSync(target).mode & 0o777).toBe(0o700);
  expect((await croft(['transmitter', target])).code).toBe(0);
  const version = spawn(join(target, 'rayvision_transmitter'), ['-v'], { stdio: ['ignore', 'pipe', 'pipe'] });
  expect(await outcomeOf(version)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^current version: /),
  });
  writeFileSync(join(target, 'secret.txt'), '');
  expect(await croft(['transmitter', target])).toMatchObject({ code: 3 });
  rmSync(join(target, 'secret.txt'));
});

/** The process that the launcher started. */
async function childOf(pid: number): Promise<number> {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return Number(text.split(' ')[0]);
}
