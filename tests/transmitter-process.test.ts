/** `rayvision_transmitter` as a process: how it is installed, started, told of TLS and keys, interrupted, and left alone. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '@croft/contract';
import { beforeAll, expect, it } from 'vitest';
import { croft, eventually, outcomeOf, temporaryFolder } from './support/croft.ts';
import { keyOf, type ServerFarm, startServer } from './support/farm.ts';
import { filesBelow } from './support/pixels.ts';
import { launcherFor, openDesk, runTransmitter, text } from './support/transmitter-desk.ts';

const MiB = 1024 * 1024;

let farm: ServerFarm;
let exe: string;
beforeAll(async () => {
  farm = await startServer(undefined, 0, '--tls-port', '0');
  exe = await launcherFor(farm);
});

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

it('is started by the SDK through a shell that answers y, in a folder that is open to all', async () => {
  const desk = await openDesk(farm, exe);
  chmodSync(exe, 0o777);
  const file = desk.file('task.json', '{}');
  const options = desk.at().map((word) => (word.startsWith('-') ? word : `"${word}"`));
  const line = `echo y|"${exe}" ${options.join(' ')} -T "upload_path" -L "${file}" -R "/77/cfg/task.json" -r "2" -K "false" -s "1048576" -C "None" -p 0 `;
  const outcome = await outcomeOf(spawn('/bin/sh', ['-c', line], { stdio: ['ignore', 'pipe', 'pipe'] }));
  expect(outcome).toMatchObject({ code: 0 });
  expect(text(await desk.stored('/77/cfg/task.json'))).toBe('{}');
});

it('finds TLS by itself, trusts what the SDK trusts, and signs where a key is in the environment', async () => {
  const desk = await openDesk(farm, exe, 'first account');
  const file = desk.file('a.txt', 'a');
  const { tlsUrl, certificatePath } = farm.process.ready as { tlsUrl: string; certificatePath: string };
  const run = (port: string, env: Record<string, string>) => {
    const at = desk.at().with(3, '127.0.0.1').with(5, port);
    const upload = ['-T', 'upload_path', '-L', file, '-R', '/a.txt', '-r', '0'];
    return outcomeOf(desk.start([...at, ...upload], env));
  };
  const secure = new URL(tlsUrl).port;
  expect(await run(secure, {})).toMatchObject({ code: 2, stdout: expect.stringContaining('not trusted') });
  const logs = join(desk.folder, 'logs');
  const trusted = { REQUESTS_CA_BUNDLE: certificatePath, RAYVISION_LOG: logs };
  expect(await run(secure, trusted)).toMatchObject({ code: 0 });
  expect(readFileSync(join(logs, 'rayvision_transmitter', 'transmitter.log'), 'utf8')).toContain(
    'all files success',
  );
  const { port } = new URL(farm.url);
  const { accessId, accessKey } = keyOf(farm);
  const signed = { RAYVISION_API_ACCESS_ID: accessId, RAYVISION_API_KEY: accessKey };
  expect(await run(port, signed)).toMatchObject({ code: 0, stdout: expect.not.stringContaining('not used') });
  expect(await run(port, { ...signed, RAYVISION_API_KEY: 'of another farm' })).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('is not used'),
  });
  expect(await run(port, { CROFT_TRANSFER_SCHEME: 'https' })).toMatchObject({ code: 1 });
});

it('writes a log where the environment or a log.ini says, as that says', async () => {
  const desk = await openDesk(farm, exe);
  const file = desk.file('a.txt', 'a');
  const upload = [...desk.at(), '-T', 'upload_list', '-L', desk.file('list.txt', `${file}\n${file}x`)];
  const logOf = (folder: string, name: string) =>
    readFileSync(join(desk.folder, folder, 'rayvision_transmitter', name), 'utf8');
  const run = (env: Record<string, string>) => outcomeOf(desk.start(upload, env));
  const ini = desk.file(
    'settings.ini',
    '[log]\nlog_path = by-ini\nlog_prefix = moves\nmin_level = ERR_LEVEL\n',
  );
  expect(await run({ RAYVISION_LOG_INI: ini })).toMatchObject({ code: 11 });
  expect(logOf('by-ini', 'moves.log')).toContain(`upload file fail (${file}x)`);
  expect(logOf('by-ini', 'moves.log')).not.toContain('upload file done');
  // The folder of the variable wins; the rest of the settings holds.
  await run({ RAYVISION_LOG_INI: ini, RAYVISION_LOG: join(desk.folder, 'by-variable') });
  expect(logOf('by-variable', 'moves.log')).toContain('upload file fail');
  desk.file('log.ini', 'log_path = by-folder\nfile_size = 1\nlog_file_count = x\n');
  await run({});
  expect(logOf('by-folder', 'transmitter.log')).toContain('upload file done');
});

it('is installed alone, in a folder that only its user may enter', async () => {
  const target = join(temporaryFolder(), "it's here");
  const path = join(target, 'rayvision_transmitter');
  const made = await croft(['transmitter', target, '--json']);
  expect(JSON.parse(made.stdout)).toEqual({ path });
  expect(filesBelow(target)).toEqual(['rayvision_transmitter']);
  expect(statSync(target).mode & 0o777).toBe(0o700);
  expect((await croft(['transmitter', target])).code).toBe(0);
  const run = () => outcomeOf(spawn(path, ['-v'], { stdio: ['ignore', 'pipe', 'pipe'] }));
  expect(await run()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^current version: /) });
  writeFileSync(join(target, 'secret.txt'), '');
  expect(await croft(['transmitter', target])).toMatchObject({ code: 3 });
  rmSync(join(target, 'secret.txt'));
  // A program that is gone from under its launcher.
  writeFileSync(path, readFileSync(path, 'utf8').replace(/^main=.*$/m, "main='/nowhere/main.ts'"));
  expect(await run()).toMatchObject({ code: 1, stdout: expect.stringContaining('croft transmitter') });
});

it('ends with 1 when it is interrupted or killed, leaves nothing half, and goes on the next time', async () => {
  const desk = await openDesk(farm, exe);
  const bytes = randomBytes(24 * MiB);
  const file = desk.file('long.bin', bytes);
  const args = [...desk.at(), '-T', 'upload_path', '-L', file, '-R', '/long.bin'];
  for (const end of ['launcher', 'program'] as const) {
    // Six seconds, and a line of progress after two.
    const child = desk.start([...args, '-s', '4000']);
    const outcome = outcomeOf(child);
    await saidProgress(child);
    if (end === 'launcher') child.kill('SIGTERM');
    else process.kill(childOf(child.pid!), 'SIGKILL');
    const { code, stdout } = await outcome;
    expect(code).toBe(1);
    if (end === 'launcher') {
      expect(stdout).toContain(`upload file interrupt (${file})\nrecoverable error, retry\nerror: `);
    }
    expect(await desk.stored('/long.bin')).toBeNull();
  }
  expect((await desk.run(...args, '-s', '1048576')).code).toBe(0);
  expect(sha256((await desk.stored('/long.bin'))!)).toBe(sha256(bytes));
});

it('ends with 1 when the farm is killed in the middle, which then has nothing half; and goes on the next time', async () => {
  const desk = await openDesk(farm, exe);
  const bytes = randomBytes(16 * MiB);
  const file = desk.file('long.bin', bytes);
  const args = [...desk.at(), '-T', 'upload_path', '-L', file, '-R', '/long.bin', '-r', '0', '-s'];
  // It tries for two minutes; once the farm is dead, all waits are short here.
  let isDead = false;
  const clock: Clock = {
    now: () => systemClock.now(),
    after: (ms, action) => systemClock.after(isDead ? Math.min(ms, 20) : ms, action),
  };
  let said = '';
  const print = (line: string) => {
    said += line;
  };
  const end = runTransmitter([...args, '4000'], { clock, print });
  await eventually('progress', () => said.includes('progress: '));
  isDead = true;
  await farm.process.kill();
  expect((await end).code).toBe(1);
  // Nor does one get far that begins now.
  expect((await runTransmitter([...args, '4000'], { clock })).code).toBe(1);
  farm = await startServer(farm.home, Number(new URL(farm.url).port));
  expect(await desk.stored('/long.bin')).toBeNull();
  expect((await desk.run(...args, '1048576')).code).toBe(0);
  expect((await desk.stored('/long.bin'))?.equals(bytes)).toBe(true);
});

/** Resolves when the process has told how far it is; fails when it ends before. */
function saidProgress(child: ChildProcess): Promise<void> {
  return new Promise((done, fail) => {
    let said = '';
    child.stdout!.on('data', (chunk) => {
      said += chunk;
      if (said.includes('progress: ')) done();
    });
    child.once('close', () => fail(new Error(`ended without progress:\n${said}`)));
  });
}

/** The process that the launcher started. */
function childOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return Number(children.split(' ')[0]);
}
