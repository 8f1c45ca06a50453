import { spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { KiB, MiB } from '@croft/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RayvisionEnvironment } from './config.ts';
import { getDefaultLogConfig, initLogger, logFilePath, setUpLogger } from './logger.ts';
import { RotatingFile } from './rotating-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'croft-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const environment = (changes: Partial<RayvisionEnvironment> = {}): RayvisionEnvironment => ({
  accessId: undefined,
  accessKey: undefined,
  logRoot: undefined,
  localAppData: undefined,
  home: '/home/ann',
  userName: 'ann',
  hostName: 'box.studio',
  platform: 'linux',
  ...changes,
});

describe('where the log is', () => {
  it.each<[string, Parameters<typeof logFilePath>[1], string]>([
    ['Linux', { environment: environment() }, '/home/ann/.cache/mylog/log/ann/box.studio.log'],
    [
      'macOS',
      { environment: environment({ platform: 'darwin' }) },
      '/home/ann/Library/Logs/mylog/ann/box.studio.log',
    ],
    [
      'Windows',
      { environment: environment({ platform: 'win32', localAppData: '/local' }) },
      '/local/RayVision/mylog/Logs/ann/box.studio.log',
    ],
    ['RAYVISION_LOG_ROOT', { environment: environment({ logRoot: '/logs' }) }, '/logs/ann/box.studio.log'],
    [
      'a folder, which wins',
      { logFolder: '/mine', environment: environment({ logRoot: '/logs' }) },
      '/mine/mylog/box.studio.log',
    ],
    [
      'a folder and a name',
      { logFolder: '/mine', logName: 'x.log', environment: environment() },
      '/mine/mylog/x.log',
    ],
    [
      'a name alone, which says nothing',
      { logName: 'x.log', environment: environment({ logRoot: '/logs' }) },
      '/logs/ann/box.studio.log',
    ],
  ])('%s', (_name, options, file) => expect(logFilePath('mylog', options)).toBe(file));
});

describe('what is written', () => {
  it('has the documented lines, in the file and on the console', () => {
    const lines: string[] = [];
    const log = initLogger('mylog', {
      logFolder: folder,
      logName: 'x.log',
      console: (line) => lines.push(line),
    });
    log.child({ task: 7 }).warn({ frame: 3 }, 'slow\nforged');
    expect(lines).toEqual(['WARNING : mylog: slow forged {"task":7,"frame":3}']);
    expect(readFileSync(path.join(folder, 'mylog', 'x.log'), 'utf8')).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \[WARNING\] mylog: slow forged \{"task":7,"frame":3\}\n$/,
    );
  });

  it('keeps below its level silent', () => {
    const lines: string[] = [];
    const log = initLogger('mylog', {
      logFolder: folder,
      logLevel: 'WARNING',
      console: (line) => lines.push(line),
    });
    log.debug({}, 'a');
    log.info({}, 'b');
    log.error({}, 'c');
    expect(lines).toEqual(['ERROR   : mylog: c']);
  });

  it('goes on without a file where none can be opened', () => {
    writeFileSync(path.join(folder, 'taken'), '');
    const lines: string[] = [];
    const log = initLogger('mylog', {
      logFolder: path.join(folder, 'taken'),
      console: (line) => lines.push(line),
    });
    log.info({}, 'still here');
    expect(lines[0]).toContain('the log file cannot be opened');
    expect(lines[1]).toContain('still here');
  });
});

it('a log that can no longer be written ends nothing, and says so once', () => {
  const lines: string[] = [];
  const config = getDefaultLogConfig();
  const filename = path.join(folder, 'gone', 'x.log');
  const file = { level: 'DEBUG', filename, maxBytes: MiB, backupCount: 1 } as const;
  const log = setUpLogger(
    'mylog',
    { ...config, handlers: { file, console: null } },
    { console: (line) => lines.push(line) },
  );
  log.info({}, 'written');
  rmSync(path.join(folder, 'gone'), { recursive: true });
  log.info({}, 'lost');
  log.info({}, 'lost too');
  expect(lines).toEqual([expect.stringContaining('the log file cannot be written')]);
});

describe('rotation', () => {
  it('is 5 MiB with 7 older files by default, shown at that size', () => {
    const { file } = getDefaultLogConfig().handlers;
    expect(file).toMatchObject({ maxBytes: 5 * MiB, backupCount: 7 });
    const log = initLogger('mylog', { logFolder: folder, logName: 'x.log', console: () => {} });
    const long = 'x'.repeat(512 * KiB);
    for (let line = 0; line < 9 * 9 + 5; line++) log.info({}, `${line} ${long}`);
    const names = readdirSync(path.join(folder, 'mylog')).sort();
    expect(names).toEqual(['x.log', ...[1, 2, 3, 4, 5, 6, 7].map((number) => `x.log.${number}`)]);
    for (const name of names)
      expect(statSync(path.join(folder, 'mylog', name)).size).toBeLessThanOrEqual(5 * MiB);
    expect(readFileSync(path.join(folder, 'mylog', 'x.log'), 'utf8')).toContain('mylog: 85 x');
  });

  it('follows a configuration of the caller', () => {
    const config = getDefaultLogConfig();
    const filename = path.join(folder, 'own.log');
    const file = { level: 'INFO', filename, maxBytes: 100, backupCount: 2 } as const;
    const log = setUpLogger('mylog', { ...config, handlers: { file, console: null } });
    for (let line = 0; line < 20; line++) log.info({}, `line ${line}`);
    log.debug({}, 'not in the file');
    expect(readdirSync(folder).sort()).toEqual(['own.log', 'own.log.1', 'own.log.2']);
    expect(readFileSync(filename, 'utf8')).toContain('line 19');
    expect(readFileSync(filename, 'utf8')).not.toContain('not in the file');
  });

  it('loses no line while several programs write and rotate', async () => {
    const file = path.join(folder, 'shared.log');
    const script = `
      import { RotatingFile } from ${JSON.stringify(path.join(import.meta.dirname, 'rotating-file.ts'))};
      const log = new RotatingFile(${JSON.stringify(file)}, { maxBytes: 2000, backupCount: 400 });
      for (let line = 0; line < 300; line++) log.write(process.argv[1] + ' ' + line);`;
    const runs = ['a', 'b', 'c'].map(
      (name) =>
        new Promise<number | null>((done) =>
          spawn(process.execPath, ['--input-type=module', '-e', script, name], { stdio: 'inherit' }).on(
            'close',
            done,
          ),
        ),
    );
    expect(await Promise.all(runs)).toEqual([0, 0, 0]);
    const lines = readdirSync(folder).flatMap((name) =>
      readFileSync(path.join(folder, name), 'utf8').trim().split('\n'),
    );
    expect(lines).toHaveLength(900);
    expect(new Set(lines).size).toBe(900);
  });

  it('takes the lock of a program that died while renaming', () => {
    const file = path.join(folder, 'x.log');
    const log = new RotatingFile(file, { maxBytes: 10, backupCount: 1 });
    log.write('123456789');
    mkdirSync(`${file}.lock`);
    log.write('while another renames');
    expect(readdirSync(folder).sort()).toEqual(['x.log', 'x.log.lock']);
    utimesSync(`${file}.lock`, 0, 0);
    log.write('after it died');
    expect(readdirSync(folder).sort()).toEqual(['x.log', 'x.log.1']);
    expect(readFileSync(file, 'utf8')).toBe('after it died\n');
  });
});
