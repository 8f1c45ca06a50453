/** Farms as processes, for benchmarks: the same command line that users start. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** As the launcher sets it. */
process.env.NODE_COMPILE_CACHE ??= join(
  import.meta.dirname,
  '..',
  '..',
  'node_modules',
  '.cache',
  'croft',
  'compiled',
);

const MAIN = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'src', 'main.ts');

export interface BenchFarm {
  child: ChildProcess;
  home: string;
  url: string;
  /** From spawn to the line that says it is ready. */
  readyMs: number;
  stop(): Promise<void>;
}

/** Starts `croft COMMAND --json` and waits for its line. */
export async function startFarm(
  command: 'up' | 'server',
  home: string,
  ...options: string[]
): Promise<BenchFarm> {
  const start = performance.now();
  const args = [MAIN, command, '--home', home, '--port', '0', ...options, '--json'];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise<void>((done) => child.on('close', () => done()));
  const line = await new Promise<string>((done, fail) => {
    createInterface({ input: child.stdout }).once('line', done);
    child.on('exit', (code) => fail(new Error(`croft ${command} ended with ${code}`)));
  });
  return {
    child,
    home,
    url: (JSON.parse(line) as { url: string }).url,
    readyMs: performance.now() - start,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Runs a client command and gives the JSON it prints. */
export function croftJson<T>(home: string, ...args: string[]): T {
  const run = spawnSync(process.execPath, [MAIN, ...args, '--json'], {
    env: { ...process.env, CROFT_HOME: home },
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(`croft ${args.join(' ')} ended with ${run.status}: ${run.stderr}`);
  return JSON.parse(run.stdout.trim().split('\n').at(-1)!) as T;
}

/** A folder that is removed when the process ends. */
export function benchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'croft-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Resident memory of a process in MiB (Linux). */
export function residentMiB(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1] ?? Number.NaN) / 1024;
}

export const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));
