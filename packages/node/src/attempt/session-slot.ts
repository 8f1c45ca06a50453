/**
 * A slot: the place of one running attempt, and of the one app session that stays open between attempts. The session
 * serves the next attempt when its key, inputs and executable are the same and the inputs are clean; it is closed when
 * another is needed, when it was idle too long, or when another slot wants its memory.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type AttemptOrder, type Clock, type Log, MINUTE } from '@croft/contract';
import type { App, Installation, Launch } from '@croft/dcc';
import type { NodeHome } from '../home/home-layout.ts';
import type { WorkLease } from '../inputs/work-folders.ts';
import { isMemoryScarce } from '../machine/machine-facts.ts';
import { AppSession } from './app-session.ts';

/** What an open session tells the attempt that uses it. */
export interface SessionUser {
  text(line: string): void;
  progress(percent: number): void;
}

export interface OpenSession {
  readonly session: AppSession;
  readonly outputs: string;
  readonly lease: WorkLease;
  user: SessionUser | null;
}

export interface SlotParts {
  readonly home: NodeHome;
  readonly clock: Clock;
  readonly log: Log;
  readonly threads: number;
  readonly memoryLimitBytes: number;
}

/** Folders and secret of one running app. */
interface Place {
  readonly folder: string;
  readonly outputs: string;
  readonly scratch: string;
  readonly nonce: string;
}
interface Opened extends OpenSession, Place {
  /** App and key of the inputs, as `openInputs` answers. */
  readonly inputs: string;
}

const IDLE_LIMIT_MS = 2 * MINUTE;
let nextFolder = 1;

export class SessionSlot {
  readonly #parts: SlotParts;
  #open: Opened | null = null;
  #closing: Promise<void> = Promise.resolve();
  #cancelIdle: () => void = () => {};

  constructor(parts: SlotParts) {
    this.#parts = parts;
  }

  /** Inputs that the open session renders from; null without one. The queue prefers orders with the same. */
  get openInputs(): string | null {
    return this.#open?.session.isUsable ? this.#open.inputs : null;
  }

  /**
   * A running app for the order: the open one where it fits, else a new process. Takes over the lease. The caller
   * calls `rest` when its attempt is over. Where it throws, the lease is still the caller's.
   */
  async open(
    order: AttemptOrder,
    app: App,
    installation: Installation,
    lease: WorkLease,
    user: SessionUser,
  ): Promise<OpenSession> {
    this.#cancelIdle();
    const open = this.#open;
    const launchIn = (place: Place) => launchOf(this.#parts.threads, order, app, installation, lease, place);
    if (open !== null && open.lease.work.inputs === lease.work.inputs && fits(open, launchIn(open))) {
      await lease.release();
      open.user = user;
      return open;
    }
    // The old app's last moments and the new one's first may overlap, unless there is too little memory for both.
    const closing = this.close();
    if (isMemoryScarce()) await closing;
    const place = await this.#makePlace();
    const session = this.#start(launchIn(place), place.nonce);
    this.#open = { ...place, session, lease, user, inputs: `${order.app} ${order.inputsKey}` };
    this.#parts.log.info({ pid: session.process.pid, attempt: order.attemptId }, 'an app starts');
    return this.#open;
  }

  /** The attempt is over and the session may serve another; a batch or a broken session is closed. */
  async rest(): Promise<void> {
    const open = this.#open;
    if (open === null) return;
    open.user = null;
    if (!open.session.isUsable || open.session.launch.mode === 'batch' || open.lease.isSpoiled)
      return await this.close();
    this.#cancelIdle = this.#parts.clock.after(IDLE_LIMIT_MS, () => void this.close());
  }

  /** True where a session is open that no attempt uses. */
  get isResting(): boolean {
    return this.#open !== null && this.#open.user === null;
  }

  /** Closes the open session, and waits for the end of earlier ones. */
  async close(): Promise<void> {
    this.#cancelIdle();
    const open = this.#open;
    this.#open = null;
    const before = this.#closing;
    this.#closing = (async () => {
      if (open !== null) {
        await open.session.process.end();
        await open.lease.release();
        await rm(open.folder, { recursive: true, force: true });
      }
      await before;
    })();
    await this.#closing;
  }

  #start(launch: Launch, nonce: string): AppSession {
    const { home, clock, log, memoryLimitBytes } = this.#parts;
    const userOf = () => (this.#open?.nonce === nonce ? this.#open.user : null);
    return new AppSession(launch, {
      home,
      clock,
      log,
      memoryLimitBytes,
      nonce,
      onText: (line) => userOf()?.text(line),
      onProgress: (percent) => userOf()?.progress(percent),
    });
  }

  /** Made before the launch is asked for: an app may put start-up files into its scratch folder. */
  async #makePlace(): Promise<Place> {
    const folder = join(this.#parts.home.run, String(nextFolder++));
    const place = { folder, outputs: join(folder, 'outputs'), scratch: join(folder, 'scratch') };
    await mkdir(place.outputs, { recursive: true });
    await mkdir(place.scratch, { recursive: true });
    return { ...place, nonce: randomBytes(16).toString('hex') };
  }
}

function launchOf(
  threads: number,
  order: AttemptOrder,
  app: App,
  installation: Installation,
  lease: WorkLease,
  place: Place,
): Launch {
  const { outputs, scratch, nonce } = place;
  const { settings, frames } = order;
  return app.launch({ installation, work: lease.work, outputs, scratch, settings, frames, threads, nonce });
}

/** Whether a launch made as if in the place of the open session is the same session. */
function fits(open: Opened, launch: Launch): boolean {
  const before = open.session.launch;
  return (
    open.session.isUsable &&
    launch.mode === 'session' &&
    before.mode === 'session' &&
    launch.sessionKey === before.sessionKey &&
    launch.file === before.file
  );
}
