/**
 * The frames of one attempt, each from its begin to its one report:
 *
 *   begun ── outputs claimed ── checked and sent ──▶ frame-done
 *     └────────────── anything thrown on the way ──▶ frame-failed
 *
 * A frame that was cancelled or skipped gets no report: it goes back with the end of the attempt.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AttemptOrder, OrderedFrame } from '@croft/contract';
import type { AppOutput } from '@croft/dcc';
import type { AttemptParts } from './attempt-parts.ts';
import type { AttemptReports } from './attempt-reports.ts';
import { BoundedJobs } from './bounded-jobs.ts';
import { claimOutputs } from './claim-outputs.ts';
import { deliverFrame } from './deliver-frame.ts';
import { failureOf } from './failure.ts';
import type { OutputBatcher } from './output-batcher.ts';
import type { OpenSession } from './session-slot.ts';

const MOST_UNSENT_FRAMES = 16;

export class AttemptFrames {
  readonly #order: AttemptOrder;
  readonly #parts: AttemptParts;
  readonly #reports: AttemptReports;
  readonly #outputs: OutputBatcher;
  readonly #stopped: AbortSignal;
  readonly #skipped = new Set<number>();
  readonly #deliveries = new BoundedJobs(MOST_UNSENT_FRAMES);
  #current: { frame: OrderedFrame; percent: number } | null = null;

  /** `stopped` aborts when the whole attempt is cancelled. */
  constructor(
    order: AttemptOrder,
    parts: AttemptParts,
    reports: AttemptReports,
    outputs: OutputBatcher,
    stopped: AbortSignal,
  ) {
    this.#order = order;
    this.#parts = parts;
    this.#reports = reports;
    this.#outputs = outputs;
    this.#stopped = stopped;
  }

  /** Frame in work and how far it is; null between frames. */
  get running(): { attemptId: number; frameId: number; percent: number } | null {
    if (this.#current === null) return null;
    const { frame, percent } = this.#current;
    return { attemptId: this.#order.attemptId, frameId: frame.frameId, percent };
  }

  skip(frameIds: readonly number[]): void {
    for (const id of frameIds) this.#skipped.add(id);
  }

  isSkipped(frame: OrderedFrame): boolean {
    return this.#skipped.has(frame.frameId);
  }

  /** Nothing is in work any more. */
  rest(): void {
    this.#current = null;
  }

  /** The app is at the frame now; gives the time of it. */
  begin(frame: OrderedFrame, open: OpenSession): number {
    const at = this.#parts.clock.now();
    open.session.process.takePeakBytes();
    this.#current = { frame, percent: 0 };
    this.#parts.text.line(
      `[croft] frame ${frame.first}${frame.last === frame.first ? '' : `-${frame.last}`}`,
    );
    this.#reports.startLater(frame.frameId, at);
    this.#parts.progressed();
    return at;
  }

  progressed(percent: number): void {
    if (this.#current === null || !Number.isFinite(percent)) return;
    this.#current.percent = Math.min(100, Math.max(0, percent));
    this.#parts.progressed();
  }

  /** Takes what the frame made out of the app's reach; it is checked, sent and told while the next frame renders. */
  async claim(
    frame: OrderedFrame,
    startedAt: number,
    open: OpenSession,
    outputs: readonly AppOutput[],
    sinceMs: number,
  ): Promise<void> {
    const spool = this.spool(frame);
    const claimed = await claimOutputs(outputs, open.outputs, spool, sinceMs);
    const peakMemoryBytes = open.session.process.takePeakBytes();
    const endedAt = this.#parts.clock.now();
    await this.#deliveries.push(async () => {
      try {
        const results = await deliverFrame(this.#parts, this.#outputs, frame, claimed, spool, this.#stopped);
        this.#reports.tell({
          kind: 'frame-done',
          attemptId: this.#order.attemptId,
          frameId: frame.frameId,
          startedAt,
          endedAt,
          results,
          peakMemoryBytes,
        });
      } catch (thrown) {
        this.failed(frame, startedAt, thrown);
      } finally {
        await rm(spool, { recursive: true, force: true });
      }
    });
  }

  /** A frame that was cancelled is not told as failed: it goes back, or the user stopped it. */
  failed(frame: OrderedFrame, startedAt: number, thrown: unknown): void {
    if (this.#stopped.aborted || this.#skipped.has(frame.frameId)) return;
    const failure = failureOf(thrown, this.#parts.log);
    this.#parts.text.line(`[croft] frame ${frame.first} failed: ${failure.reason} (${failure.code})`);
    this.#parts.log.warn(
      { frame: frame.frameId, code: failure.code, class: failure.failure },
      failure.reason,
    );
    this.#reports.tell({
      kind: 'frame-failed',
      attemptId: this.#order.attemptId,
      frameId: frame.frameId,
      startedAt,
      endedAt: this.#parts.clock.now(),
      ...failure,
    });
  }

  /**
   * The run cannot go on; gives the reason. The scene's fault fails all frames left; any other only the first, and the
   * rest goes back.
   */
  failRest(thrown: unknown): string {
    const failure = failureOf(thrown, this.#parts.log);
    const at = this.#parts.clock.now();
    const left = this.#order.frames.filter((frame) => !this.#reports.hasStarted(frame.frameId));
    const failed = failure.failure === 'scene' ? left : this.#reports.hasFailedFrames ? [] : left.slice(0, 1);
    for (const frame of failed) this.failed(frame, at, thrown);
    return failure.reason;
  }

  /** Resolves when all that was claimed is sent and told. */
  async delivered(): Promise<void> {
    await this.#deliveries.idle();
    await rm(this.spool(), { recursive: true, force: true });
  }

  /** Where the outputs of a frame, or of all, wait to be sent. */
  spool(frame?: OrderedFrame): string {
    const folder = join(this.#parts.home.spool, String(this.#order.attemptId));
    return frame === undefined ? folder : join(folder, String(frame.frameId));
  }
}
