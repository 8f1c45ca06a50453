/**
 * Speaks with one running app through its launch. States:
 *
 *   starting ── ready ──▶ idle ── request ──▶ rendering ── frame-done / frame-failed ──▶ idle
 *   any ── the process ends ──▶ ended
 *
 * Only what fits the state counts: an answer for another frame than the one asked for is noise (a scene can print,
 * though not the nonce). In a batch the app asks nothing: `renderBatch` takes its frames as they come.
 */
import { type Clock, MINUTE, type OrderedFrame } from '@croft/contract';
import type { AppEvent, AppOutput, Launch } from '@croft/dcc';
import { nodeErrors } from '../errors.ts';
import { type AppExit, AppProcess, type AppProcessParts } from '../process/app-process.ts';
import { FrameFailure } from './failure.ts';

export interface SessionParts extends Omit<AppProcessParts, 'onLine'> {
  /** Every line of the app that is not a message of the session. */
  onText(line: string, stream: 'stdout' | 'stderr'): void;
  onProgress(percent: number): void;
  /** Unguessable text of the launch; lines with it never reach a log. */
  readonly nonce: string;
}

/** Loading a heavy scene from a cold disk takes minutes; a start without an end must still end. */
const READY_TIMEOUT_MS = 30 * MINUTE;

type Waiter = { onEvent(event: AppEvent): void; onExit(exit: AppExit): void };

export class AppSession {
  readonly launch: Launch;
  readonly process: AppProcess;
  readonly #clock: Clock;
  #waiter: Waiter | null = null;
  #exit: AppExit | null = null;
  #isReady = false;
  #broken: FrameFailure | null = null;

  constructor(launch: Launch, parts: SessionParts) {
    this.launch = launch;
    this.#clock = parts.clock;
    this.process = new AppProcess(launch, {
      ...parts,
      onLine: (line, stream) => {
        const event = launch.parse(line, stream);
        if (!line.includes(parts.nonce)) parts.onText(line, stream);
        if (event?.kind === 'progress') parts.onProgress(event.percent);
        else if (event !== null) this.#heard(event);
      },
    });
    void this.process.exited.then((exit) => {
      this.#exit = exit;
      this.#waiter?.onExit(exit);
    });
  }

  get isUsable(): boolean {
    return this.#exit === null && this.#broken === null && this.process.isUsable;
  }

  /** Resolves when the scene is open. Throws the failure of the whole run where it does not open. */
  ready(signal: AbortSignal): Promise<void> {
    if (this.#isReady) return Promise.resolve();
    return this.#waitFor<void>(READY_TIMEOUT_MS, signal, startTimeout, (_event, settle) => {
      if (this.#isReady) settle.resolve();
    });
  }

