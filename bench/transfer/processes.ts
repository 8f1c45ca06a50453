/** Processes and what they cost. `/usr/bin/time` tells processor seconds and peak memory of all that a program started. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';

const TIME = '/usr/bin/time';
export const HAS_TIME = existsSync(TIME);

/** NaN where nobody could measure. */
export interface Cost {
  /** User and system time. */
  cpuSeconds: number;
  /** Of the process that took most. */
  peakMiB: number;
}
export const NO_COST: Cost = { cpuSeconds: Number.NaN, peakMiB: Number.NaN };

/** What one transfer took on the clock, and both sides' cost. */
export interface Taken {
  seconds: number;
  client: Cost;
  server: Cost;
  /** The S3 server behind the farm's, where there is one. */
  store?: Cost;
}

export interface Finished {
  seconds: number;
  stdout: string;
  cost: Cost;
}

type Environment = Record<string, string>;

function start(program: string, args: readonly string[], env: Environment = {}): ChildProcess {
  const command = HAS_TIME ? [TIME, '-f', 'cost %U %S %M', program, ...args] : [program, ...args];
  return spawn(command[0]!, command.slice(1), {
    // A group of its own, so that a server can be ended through the program that measures it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) end(child, 'SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

function end(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-child.pid!, signal);
  } catch {
    // It has ended already.
  }
}

/** Runs a program to its end; throws with its words where it fails. */
export async function run(program: string, args: readonly string[], env?: Environment): Promise<Finished> {
  const startedAt = performance.now();
  const child = start(program, args, env);
  running.add(child);
  const [out, err] = [collect(child.stdout!), collect(child.stderr!)];
  const [code] = (await once(child, 'close')) as [number | null];
  running.delete(child);
  const seconds = (performance.now() - startedAt) / 1000;
  if (code !== 0) throw new Error(`${program} ${args.join(' ').slice(0, 200)} ended with ${code}:\n${err()}`);
  return { seconds, stdout: out(), cost: costIn(err()) };
}

export interface Server {
  readonly child: ChildProcess;
  /** The first line it printed. */
  readonly line: string;
  /** What it costs from now on counts, not what it has cost to get ready. Takes a moment (Linux; elsewhere nothing). */
  mark(): Promise<void>;
  /** Ends it, once. */
  stop(): Promise<Cost>;
}

/** Starts a server; `waitsForLine`: it is ready when it has printed one. */
export async function serve(
  program: string,
  args: readonly string[],
  { waitsForLine = false, env }: { waitsForLine?: boolean; env?: Environment } = {},
): Promise<Server> {
  const child = start(program, args, env);
  running.add(child);
  const err = collect(child.stderr!);
  const closed = once(child, 'close');
  const failed = closed.then(() => {
    throw new Error(`${program} ended:\n${err()}`);
  });
  failed.catch(() => {});
  let cost: Promise<Cost> | null = null;
  let before = 0;
  const stopped = async () => {
    await childrenCounted();
    // `time` itself leaves this one to what it measures.
    end(child, 'SIGINT');
    await closed;
    running.delete(child);
    const cost = costIn(err());
    return { ...cost, cpuSeconds: cost.cpuSeconds - before };
  };
  let line = '';
  if (waitsForLine)
    [line] = (await Promise.race([once(createInterface({ input: child.stdout! }), 'line'), failed])) as [
      string,
    ];
  else child.stdout!.resume();
  return {
    child,
    line,
    async mark() {
      await childrenCounted();
      const pid = HAS_TIME ? childOf(child.pid!) : child.pid!;
      if (existsSync(`/proc/${pid}/stat`)) before = costSoFar(pid).cpuSeconds;
    },
    stop() {
      cost ??= stopped();
      return cost;
    },
  };
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.on('data', (chunk) => {
    text = `${text}${chunk}`.slice(-100_000);
  });
  return () => text;
}

function costIn(stderr: string): Cost {
  const found = /^cost ([\d.]+) ([\d.]+) (\d+)$/m.exec(stderr);
  if (found === null) return NO_COST;
  return { cpuSeconds: Number(found[1]) + Number(found[2]), peakMiB: Number(found[3]) / 1024 };
}

/** Processes that a server started for a connection are counted when they have ended and were waited for. */
function childrenCounted(): Promise<void> {
  return new Promise((done) => setTimeout(done, 400));
}

function childOf(pid: number): number {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : pid;
}

const TICKS_PER_SECOND = 100;

/** What a process that goes on, and those of its own that have ended, have cost so far (Linux). */
export function costSoFar(pid: number): Cost {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // user, system, and the same of children that were waited for
  const times = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .map(Number);
  const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  const ticks = times.reduce((sum, time) => sum + time, 0);
  return { cpuSeconds: ticks / TICKS_PER_SECOND, peakMiB: Number(peak?.[1]) / 1024 };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Waits until something listens there. */
export async function listening(port: number): Promise<void> {
  for (let tried = 0; tried < 400; tried++) {
    const socket = connect(port, '127.0.0.1');
    const isThere = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isThere) return;
    await new Promise((done) => setTimeout(done, 25));
  }
  throw new Error(`nobody listens at ${port}`);
}
