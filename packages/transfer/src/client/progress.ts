/** Progress of a transfer as data; printers and pages turn it into words. */
import { type Clock, SECOND } from '@croft/contract';

export type TransferPhase =
  | 'scanning'
  | 'hashing'
  | 'asking'
  | 'sending'
  | 'committing'
  | 'listing'
  | 'receiving'
  | 'done';

export interface TransferProgress {
  phase: TransferPhase;
  filesDone: number;
  filesTotal: number;
  /** Bytes of this phase that are through, without `bytesSkipped`; bytes that had to be sent again count once. */
  bytesDone: number;
  /** All bytes of the transfer, with those skipped. */
  bytesTotal: number;
  /** Bytes that needed no sending, because the other side had them. */
  bytesSkipped: number;
  /** Over the last ten seconds; 0 while nothing moves. */
  bytesPerSecond: number;
  /** null while no rate is known. */
  secondsLeft: number | null;
}

const REPORT_EVERY_MS = 0.1 * SECOND;
const WINDOW_MS = 10 * SECOND;

export class ProgressMeter {
  readonly #clock: Clock;
  readonly #report: ((progress: TransferProgress) => void) | undefined;
  readonly #samples: { at: number; bytes: number }[] = [];
  #phase: TransferPhase;
  #filesDone = 0;
  #filesTotal = 0;
  #bytesDone = 0;
  #bytesTotal = 0;
  #bytesSkipped = 0;
  /** Of slices that are done. */
  #before = { files: 0, bytesDone: 0, bytesSkipped: 0 };
  #reportedAt = Number.NEGATIVE_INFINITY;

  constructor(
    clock: Clock,
    phase: TransferPhase,
    report: ((progress: TransferProgress) => void) | undefined,
  ) {
    this.#clock = clock;
    this.#phase = phase;
    this.#report = report;
  }

  /** Starts a phase with the counters at zero, after a last report of the phase before. */
  enter(phase: TransferPhase, filesTotal: number, bytesTotal: number): void {
    this.#tell(true);
    this.#phase = phase;
    this.#filesDone = 0;
    this.#filesTotal = filesTotal;
    this.#bytesDone = 0;
    this.#bytesTotal = bytesTotal;
    this.#bytesSkipped = 0;
    this.#samples.length = 0;
    this.#tell(true);
  }
  /**
   * The next files of a transfer that takes them in slices: what was done stays counted, totals grow by each slice. `enter`
   * starts a phase of the new slice.
   */
  nextSlice(): void {
    this.#before.files += this.#filesTotal;
    this.#before.bytesDone += this.#bytesDone;
    this.#before.bytesSkipped += this.#bytesSkipped;
    this.#filesDone = 0;
    this.#filesTotal = 0;
    this.#bytesDone = 0;
    this.#bytesTotal = 0;
    this.#bytesSkipped = 0;
    this.#samples.length = 0;
  }
  /** Goes on under another name; counters stay. */
  rename(phase: 'committing' | 'done'): void {
    this.#tell(true);
    this.#phase = phase;
    this.#tell(true);
  }
  /** Bytes that came through; negative when a try failed and its bytes go again. */
  moved(bytes: number): void {
    this.#bytesDone += bytes;
    this.#tell(false);
  }
  skipped(bytes: number): void {
    this.#bytesSkipped += bytes;
    this.#tell(false);
  }
  fileDone(files = 1): void {
    this.#filesDone += files;
    this.#tell(false);
  }

  now(): TransferProgress {
    const before = this.#before;
    const rate = this.#bytesPerSecond();
    const left = Math.max(0, this.#bytesTotal - this.#bytesDone - this.#bytesSkipped);
    return {
      phase: this.#phase,
      filesDone: before.files + this.#filesDone,
      filesTotal: before.files + this.#filesTotal,
      bytesDone: before.bytesDone + this.#bytesDone,
      bytesTotal: before.bytesDone + before.bytesSkipped + this.#bytesTotal,
      bytesSkipped: before.bytesSkipped + this.#bytesSkipped,
      bytesPerSecond: rate,
      secondsLeft: left === 0 ? 0 : rate > 0 ? Math.ceil(left / rate) : null,
    };
  }

  #bytesPerSecond(): number {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.at <= first.at) return 0;
    return Math.max(0, Math.round(((last.bytes - first.bytes) * SECOND) / (last.at - first.at)));
  }

  #tell(always: boolean): void {
    const now = this.#clock.now();
    if (!always && now - this.#reportedAt < REPORT_EVERY_MS) return;
    this.#reportedAt = now;
    this.#samples.push({ at: now, bytes: this.#bytesDone });
    while (this.#samples.length > 2 && now - this.#samples[0]!.at > WINDOW_MS) this.#samples.shift();
    this.#report?.(this.now());
  }
}
