/** What a task of the raysync service has done so far, as its questions about states, speeds and files want to know it. */
import type { TransferProgress } from '@croft/transfer';
import type { Direction, Teller } from '../transmitter/lines.ts';

/** Faulty files that are told by name; the rest is only counted. */
const MOST_FAULTS = 1000;

export interface Fault {
  readonly local: string;
  readonly why: string;
}

export interface Moving {
  readonly bytes: number;
  readonly ofBytes: number;
}

export class TaskRecord implements Teller {
  #filesFound = 0;
  #filesDone = 0;
  #faults: Fault[] = [];
  #progress: TransferProgress | null = null;

  get filesFound(): number {
    return this.#filesFound;
  }
  get filesDone(): number {
    return this.#filesDone;
  }
  get faults(): readonly Fault[] {
    return this.#faults;
  }
  /** Bytes a second; 0 while nothing moves. */
  get speed(): number {
    return this.#progress?.bytesPerSecond ?? 0;
  }
  /** null while nothing moves. */
  get moving(): Moving | null {
    const at = this.#progress;
    return at === null ? null : { bytes: at.bytesDone + at.bytesSkipped, ofBytes: at.bytesTotal };
  }

  /** How many files there are, as far as that is known. */
  found(files: number): void {
    this.#filesFound = Math.max(this.#filesFound, files);
  }
  begun(): void {}
  done(): void {
    this.#filesDone += 1;
    this.found(this.#filesDone + this.#faults.length);
  }
  unchanged(): void {
    this.done();
  }
  failed(_direction: Direction, path: string, why: string): void {
    if (this.#faults.length < MOST_FAULTS) this.#faults.push({ local: path, why });
  }
  listed(_path: string, files: number, here: number): void {
    this.#filesDone = here;
    this.found(files);
  }
  progress(progress: TransferProgress): void {
    const isMoving = progress.phase === 'sending' || progress.phase === 'receiving';
    this.#progress = isMoving ? progress : null;
  }
  /** The faulty file is told by `failed`, too. */
  infoFailed(): void {}
  say(): void {}
}
