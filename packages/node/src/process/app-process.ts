/**
 * One running app: its own process group, no shell, only the environment its launch names, bounded lines, a memory
 * limit, and an end that leaves nothing behind. What the lines mean is not known here.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { type Clock, coerceError, type Log, SECOND } from '@croft/contract';
import type { Launch } from '@croft/dcc';
import type { NodeHome } from '../home/home-layout.ts';
import { killGroup, killPid } from './kill.ts';
import { OWNER_VARIABLE, ownerMarkOf, recordProcess } from './leftovers.ts';
import { readLines } from './line-reader.ts';
import { familyOf, pidsWithVariable, processFacts } from './process-facts.ts';

export interface AppExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why the node ended it; null where the app ended by itself. */
  readonly killedFor: KillReason | null;
  /** Where the app could not be started at all. */
  readonly startError: Error | null;
}
export type KillReason = 'memory' | 'asked';

export interface AppProcessParts {
  readonly home: NodeHome;
  readonly clock: Clock;
  readonly log: Log;
  /** All processes of the app together; above it they are killed. */
  readonly memoryLimitBytes: number;
  onLine(line: string, stream: 'stdout' | 'stderr'): void;
}

const MEMORY_WATCH_MS = 500;
const CLOSE_GRACE_MS = 3 * SECOND;
const TERM_GRACE_MS = 2 * SECOND;
const RUN_VARIABLE = 'CROFT_RUN';

export class AppProcess {
  /** Settles when the app and everything it started are gone. Never rejects. */
  readonly exited: Promise<AppExit>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #parts: AppProcessParts;
  readonly #mark = randomBytes(12).toString('hex');
  #killedFor: KillReason | null = null;
  #peakBytes: number | null = null;
  /** Pids of the app and its descendants, as last seen. */
  #family: readonly number[] = [];
  #isGone = false;
  #cancelWatch: () => void = () => {};

  constructor(launch: Launch, parts: AppProcessParts) {
    this.#parts = parts;
    this.#child = spawn(launch.file, [...launch.args], {
      cwd: launch.cwd,
      env: { ...launch.env, [OWNER_VARIABLE]: ownerMarkOf(parts.home), [RUN_VARIABLE]: this.#mark },
      detached: process.platform !== 'win32',
      stdio: ['pipe', 'pipe', 'pipe'],
      shell: false,
      windowsHide: true,
    });
    const { pid } = this.#child;
    const forget = pid === undefined ? () => {} : recordProcess(parts.home, pid);
    readLines(this.#child.stdout, (line) => parts.onLine(line, 'stdout'));
    readLines(this.#child.stderr, (line) => parts.onLine(line, 'stderr'));
    this.#child.stdin.on('error', () => {});
    this.exited = this.#untilGone().finally(forget);
    this.#watchMemory();
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  /** Whether it may still be spoken to: it runs, and nobody has begun to end it. */
  get isUsable(): boolean {
    return !this.#isGone && this.#killedFor === null && this.#child.exitCode === null;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Highest memory seen since the last call of this, in bytes; null where the machine does not say. */
  takePeakBytes(): number | null {
    this.#measure(this.#family);
    const peak = this.#peakBytes;
    this.#peakBytes = null;
    return peak;
  }

  write(text: string): void {
    if (this.#child.stdin.writable) this.#child.stdin.write(text);
  }

  /** Asks the app to end by closing its stdin, and kills it when it does not. */
  async end(): Promise<void> {
    if (this.#isGone) return;
    this.#child.stdin.end();
    if (await this.#goneWithin(CLOSE_GRACE_MS)) return;
    await this.kill('asked');
  }

  /** TERM, then KILL, to the whole group. Resolves when all is gone. */
  async kill(reason: KillReason): Promise<void> {
    if (this.#isGone || this.pid === null) return void (await this.exited);
    this.#killedFor ??= reason;
    killGroup(this.pid, reason === 'memory' ? 'SIGKILL' : 'SIGTERM');
    if (await this.#goneWithin(TERM_GRACE_MS)) return;
    this.#killFamily();
    await this.exited;
  }

  async #untilGone(): Promise<AppExit> {
    const end = await new Promise<Pick<AppExit, 'code' | 'signal' | 'startError'>>((resolve) => {
      this.#child.once('error', (error) => {
        if (this.pid === null) resolve({ code: null, signal: null, startError: coerceError(error) });
      });
      this.#child.once('exit', (code, signal) => resolve({ code, signal, startError: null }));
    });
    this.#cancelWatch();
    this.#killFamily();
    if (end.startError === null) await this.#drained();
    this.#isGone = true;
    return { ...end, killedFor: this.#killedFor };
  }

  /** A process that escaped to another group may hold the pipes open: it gets one grace time, no more. */
  async #drained(): Promise<void> {
    const streams = [this.#child.stdout, this.#child.stderr];
    const ended = Promise.all(
      streams.map((stream) =>
        stream.closed ? undefined : new Promise((resolve) => stream.once('close', resolve)),
      ),
    );
    await Promise.race([ended, this.#pause(TERM_GRACE_MS)]);
    for (const stream of streams) stream.destroy();
    this.#child.stdin.destroy();
  }

  #killFamily(): void {
    if (this.pid === null) return;
    for (const one of familyOf(this.pid)) killPid(one.pid);
    killGroup(this.pid, 'SIGKILL');
    for (const pid of pidsWithVariable(RUN_VARIABLE, this.#mark)) killPid(pid);
  }

  #watchMemory(): void {
    if (process.platform !== 'linux') return;
    this.#cancelWatch = this.#parts.clock.after(MEMORY_WATCH_MS, () => {
      if (this.#isGone) return;
      // Every process of the machine is looked at only here: once a frame would cost a tiny frame a tenth of its time.
      this.#family = this.pid === null ? [] : familyOf(this.pid).map((one) => one.pid);
      if (this.#measure(this.#family) > this.#parts.memoryLimitBytes && this.#killedFor === null) {
        this.#parts.log.warn(
          { pid: this.pid, peakBytes: this.#peakBytes },
          'an app takes too much memory and is ended',
        );
        void this.kill('memory');
      }
      this.#watchMemory();
    });
  }

  /** Memory of the processes, the leader's in any case. */
  #measure(family: readonly number[]): number {
    if (this.pid === null || this.#isGone) return 0;
    const pids = new Set([this.pid, ...family]);
    const bytes = [...pids].reduce((sum, pid) => sum + (processFacts(pid)?.residentBytes ?? 0), 0);
    if (bytes > 0) this.#peakBytes = Math.max(this.#peakBytes ?? 0, bytes);
    return bytes;
  }

  async #goneWithin(graceMs: number): Promise<boolean> {
    await Promise.race([this.exited, this.#pause(graceMs)]);
    return this.#isGone;
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#parts.clock.after(delayMs, resolve);
    });
  }
}
