/** `rayvision_transmitter`: every option and mistake that the real SDK or a script could give it. */
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { startServer, type TestFarm } from './support/farm.ts';
import { filesBelow } from './support/pixels.ts';
import { launcherFor, openDesk, text } from './support/transmitter-desk.ts';

let farm: TestFarm;
let exe: string;
beforeAll(async () => {
  farm = await startServer();
  exe = await launcherFor(farm);
});

it('help and version end with 0; every mistake with a code that the SDK knows, and nothing is moved', async () => {
  const desk = await openDesk(farm, exe);
  const { run, runProcess, at } = desk;
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
  for (const [what, code, args] of mistakes) expect([what, (await run(...args)).code]).toEqual([what, code]);
  // As a process: its own code through the launcher, and every word on stdout.
  const codes = [9, 2, 1, 11].map((code) => mistakes.find((mistake) => mistake[1] === code)!);
  for (const [what, code, args] of [['version', 0, ['-v']] as const, ...codes]) {
    const outcome = await runProcess(...args);
    expect({ what, ...outcome }).toEqual({ what, code, stdout: expect.stringMatching(/./), stderr: '' });
  }
  expect(await desk.stored('/a.txt')).toBeNull();
});

it('sends pairs as they are written, says each file once, and goes on past one that is missing', async () => {
  const desk = await openDesk(farm, exe);
  const first = desk.file('with space/красный 红.txt', 'one');
  const second = desk.file('b.txt', 'two');
  const gone = join(desk.folder, 'gone.txt');
  const list = desk.pairs(
    [first, '/D/x/one.txt'],
    [gone, '/gone.txt'],
    [second, 'home/x/two.txt'],
    [second, '/../out'],
  );
  const rest = ['-R', '/', '-s', '1048576', '-K', 'True'];
  const sent = await desk.runProcess(...desk.at(), '-T', 'upload_json', '-L', list, ...rest);
  expect(sent.code).toBe(11);
  const lines = sent.stdout.split('\n');
  expect(lines.filter((line) => line.startsWith('upload file begin ('))).toEqual([
    `upload file begin (${first})`,
    `upload file begin (${second})`,
  ]);
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

it('takes the positional form of old SDKs, long names, and their prefixes', async () => {
  const desk = await openDesk(farm, exe);
  const file = desk.file('a.txt', 'a');
  const { hostname, port } = new URL(farm.url);
  const storage = [desk.ids.input, String(desk.userId)];
  const order = ['upload_files', file, '/old.txt', '1', 'false', '2048', 'None'];
  expect((await desk.run('aspera', 'CTCC', hostname, port, ...storage, ...order)).code).toBe(0);
  expect(text(await desk.stored('/old.txt'))).toBe('a');
  const long = [
    '--engine=aspera',
    '--host',
    hostname,
    `-P${port}`,
    '--stor',
    desk.ids.input,
    `--uid=${desk.userId}`,
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
  const desk = await openDesk(farm, exe);
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
  const desk = await openDesk(farm, exe);
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

it('holds the limit of -s, and tells how far it is', async () => {
  const desk = await openDesk(farm, exe);
  const file = desk.file('some.bin', randomBytes(3_000_000));
  const startedAt = performance.now();
  const wish = ['-T', 'upload_path', '-L', file, '-R', '/some.bin', '-s', '1000'];
  const { code, stdout } = await desk.run(...desk.at(), ...wish);
  expect(code).toBe(0);
  // 3 MB at 1,000 KB/s, bytes that do not repeat; the first ones go at once.
  expect(performance.now() - startedAt).toBeGreaterThan(2_500);
  const told = stdout.split('\n').find((line) => line.startsWith(`upload file progress (${file})`));
  expect(told).toMatch(/, speed: \d+ KB\/S, progress: \d+%$/);
});