  /** Renders one frame in an open session. Throws its failure; afterwards `isUsable` says whether to go on. */
  render(frame: OrderedFrame, timeoutMs: number, signal: AbortSignal): Promise<readonly AppOutput[]> {
    const done = this.#waitFor<readonly AppOutput[]>(timeoutMs, signal, frameTimeout, (event, settle) => {
      if (event.kind === 'frame-done' && event.frameId === frame.frameId) settle.resolve(event.outputs);
      if (event.kind === 'frame-failed' && event.frameId === frame.frameId) settle.reject(failureFrom(event));
    });
    this.process.write(this.launch.request(frame));
    return done;
  }

  /** Waits for the next word of a batch about any of its frames; null when the process has ended well. */
  nextOfBatch(timeoutMs: number, signal: AbortSignal): Promise<AppEvent | null> {
    const queued = this.#batch.shift();
    if (queued !== undefined) return Promise.resolve(queued);
    if (this.#exit !== null && isGoodEnd(this.#exit)) return Promise.resolve(null);
    return this.#waitFor<AppEvent | null>(
      timeoutMs,
      signal,
      frameTimeout,
      (event, settle) => settle.resolve(event),
      (exit, settle) => (isGoodEnd(exit) ? settle.resolve(null) : settle.reject(failureOfExit(exit))),
    );
  }
  readonly #batch: AppEvent[] = [];

  #heard(event: AppEvent): void {
    if (event.kind === 'ready') this.#isReady = true;
    if (event.kind === 'frame-failed' && event.frameId === null) this.#broken = failureFrom(event);
    if (this.#waiter !== null) this.#waiter.onEvent(event);
    else if (this.launch.mode === 'batch' && this.#batch.length < 10_000) this.#batch.push(event);
  }

  #waitFor<Value>(
    timeoutMs: number,
    signal: AbortSignal,
    timeoutError: (ms: number) => Error,
    onEvent: (event: AppEvent, settle: Settle<Value>) => void,
    onExit: (exit: AppExit, settle: Settle<Value>) => void = (exit, settle) =>
      settle.reject(failureOfExit(exit)),
  ): Promise<Value> {
    return new Promise<Value>((resolvePromise, rejectPromise) => {
      const finish = () => {
        this.#waiter = null;
        cancelTimer();
        signal.removeEventListener('abort', onAbort);
      };
      const settle: Settle<Value> = {
        resolve: (value) => {
          finish();
          resolvePromise(value);
        },
        reject: (error) => {
          finish();
          rejectPromise(error);
        },
      };
      const endWith = (error: Error) => {
        void this.process.kill('asked');
        settle.reject(error);
      };
      const onAbort = () => endWith(nodeErrors.NODE_STOPPED('the frame was stopped'));
      const cancelTimer =
        timeoutMs > 0 ? this.#clock.after(timeoutMs, () => endWith(timeoutError(timeoutMs))) : () => {};
      signal.addEventListener('abort', onAbort);
      this.#waiter = {
        onEvent: (event) => {
          if (this.#broken !== null) return settle.reject(this.#broken);
          onEvent(event, settle);
        },
        onExit: (exit) => onExit(exit, settle),
      };
      if (signal.aborted) onAbort();
      else if (this.#broken !== null) settle.reject(this.#broken);
      else if (this.#exit !== null) onExit(this.#exit, settle);
    });
  }
}

interface Settle<Value> {
  resolve(value: Value): void;
  reject(error: Error): void;
}

/** The failure that an unexpected end of the app means. */
export function failureOfExit(exit: AppExit): Error {
  if (exit.startError !== null) {
    return nodeErrors.NODE_APP_NOT_STARTED(`the app cannot be started: ${exit.startError.message}`);
  }
  if (exit.killedFor === 'memory')
    return nodeErrors.NODE_OUT_OF_MEMORY('the app needed more memory than it may have');
  if (exit.killedFor === 'asked') return nodeErrors.NODE_STOPPED('the app was stopped');
  if (exit.signal === 'SIGKILL') {
    return nodeErrors.NODE_OUT_OF_MEMORY('the system ended the app, most likely for want of memory');
  }
  const how = exit.signal === null ? `with exit code ${exit.code}` : `by signal ${exit.signal}`;
  return nodeErrors.NODE_APP_EXITED(`the app ended ${how} before the frame was finished`);
}

function isGoodEnd(exit: AppExit): boolean {
  return exit.startError === null && exit.killedFor === null && exit.signal === null && exit.code === 0;
}

function failureFrom(event: Extract<AppEvent, { kind: 'frame-failed' }>): FrameFailure {
  return new FrameFailure(event.failure, event.code, event.reason);
}

function startTimeout(ms: number): Error {
  return nodeErrors.NODE_START_TIMEOUT(
    `the app did not open the scene within ${Math.round(ms / MINUTE)} minutes`,
  );
}

function frameTimeout(ms: number): Error {
  return nodeErrors.NODE_FRAME_TIMEOUT(`the frame took longer than its limit of ${Math.round(ms / 1000)} s`);
}
