import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { croftProcess, croft as runCroft } from './testing/croft.ts';
import { VERSION } from './version.ts';

const SAMPLE = path.join(
  import.meta.dirname,
  ...['..', '..', '..', '..', 'shared', 'samples', 'blend', 'cgru_scene.blend'],
);
let home: string;
beforeAll(() => {
  home = mkdtempSync(path.join(tmpdir(), 'croft-cli-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const croft = (args: readonly string[], env: Record<string, string> = {}) =>
  runCroft(args, { CROFT_HOME: home, ...env });

const KEY = { CROFT_ACCESS_ID: 'id', CROFT_ACCESS_KEY: 'key' };

describe('help', () => {
  it('is shown without arguments and with --help, and teaches the first steps and the exit codes', async () => {
    const [bare, asked] = await Promise.all([croft([]), croft(['--help'])]);
    expect(bare).toEqual(asked);
    expect(asked.code).toBe(0);
    expect(asked.stdout).toContain('croft render scene.blend');
    expect(asked.stdout).toMatch(/Exit codes:\n\s+0 /);
  });

  it('of every command ends with examples', async () => {
    const overview = (await croft(['--help'])).stdout;
    const names = [...overview.matchAll(/^ {2}([a-z-]+) (?=\[options\])/gm)].map((match) => match[1]!);
    expect(names.length).toBeGreaterThan(15);
    for (const name of names) {
      const { code, stdout } = await croft([name, '--help']);
      expect(code, name).toBe(0);
      expect(stdout, name).toMatch(/Examples:\n {2}croft /);
      expect(stdout, name).toContain('--json');
    }
  });

  it('tells the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect(VERSION).toBe(version);
    expect((await croft(['--version'])).stdout.trim()).toBe(version);
  });
});

describe('a process', () => {
  it('writes its result to stdout and ends with 0', async () => {
    const { code, stdout, stderr } = await croftProcess([], { CROFT_HOME: home });
    expect({ code, stdout, stderr }).toEqual(await croft(['--help']));
    expect((await croftProcess(['--version'])).stdout.trim()).toBe(VERSION);
  });

  it('writes a mistake to stderr and ends with its exit code', async () => {
    const args = ['tasks', '--server', '127.0.0.1:9'];
    const outcome = await croftProcess(args, { CROFT_HOME: home });
    expect(outcome.code).toBe(6);
    expect(outcome).toEqual(await croft(args));
    expect(await croftProcess(['rendr', '--json'])).toEqual(await croft(['rendr', '--json']));
  });
});

describe('mistakes', () => {
  it.each([
    ['an unknown command', ['rendr'], 2, /rendr/],
    ['an unknown option', ['tasks', '--colour'], 2, /--colour/],
    ['a missing argument', ['task'], 2, /id/],
    ['a task id that is none', ['task', 'abc'], 2, /task id/],
    ['frames that end before they start', ['render', 'x.blend', '--frames', '5-1'], 2, /5-1/],
    ['no farm known', ['tasks'], 5, /no farm/],
    ['no key', ['tasks', '--server', '127.0.0.1:9'], 6, /access key/],
    ['no such scene', ['analyse', '/nowhere/a.blend'], 3, /nowhere/],
    ['a home that holds no farm', ['backup', '--to', '/nowhere/b'], 3, /holds no farm/],
    ['no backup', ['restore', '/nowhere/b'], 3, /manifest/],
  ] as const)('%s: one sentence, a hint, exit code', async (_name, args, exit, says) => {
    const { code, stdout, stderr } = await croft(args);
    expect(stderr).toMatch(says);
    expect(stderr.trim().split('\n')).toHaveLength(2);
    expect(stderr).toMatch(/^croft: .*\nhint: /);
    expect({ code, stdout }).toEqual({ code: exit, stdout: '' });
  });

  it('are one JSON line with --json', async () => {
    const { code, stdout } = await croft(['analyse', '/nowhere/a.blend', '--json']);
    expect(code).toBe(3);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'DCC_NO_SUCH_FILE', exit: 3, hint: expect.any(String) },
    });
  });

  it('tell an unreachable farm from a wrong key and from another program', async () => {
    const refused = await croft(['tasks', '--server', 'http://127.0.0.1:9'], KEY);
    expect(refused).toMatchObject({ code: 5, stderr: expect.stringContaining('127.0.0.1:9') });
    let status = 401;
    const server: Server = createServer((_request, response) => void response.writeHead(status).end('hello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      expect(await croft(['tasks', '--server', url], KEY)).toMatchObject({
        code: 6,
        stderr: expect.stringContaining('access key'),
      });
      status = 200;
      expect(await croft(['tasks', '--server', url], KEY)).toMatchObject({ code: 5 });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

describe.skipIf(!existsSync(SAMPLE))('analyse on a real scene (skipped without ../shared/samples)', () => {
  it('prints facts, and the four files with --out', async () => {
    const out = path.join(home, 'cfg');
    const { code, stdout } = await croft(['analyse', SAMPLE, '--out', out, '--frames', '1-10[3]', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      app: 'blender',
      missing: [],
      task: { task_info: { cg_id: '2007' } },
    });
    expect(readdirSync(out).sort()).toEqual(['asset.json', 'task.json', 'tips.json', 'upload.json']);
    const upload = JSON.parse(readFileSync(path.join(out, 'upload.json'), 'utf8'));
    expect(upload.scene[0]).toMatchObject({ local: SAMPLE, hash: expect.stringMatching(/^[0-9a-f]{32}$/) });
  });

  it('refuses a truncated one', async () => {
    const cut = path.join(home, 'cut.blend');
    writeFileSync(cut, readFileSync(SAMPLE).subarray(0, 100_000));
    expect(await croft(['analyse', cut])).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^croft: .*\nhint: /),
    });
  });
});
