/**
 * One attempt on this node: an order, from its acceptance to `attempt-ended`.
 *
 *   held ── a slot is free ──▶ rendering ── last frame ──▶ delivering ── all sent ──▶ ended
 *
 * Inputs are prepared from the moment the order is held, so that a slot that gets free finds them there. Frames are
 * rendered one after another; what a frame made is checked and sent while the next one renders. Each frame ends with
 * one report, or with none where it was cancelled or not reached: then `attempt-ended` gives it back.
 */
import type { AttemptOrder, OrderedFrame } from '@croft/contract';
import { nodeErrors } from '../errors.ts';
import type { WorkLease } from '../inputs/work-folders.ts';
import type { AttemptTransfer } from '../ports.ts';
import { AttemptFrames } from './attempt-frames.ts';
import type { AttemptLog } from './attempt-log.ts';
import type { AttemptParts } from './attempt-parts.ts';
import { AttemptReports } from './attempt-reports.ts';
import { freshOutputs, stampOf } from './claim-outputs.ts';
import { FrameFailure } from './failure.ts';
import { OutputBatcher } from './output-batcher.ts';
import type { OpenSession, SessionSlot } from './session-slot.ts';

export class Attempt {
  readonly order: AttemptOrder;
  readonly text: AttemptLog;
  readonly #parts: AttemptParts;
  readonly #reports: AttemptReports;
  readonly #abort = new AbortController();
  readonly #bytes: AttemptTransfer;
  readonly #outputs: OutputBatcher;
  readonly #frames: AttemptFrames;
  readonly #prepared: Promise<WorkLease>;
  #frameAbort: AbortController | null = null;
  #endReason: string | null = null;
  #isLeaving = false;

  constructor(order: AttemptOrder, parts: AttemptParts) {
    this.order = order;
    this.text = parts.text;
    this.#parts = parts;
    const log = parts.log.child({ attempt: order.attemptId, task: order.taskId });
    this.#reports = new AttemptReports(order.attemptId, parts.clock, (report) => parts.report(report));
    this.#bytes = parts.transfer.forAttempt(order.token);
    this.#outputs = new OutputBatcher(this.#bytes, parts.clock);
    this.#frames = new AttemptFrames(
      order,
      { ...parts, log },
      this.#reports,
      this.#outputs,
      this.#abort.signal,
    );
    this.#prepared = parts.folders.lease(order, parts.app, this.#bytes, this.#abort.signal);
    this.#prepared.catch(() => {});
  }

  /** Frame in work and how far it is; null between frames. */
  get running(): { attemptId: number; frameId: number; percent: number } | null {
    return this.#frames.running;
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
    this.#frames.skip(frameIds);
    if (this.running !== null && frameIds.includes(this.running.frameId)) this.#frameAbort?.abort();
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
      if (!this.#isOver) {
        const reason = this.#frames.failRest(thrown);
        this.#endReason ??= reason;
      }
    }
    this.#frames.rest();
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
    await this.#frames.delivered();
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
      progress: (percent: number) => this.#frames.progressed(percent),
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
      if (this.#frames.isSkipped(frame)) continue;
      await freshOutputs(open.outputs);
      const startedAt = this.#frames.begin(frame, open);
      try {
        const sinceMs = await stampOf(this.#frames.spool(frame));
        const outputs = await open.session.render(frame, this.order.frameTimeoutMs, this.#signalOf());
        await this.#frames.claim(frame, startedAt, open, outputs, sinceMs);
      } catch (thrown) {
        this.#frames.failed(frame, startedAt, thrown);
      }
    }
  }

  /** One process for all frames. When it ends early, the frame it was at has failed and the rest goes back. */
  async #renderBatch(open: OpenSession, waiting: OrderedFrame[]): Promise<void> {
    const sinceMs = await stampOf(this.#frames.spool());
    let startedAt = this.#now();
    let current: OrderedFrame | null = null;
    try {
      for (;;) {
        const event = await open.session.nextOfBatch(this.order.frameTimeoutMs, this.#signalOf());
        if (event === null) break;
        if (event.kind === 'ready' || event.kind === 'progress') continue;
        const frame: OrderedFrame | undefined = waiting.find((one) => one.frameId === event.frameId);
        if (frame === undefined) continue;
        if (current !== frame) startedAt = this.#frames.begin(frame, open);
        current = frame;
        if (event.kind === 'frame-started') continue;
        waiting.splice(waiting.indexOf(frame), 1);
        current = null;
        if (event.kind === 'frame-done') {
          await this.#frames
            .claim(frame, startedAt, open, event.outputs, sinceMs)
            .catch((thrown) => this.#frames.failed(frame, startedAt, thrown));
        } else
          this.#frames.failed(frame, startedAt, new FrameFailure(event.failure, event.code, event.reason));
      }
      const unmade = waiting.splice(0);
      for (const frame of unmade) {
        this.#frames.failed(
          frame,
          startedAt,
          nodeErrors.NODE_NO_OUTPUT('the app ended without rendering the frame'),
        );
      }
    } catch (thrown) {
      const at = current ?? waiting[0];
      waiting.splice(0);
      if (at !== undefined) this.#frames.failed(at, startedAt, thrown);
      this.#endReason ??= 'The app ended before all frames of the run were rendered.';
    }
  }

  #signalOf(): AbortSignal {
    this.#frameAbort = new AbortController();
    if (this.#abort.signal.aborted) this.#frameAbort.abort();
    return this.#frameAbort.signal;
  }

  #now(): number {
    return this.#parts.clock.now();
  }
}
