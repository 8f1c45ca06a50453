/**
 * The tasks of the raysync service.
 *
 * A task is `ready` until one of the places of its kind is free, then `start`, and ends as one of:
 *   successful     everything was moved;
 *   failed         something was not: rayvision_sync starts the same task again, without end for uploads of assets;
 *   stopped        an upload that nothing but a change on this machine can help (a file that is gone, no such host) failed
 *                  as often as the SDK starts rayvision_transmitter: the SDK raises CreatTaskFailed and ends;
 *   auth-failed    account and key are wrong; no-permission: storage and account are; ip-locked: too many such tries.
 *
 * The SDK keeps the id of a failed task and starts that again, so failed ones stay; of the others the last are kept. A
 * stopped one cannot be started again: the SDK would take its success for that of whatever it wanted then.
 */
import { randomUUID } from 'node:crypto';
import { type Clock, CroftError, coerceError, type Log, MINUTE } from '@croft/contract';
import { isUnknownHost } from '../transmitter/find-storage.ts';
import { RaysyncFailure, raysyncFailure } from './failures.ts';
import { moveOrder } from './move.ts';
import type { SpeedLimits, TaskLimits, TransferOrder } from './orders.ts';
import { TaskRecord } from './task-record.ts';

export type TaskState =
  | 'ready'
  | 'start'
  | 'successful'
  | 'failed'
  | 'stopped'
  | 'auth-failed'
  | 'no-permission'
  | 'ip-locked';

export interface RaysyncTask {
  readonly id: string;
  readonly order: TransferOrder;
  state: TaskState;
  record: TaskRecord;
  starts: number;
  /** When it was last started, ended or asked about. */
  touchedAt: number;
  /** It has ended, and nobody has asked for it since: the SDK looks every five seconds. */
  isUnseen: boolean;
}

export interface BoardParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly scheme: 'http' | 'https' | null;
  /** Ends what runs. */
  readonly signal: AbortSignal;
}

/** As often as the SDK starts rayvision_transmitter for the same. */
const MOST_STARTS = 12;
const MOST_TASKS = 1000;
/** Within this time the SDK comes back to a task that failed. */
const SOON_MS = 2 * MINUTE;

const REFUSALS: Readonly<Record<string, TaskState>> = {
  RAYSYNC_ACCOUNT_REFUSED: 'auth-failed',
  TRANSFER_STORAGE_REFUSED: 'no-permission',
  TRANSFER_NOT_ALLOWED: 'no-permission',
  NATIVE_TOO_MANY_FAILURES: 'ip-locked',
};

export class TaskBoard {
  readonly #parts: BoardParts;
  readonly #tasks = new Map<string, RaysyncTask>();
  #limits: TaskLimits = { upload: 2, download: 2 };
  #speeds: SpeedLimits = { upload: null, download: null };

  constructor(parts: BoardParts) {
    this.#parts = parts;
  }

  get limits(): TaskLimits {
    return this.#limits;
  }
  setLimits(limits: TaskLimits): void {
    this.#limits = limits;
    this.#fillPlaces();
  }
  /** Holds for each task that starts from now on. */
  setSpeeds(speeds: SpeedLimits): void {
    this.#speeds = speeds;
  }

  create(order: TransferOrder): RaysyncTask {
    this.#forgetOld();
    const task: RaysyncTask = {
      id: randomUUID(),
      order,
      state: 'ready',
      record: new TaskRecord(),
      starts: 0,
      touchedAt: this.#parts.clock.now(),
      isUnseen: false,
    };
    this.#tasks.set(task.id, task);
    this.#fillPlaces();
    return task;
  }

  /** Starts a task that failed once more; one that waits or runs goes on. Code 404 for none, 409 for one that is over. */
  startAgain(id: string): RaysyncTask {
    const task = this.task(id);
    if (task.state === 'stopped')
      throw raysyncFailure(
        409,
        'the task was given up; make a new RayvisionUpload once the files it names are there',
      );
    if (task.state === 'ready' || task.state === 'start') return task;
    task.state = 'ready';
    task.record = new TaskRecord();
    this.#fillPlaces();
    return task;
  }

  task(id: string): RaysyncTask {
    const task = this.#tasks.get(id);
    if (task === undefined) throw raysyncFailure(404, 'there is no such task');
    task.touchedAt = this.#parts.clock.now();
    task.isUnseen = false;
    return task;
  }
  all(): RaysyncTask[] {
    return [...this.#tasks.values()];
  }

  /** Whether ending the service now would be noticed. */
  get isBusy(): boolean {
    const soon = this.#parts.clock.now() - SOON_MS;
    return this.all().some(
      ({ state, touchedAt, isUnseen }) =>
        isOpen(state) || ((isUnseen || state === 'failed') && touchedAt > soon),
    );
  }

  #fillPlaces(): void {
    for (const task of this.#tasks.values()) {
      if (task.state !== 'ready') continue;
      const kind = kindOf(task.order);
      const running = this.all().filter(({ state, order }) => state === 'start' && kindOf(order) === kind);
      if (running.length < this.#limits[kind]) void this.#run(task);
    }
  }

  async #run(task: RaysyncTask): Promise<void> {
    const { clock, log, scheme, signal } = this.#parts;
    task.state = 'start';
    task.starts += 1;
    const { order, record } = task;
    const limitKbps = this.#speeds[kindOf(order)];
    try {
      await moveOrder(order, { clock, log, scheme, signal, limitKbps, record });
      task.state = record.faults.length === 0 ? 'successful' : failedState(task, true);
    } catch (thrown) {
      const error = coerceError(thrown);
      record.failed('upload', order.type === 'upload-list' ? order.list : order.local, error.message);
      task.state = refusal(error) ?? failedState(task, isOfThisMachine(error));
      log.warn({ err: error, task: task.id, state: task.state }, 'a transfer did not succeed');
    }
    task.touchedAt = clock.now();
    task.isUnseen = true;
    this.#fillPlaces();
  }

  #forgetOld(): void {
    for (const [id, { state }] of this.#tasks) {
      if (this.#tasks.size < MOST_TASKS) return;
      if (!isOpen(state)) this.#tasks.delete(id);
    }
    if (this.#tasks.size >= MOST_TASKS) throw raysyncFailure(429, 'there are too many tasks');
  }
}

export function kindOf({ type }: TransferOrder): 'upload' | 'download' {
  return type === 'download' ? 'download' : 'upload';
}

function isOpen(state: TaskState): boolean {
  return state === 'ready' || state === 'start';
}

function refusal(error: Error): TaskState | undefined {
  return error instanceof CroftError ? REFUSALS[error.code] : undefined;
}

/** The SDK waits for a download by itself, so one that fails is never given up here. */
function failedState({ order, starts }: RaysyncTask, isOfThisMachine: boolean): TaskState {
  const isGivenUp = isOfThisMachine && starts >= MOST_STARTS && order.type !== 'download';
  return isGivenUp ? 'stopped' : 'failed';
}

function isOfThisMachine(error: Error): boolean {
  if (error instanceof RaysyncFailure || isUnknownHost(error)) return true;
  return error instanceof CroftError && (error.code === 'PATH_REFUSED' || error.code === 'SDK_TRANSMIT_LIST');
}
