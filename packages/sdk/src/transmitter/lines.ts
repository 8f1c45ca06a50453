/**
 * What the transmitter prints, one event a line. The SDK looks for `upload file done (PATH)`, `upload file fail` and
 * `get path … info failed`; tools of studios look for the rest, which keeps the original's words.
 */
import { type Clock, SECOND } from '@croft/contract';
import type { TransferProgress } from '@croft/transfer';

const PROGRESS_EVERY_MS = 2 * SECOND;
/** Of the option -s as well. */
const KB = 1024;

export type Direction = 'upload' | 'download';

/** Gets what happens to files, as it happens. */
export interface Teller {
  /** A free sentence. */
  say(text: string): void;
  done(direction: Direction, path: string, size: number): void;
  /** Neither read nor sent, because nothing changed since the last time. */
  unchanged(direction: Direction, path: string): void;
  failed(direction: Direction, path: string, why: string): void;
  /** The file, folder or remote path is not there, or cannot be looked at. */
  infoFailed(path: string, why: string): void;
  /** What a download found at a remote path, and how much of it lies here already. */
  listed(path: string, files: number, here: number): void;
  progress(progress: TransferProgress): void;
}

export class Lines implements Teller {
  readonly #print: (line: string) => void;
  readonly #clock: Clock;
  #progressAt: number;

  constructor(print: (line: string) => void, clock: Clock) {
    this.#print = print;
    this.#clock = clock;
    this.#progressAt = clock.now();
  }

  say(text: string): void {
    this.#print(oneLine(text));
  }
  done(direction: Direction, path: string, size: number): void {
    this.say(`${direction} file done (${path}) size:${size}`);
  }
  unchanged(direction: Direction, path: string): void {
    this.say(`${direction} file unchanged (${path})`);
  }
  failed(direction: Direction, path: string, why: string): void {
    this.say(`${direction} file fail (${path}), error-1: ${why}`);
  }
  infoFailed(path: string, why: string): void {
    this.say(`get path (${path}) info failed: ${why}`);
  }
  listed(path: string, files: number, here: number): void {
    this.say(`${files} files at ${path}, ${here} of them are here already`);
  }
  progress({ phase, bytesPerSecond, bytesDone, bytesSkipped, bytesTotal }: TransferProgress): void {
    if (phase !== 'sending' && phase !== 'receiving') return;
    const now = this.#clock.now();
    if (now - this.#progressAt < PROGRESS_EVERY_MS) return;
    this.#progressAt = now;
    const percent = bytesTotal === 0 ? 100 : Math.floor(((bytesDone + bytesSkipped) * 100) / bytesTotal);
    this.say(`speed: ${Math.round(bytesPerSecond / KB)} KB/S, progress: ${percent}%`);
  }
}

/** Names of files may hold line breaks; a reader of lines must not be misled by them. */
function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f\u2028\u2029]/g, '?');
}
