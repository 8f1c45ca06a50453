/**
 * One attempt on this node: an order, from its acceptance to `attempt-ended`.
 *
 *   held ── a slot is free ──▶ rendering ── last frame ──▶ delivering ── all sent ──▶ ended
 *
 * Inputs are prepared from the moment the order is held, so that a slot that gets free finds them there. Frames are
 * rendered one after another; what a frame made is checked and sent while the next one renders. Each frame ends with
 * one report, or with none where it was cancelled or not reached: then `attempt-ended` gives it back.
 */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AttemptOrder, Clock, Log, NodeReport, OrderedFrame } from '@croft/contract';
import type { App, AppOutput, Installation } from '@croft/dcc';
import { nodeErrors } from '../errors.ts';
import type { NodeHome } from '../home/home-layout.ts';
import type { WorkFolders, WorkLease } from '../inputs/work-folders.ts';
import type { AttemptTransfer, NodeTransfer } from '../ports.ts';
import type { AttemptLog } from './attempt-log.ts';
import { AttemptReports } from './attempt-reports.ts';
import { BoundedJobs } from './bounded-jobs.ts';
import { claimOutputs, freshOutputs, stampOf } from './claim-outputs.ts';
import { type DeliveryParts, deliverFrame } from './deliver-frame.ts';
import { FrameFailure, failureOf } from './failure.ts';
import { OutputBatcher } from './output-batcher.ts';
import type { OpenSession, SessionSlot } from './session-slot.ts';

export interface AttemptParts extends DeliveryParts {
  readonly home: NodeHome;
  readonly app: App;
  readonly installation: Installation;
  readonly folders: WorkFolders;
  readonly transfer: NodeTransfer;
  readonly text: AttemptLog;
  readonly clock: Clock;
  readonly log: Log;
  report(report: NodeReport): void;
  progressed(): void;
}

const MOST_UNSENT_FRAMES = 16;

export class Attempt {
  readonly order: AttemptOrder;
  readonly text: AttemptLog;
  readonly #parts: AttemptParts;
  readonly #log: Log;
  readonly #reports: AttemptReports;
  readonly #abort = new AbortController();
  readonly #skipped = new Set<number>();
  readonly #deliveries = new BoundedJobs(MOST_UNSENT_FRAMES);
  readonly #bytes: AttemptTransfer;
  readonly #outputs: OutputBatcher;
  readonly #prepared: Promise<WorkLease>;
  #frameAbort: AbortController | null = null;
  #current: { frame: OrderedFrame; percent: number } | null = null;
  #endReason: string | null = null;
  #isLeaving = false;

  constructor(order: AttemptOrder, parts: AttemptParts) {
    this.order = order;
    this.text = parts.text;
    this.#parts = parts;
    this.#log = parts.log.child({ attempt: order.attemptId, task: order.taskId });
    this.#reports = new AttemptReports(order.attemptId, parts.clock, (report) => parts.report(report));
    this.#bytes = parts.transfer.forAttempt(order.token);
    this.#outputs = new OutputBatcher(this.#bytes, parts.clock);
    this.#prepared = parts.folders.lease(order, parts.app, this.#bytes, this.#abort.signal);
    this.#prepared.catch(() => {});
  }

