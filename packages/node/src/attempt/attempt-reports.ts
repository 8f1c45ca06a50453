/** What one attempt tells the farm, and what it keeps to itself. */
import type { Clock, NodeReport } from '@croft/contract';

/** A frame that is over sooner is told once, as done. */
const QUIET_START_MS = 600;

export class AttemptReports {
  readonly #attemptId: number;
  readonly #clock: Clock;
  readonly #send: (report: NodeReport) => void;
  /** What cancels the word of a start that is not told yet, by frame id. */
  readonly #untoldStarts = new Map<number, () => void>();
  readonly #started = new Set<number>();
  #failed = 0;
  #isSilent = false;

  constructor(attemptId: number, clock: Clock, send: (report: NodeReport) => void) {
    this.#attemptId = attemptId;
    this.#clock = clock;
    this.#send = send;
  }

  /** The farm does not know the attempt any more: there is nothing to tell it. */
  silence(): void {
    this.#isSilent = true;
  }

  hasStarted(frameId: number): boolean {
    return this.#started.has(frameId);
  }
  get hasFailedFrames(): boolean {
    return this.#failed > 0;
  }

  /**
   * Says that a frame runs, unless it is over by then: the word that it is done says all, and for frames of a few tens of
   * milliseconds half of the reports, commits and news would be of starts that nobody can see.
   */
  startLater(frameId: number, at: number): void {
    this.#started.add(frameId);
    const cancel = this.#clock.after(QUIET_START_MS, () => {
      this.#untoldStarts.delete(frameId);
      this.tell({ kind: 'frame-started', attemptId: this.#attemptId, frameId, at });
    });
    this.#untoldStarts.set(frameId, cancel);
  }

  tell(report: NodeReport): void {
    if (report.kind === 'frame-failed') this.#failed += 1;
    if (report.kind === 'frame-done' || report.kind === 'frame-failed') {
      this.#untoldStarts.get(report.frameId)?.();
      this.#untoldStarts.delete(report.frameId);
    }
    if (report.kind === 'attempt-ended') for (const cancel of this.#untoldStarts.values()) cancel();
    if (!this.#isSilent) this.#send(report);
  }
}
