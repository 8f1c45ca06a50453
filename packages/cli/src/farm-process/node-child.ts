/**
 * The node of `croft up`: a child process of this same command, so that a node that dies takes nothing with it. It runs in
 * a process group of its own, since Ctrl-C is for `up` to hear, and is bound to its parent by an IPC channel: when `up`
 * ends, however it ends, the channel closes and the node stops.
 *
 * A child that dies is started again, after 0.5 s doubled up to 30 s; after a minute of life the pause starts anew.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Clock, CroftError, type ErrorBody, type Log, MINUTE, SECOND } from '@croft/contract';
import { cliErrors } from '../errors.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const FIRST_PAUSE_MS = 0.5 * SECOND;
const LONGEST_PAUSE_MS = 30 * SECOND;
const SOUND_LIFE_MS = MINUTE;
const LAST_WORDS_CHARS = 64 * 1024;

export interface NodeChildOptions {
  readonly home: string;
  readonly server: string;
  readonly name: string | undefined;
  readonly slots: number | undefined;
  /** A fresh enrolment code; the node uses it only while its home knows no farm. */
  readonly code: () => Promise<string>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface NodeChild {
  /** Rejects with what a node said that died before it ever ran; else settles when it runs. */
  readonly started: Promise<void>;
  /** Lets it finish its frames for `graceMs`, then stops it; resolves when it is gone. */
  stop(graceMs: number): Promise<void>;
}

export function superviseNode(options: NodeChildOptions): NodeChild {
  const { clock, log } = options;
  const started = Promise.withResolvers<void>();
  started.promise.catch(() => {});
  let child: ChildProcess | null = null;
  let isStopping = false;
  let pauseMs = FIRST_PAUSE_MS;
  let cancelPause = () => {};
  const gone = Promise.withResolvers<void>();
  const end = () => {
    child = null;
    gone.resolve();
  };

  const launch = async (): Promise<void> => {
    const startedAt = clock.now();
    const code = await options.code();
    if (isStopping) return end();
    const running = spawnNode(options, code);
    child = running;
    const lastWords = lineReader(running, () => {
      started.resolve();
      log.info({ pid: running.pid }, 'the node process runs');
    });
    running.once('error', (error) => log.error({ err: error }, 'the node process cannot be started'));
    running.once('close', (exitCode, signal) => {
      if (isStopping) return end();
      const error = errorIn(lastWords());
      started.reject(error ?? cliErrors.CLI_NODE_DIED(`the node ended with ${exitCode ?? signal}`));
      if (clock.now() - startedAt >= SOUND_LIFE_MS) pauseMs = FIRST_PAUSE_MS;
      log.warn({ err: error, exitCode, signal, pauseMs }, 'the node process ended; starting it again');
      cancelPause = clock.after(pauseMs, again);
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    });
  };
  const again = () => {
    launch().catch((thrown: unknown) => {
      if (isStopping) return end();
      log.error({ err: thrown }, 'the node process cannot be started');
      cancelPause = clock.after(pauseMs, again);
    });
  };
  again();

  return {
    started: started.promise,
    async stop(graceMs) {
      isStopping = true;
      cancelPause();
      if (child === null) return;
      child.kill('SIGTERM');
      const cancelGrace = clock.after(graceMs, () => {
        if (child?.connected) child.disconnect();
      });
      const cancelKill = clock.after(graceMs + 10 * SECOND, () => child?.kill('SIGKILL'));
      await gone.promise;
      cancelGrace();
      cancelKill();
    },
  };
}

/** The code goes by the environment, not the command line: others on the machine can read command lines. */
function spawnNode({ home, server, name, slots, environment }: NodeChildOptions, code: string): ChildProcess {
  const args = ['node', '--home', home, '--server', server, '--json'];
  if (name !== undefined) args.push('--name', name);
  if (slots !== undefined) args.push('--slots', String(slots));
  return spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: { ...environment, CROFT_NODE_CODE: code },
    detached: true,
  });
}

/** Calls `onFirstLine` once it says that it is ready; gives the last words for when it dies. */
function lineReader(child: ChildProcess, onReady: () => void): () => string {
  let text = '';
  let isReady = false;
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-LAST_WORDS_CHARS);
    if (isReady || !text.includes('"nodeId"') || !text.includes('\n')) return;
    isReady = true;
    onReady();
  });
  return () => text;
}

/** The error in the last line of a command with --json. */
function errorIn(text: string): CroftError | null {
  try {
    const { error } = JSON.parse(text.trim().split('\n').at(-1) ?? '') as { error?: ErrorBody };
    return error ? CroftError.from(error) : null;
  } catch {
    return null;
  }
}