  /** Frame in work and how far it is; null between frames. */
  get running(): { attemptId: number; frameId: number; percent: number } | null {
    if (this.#current === null) return null;
    return {
      attemptId: this.order.attemptId,
      frameId: this.#current.frame.frameId,
      percent: this.#current.percent,
    };
  }

  /** Stops it now. `isSilent`: the farm does not know the attempt any more, so there is nothing to tell it. */
  cancel(reason: string, isSilent: boolean): void {
    this.#endReason ??= reason;
    if (isSilent) this.#reports.silence();
    this.#abort.abort();
    this.#frameAbort?.abort();
  }

  /** Leaves out frames that have not finished, the running one too. */
  skip(frameIds: readonly number[]): void {
    for (const id of frameIds) this.#skipped.add(id);
    if (this.#current !== null && frameIds.includes(this.#current.frame.frameId)) this.#frameAbort?.abort();
  }

  /** Ends after the running frame. */
  leaveAfterFrame(reason: string): void {
    this.#isLeaving = true;
    this.#endReason ??= reason;
  }

  /** Renders in the slot. Resolves when the slot is free again; deliveries go on, see `delivered`. */
  async render(slot: SessionSlot): Promise<void> {
    this.#reports.tell({ kind: 'attempt-started', attemptId: this.order.attemptId, at: this.#now() });
    try {
      await this.#renderFrames(slot);
    } catch (thrown) {
      if (!this.#isOver) this.#failRest(thrown);
    }
    this.#current = null;
    await this.giveBack();
  }

  /** Gives prepared inputs back that no app was started on. */
  async giveBack(): Promise<void> {
    if (this.#isPreparedUsed) return;
    this.#isPreparedUsed = true;
    this.#abort.abort();
    const lease = await this.#prepared.catch(() => null);
    await lease?.release();
  }

  /** Resolves when everything is sent and told, `attempt-ended` last. */
  async delivered(): Promise<void> {
    this.#outputs.hurry();
    await this.#deliveries.idle();
    await rm(this.#spool(), { recursive: true, force: true });
    await this.#bytes.close();
    this.text.close();
    this.#reports.tell({
      kind: 'attempt-ended',
      attemptId: this.order.attemptId,
      at: this.#now(),
      reason: this.#endReason,
    });
  }

  get #isOver(): boolean {
    return this.#abort.signal.aborted || this.#isLeaving;
  }

  async #renderFrames(slot: SessionSlot): Promise<void> {
    const { app, installation } = this.#parts;
    const user = {
      text: (line: string) => this.text.line(line),
      progress: (percent: number) => this.#progressed(percent),
    };
    const waiting = this.order.frames.slice();
    while (waiting.length > 0 && !this.#isOver) {
      const lease = await this.#leaseForNow();
      const order = { ...this.order, frames: waiting };
      const open = await slot.open(order, app, installation, lease, user).catch(async (thrown) => {
        await lease.release();
        throw thrown;
      });
      try {
        if (open.session.launch.mode === 'batch') await this.#renderBatch(open, waiting);
        else await this.#renderSession(open, waiting);
      } finally {
        await this.#lookAfterInputs(open);
        await slot.rest();
      }
    }
  }

  /** The lease made ahead, once; then, for a new process of the same attempt, another. */
  async #leaseForNow(): Promise<WorkLease> {
    if (!this.#isPreparedUsed) {
      this.#isPreparedUsed = true;
      const lease = await this.#prepared;
      if (!lease.isSpoiled) return lease;
      await lease.release();
    }
    return await this.#parts.folders.lease(this.order, this.#parts.app, this.#bytes, this.#abort.signal);
  }
  #isPreparedUsed = false;

