/**
 * Drives the real command line as a user does, by its output and exit codes. Commands that come to an end by themselves run in
 * the test's process, which saves the third of a second that each start costs; those that go on (`up`, `server`, `node`) and
 * those of which the process itself matters are processes.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { runCommandLine } from '@croft/cli';
import { atEnd } from './cleanup.ts';
import { projectRoot } from './tools.ts';

export { atEnd, temporaryFolder } from './cleanup.ts';

const MAIN = join(projectRoot, 'packages', 'cli', 'src', 'main.ts');

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

function environment(extra: Record<string, string>): NodeJS.ProcessEnv {
  const {
    CROFT_HOME: _home,
    CROFT_SERVER: _server,
    CROFT_ACCESS_ID: _id,
    CROFT_ACCESS_KEY: _key,
    CROFT_BLOBS: _blobs,
    ...inherited
  } = process.env;
  // As the launcher sets it: compiled code is kept between starts.
  const compiled = join(projectRoot, 'node_modules', '.cache', 'croft', 'compiled');
  // Not the user's own: what one test sent is no matter of another.
  const localDb = extra.CROFT_HOME ? join(extra.CROFT_HOME, 'sent-files.sqlite') : 'off';
  return {
    NODE_COMPILE_CACHE: compiled,
    ...inherited,
    CROFT_LOCAL_DB: localDb,
    NO_COLOR: '1',
    ...extra,
  };
}

/** Runs one command to its end, in this process; `input` is what it reads on stdin. A test that ends first interrupts it. */
export async function croft(
  args: readonly string[],
  env: Record<string, string> = {},
  input = '',
): Promise<Outcome> {
  const outcome = { code: -1, stdout: '', stderr: '' };
  const sinkTo = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      outcome[name] += text;
    },
  });
  const code = await runCommandLine(args, {
    sinks: { out: sinkTo('stdout'), err: sinkTo('stderr') },
    input: Readable.from([input]),
    env: environment(env),
    onInterrupt(stop) {
      let isOver = false;
      atEnd(() => (isOver ? undefined : stop('SIGTERM')));
      return () => {
        isOver = true;
      };
    },
  });
  return { ...outcome, code };
}

/** The same as a process of its own: where it changes its process (`--ca`), or starts a farm or a node and must fail. */
export async function croftProcess(
  args: readonly string[],
  env: Record<string, string> = {},
  input?: string,
): Promise<Outcome> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: environment(env),
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  child.stdin?.end(input);
  return outcomeOf(child);
}

export function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const outcome = { code: -1, stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => {
    outcome.stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    outcome.stderr += chunk;
  });
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => done({ ...outcome, code: code ?? -1 }));
  });
}

/** A long-running command that says on one JSON line that it is ready. */
export interface Running {
  child: ChildProcess;
  ready: Record<string, unknown>;
  /** All of stderr so far: the log. */
  log(): string;
  /** SIGTERM and wait for the end; gives the exit code. */
  stop(): Promise<number>;
  /** SIGKILL and wait. */
  kill(): Promise<void>;
}

/** Starts `croft ARGS --json` and waits for its first line. */
export async function startCroft(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Running> {
  const child = spawn(process.execPath, [MAIN, ...args, '--json'], {
    env: environment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<number>((done) => child.on('close', (code) => done(code ?? -1)));
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return ended;
  };
  atEnd(async () => {
    await end('SIGKILL');
  });
  const line = await new Promise<string>((done, fail) => {
    createInterface({ input: child.stdout }).once('line', done);
    void ended.then((code) =>
      fail(new Error(`croft ${args.join(' ')} ended with ${code} before it was ready:\n${stderr}`)),
    );
  });
  return {
    child,
    ready: JSON.parse(line) as Record<string, unknown>,
    log: () => stderr,
    stop: () => end('SIGTERM'),
    kill: async () => {
      await end('SIGKILL');
    },
  };
}

/** Waits until `probe` gives something; fails with `what` after the limit. The limit is patience, not a measurement. */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | null | false> | T | null | false,
  limitMs = 60_000,
): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > end) throw new Error(`did not happen within ${limitMs / 1000} s: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}