  async #lookAfterInputs(open: OpenSession): Promise<void> {
    if (await open.lease.verify()) return;
    this.text.line('[croft] the scene changed its own inputs; the next attempt gets clean ones');
  }

  /** Frame by frame until all are done or the app is gone; the rest then waits for a new app. */
  async #renderSession(open: OpenSession, waiting: OrderedFrame[]): Promise<void> {
    await open.session.ready(this.#abort.signal);
    while (!this.#isOver && open.session.isUsable) {
      const frame = waiting.shift();
      if (frame === undefined) return;
      if (this.#skipped.has(frame.frameId)) continue;
      await freshOutputs(open.outputs);
      const startedAt = await this.#start(frame, open);
      try {
        const sinceMs = await stampOf(this.#spool(frame));
        const outputs = await open.session.render(frame, this.order.frameTimeoutMs, this.#signalOf());
        await this.#claim(frame, startedAt, open, outputs, sinceMs);
      } catch (thrown) {
        this.#frameFailed(frame, startedAt, thrown);
      }
    }
  }

  /** One process for all frames. When it ends early, the frame it was at has failed and the rest goes back. */
  async #renderBatch(open: OpenSession, waiting: OrderedFrame[]): Promise<void> {
    const sinceMs = await stampOf(this.#spool());
    let startedAt = this.#now();
    let current: OrderedFrame | null = null;
    try {
      for (;;) {
        const event = await open.session.nextOfBatch(this.order.frameTimeoutMs, this.#signalOf());
        if (event === null) break;
        if (event.kind === 'ready' || event.kind === 'progress') continue;
        const frame: OrderedFrame | undefined = waiting.find((one) => one.frameId === event.frameId);
        if (frame === undefined) continue;
        if (current !== frame) startedAt = await this.#start(frame, open);
        current = frame;
        if (event.kind === 'frame-started') continue;
        waiting.splice(waiting.indexOf(frame), 1);
        current = null;
        if (event.kind === 'frame-done') {
          await this.#claim(frame, startedAt, open, event.outputs, sinceMs).catch((thrown) =>
            this.#frameFailed(frame, startedAt, thrown),
          );
        } else this.#frameFailed(frame, startedAt, new FrameFailure(event.failure, event.code, event.reason));
      }
      const unmade = waiting.splice(0);
      for (const frame of unmade) {
        this.#frameFailed(
          frame,
          startedAt,
          nodeErrors.NODE_NO_OUTPUT('the app ended without rendering the frame'),
        );
      }
    } catch (thrown) {
      const at = current ?? waiting[0];
      waiting.splice(0);
      if (at !== undefined) this.#frameFailed(at, startedAt, thrown);
      this.#endReason ??= 'The app ended before all frames of the run were rendered.';
    }
  }

  async #start(frame: OrderedFrame, open: OpenSession): Promise<number> {
    const at = this.#now();
    open.session.process.takePeakBytes();
    this.#current = { frame, percent: 0 };
    this.text.line(`[croft] frame ${frame.first}${frame.last === frame.first ? '' : `-${frame.last}`}`);
    this.#reports.startLater(frame.frameId, at);
    this.#parts.progressed();
    return at;
  }

  async #claim(
    frame: OrderedFrame,
    startedAt: number,
    open: OpenSession,
    outputs: readonly AppOutput[],
    sinceMs: number,
  ): Promise<void> {
    const spool = this.#spool(frame);
    const claimed = await claimOutputs(outputs, open.outputs, spool, sinceMs);
    const peakMemoryBytes = open.session.process.takePeakBytes();
    const endedAt = this.#now();
    await this.#deliveries.push(async () => {
      try {
        const { attemptId } = this.order;
        const results = await deliverFrame(
          this.#parts,
          this.#outputs,
          frame,
          claimed,
          spool,
          this.#abort.signal,
        );
        const { frameId } = frame;
        this.#reports.tell({
          kind: 'frame-done',
          attemptId,
          frameId,
          startedAt,
          endedAt,
          results,
          peakMemoryBytes,
        });
      } catch (thrown) {
        this.#frameFailed(frame, startedAt, thrown);
      } finally {
        await rm(spool, { recursive: true, force: true });
      }
    });
  }

  /** A frame that was cancelled is not told as failed: it goes back, or the user stopped it. */
  #frameFailed(frame: OrderedFrame, startedAt: number, thrown: unknown): void {
    if (this.#abort.signal.aborted || this.#skipped.has(frame.frameId)) return;
    const failure = failureOf(thrown, this.#log);
    this.text.line(`[croft] frame ${frame.first} failed: ${failure.reason} (${failure.code})`);
    this.#log.warn({ frame: frame.frameId, code: failure.code, class: failure.failure }, failure.reason);
    const { attemptId } = this.order;
    const { frameId } = frame;
    this.#reports.tell({
      kind: 'frame-failed',
      attemptId,
      frameId,
      startedAt,
      endedAt: this.#now(),
      ...failure,
    });
  }

  /** The run cannot go on. The scene's fault fails all frames left; any other only the first, and gives back the rest. */
  #failRest(thrown: unknown): void {
    const failure = failureOf(thrown, this.#log);
    const at = this.#now();
    this.#endReason ??= failure.reason;
    const left = this.order.frames.filter((frame) => !this.#reports.hasStarted(frame.frameId));
    const failed = failure.failure === 'scene' ? left : this.#reports.hasFailedFrames ? [] : left.slice(0, 1);
    for (const frame of failed) this.#frameFailed(frame, at, thrown);
  }

  #progressed(percent: number): void {
    if (this.#current === null || !Number.isFinite(percent)) return;
    this.#current.percent = Math.min(100, Math.max(0, percent));
    this.#parts.progressed();
  }

  #signalOf(): AbortSignal {
    this.#frameAbort = new AbortController();
    if (this.#abort.signal.aborted) this.#frameAbort.abort();
    return this.#frameAbort.signal;
  }

  #spool(frame?: OrderedFrame): string {
    const folder = join(this.#parts.home.spool, String(this.order.attemptId));
    return frame === undefined ? folder : join(folder, String(frame.frameId));
  }

  #now(): number {
    return this.#parts.clock.now();
  }
}
