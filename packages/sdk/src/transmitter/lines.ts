/**
 * What the transmitter prints, one event a line. The SDK looks for `upload file done (PATH)`, `upload file fail` and
 * `get path … info failed`; tools of studios look for the rest, which keeps the original's words:
 *
 *   upload file begin (PATH)                                         once for each file that is not known to be there
 *   upload file progress (PATH), speed: N KB/S, progress: N%         every two seconds; of several files: (N of M files)
 *   upload file done (PATH) size:N
 *   upload file unchanged (PATH)                                     neither read nor sent
 *   upload file fail (PATH), error-1: WHY
 *   upload file interrupt (PATH)                                     it was under way when the run ended
 *   get path (PATH) info failed: WHY
 *
 * and at the end `all files success`, `at least one file failed`, or `error: WHY` after `recoverable error, retry` where
 * the same may work later. Downloads say the same with `download`.
 */
import { type Clock, SECOND } from '@croft/contract';
import type { TransferProgress } from '@croft/transfer';

const PROGRESS_EVERY_MS = 2 * SECOND;
/** Files under way that the end tells by name, and that are held for it; the rest is counted. */
const MOST_TOLD = 10;
const MOST_HELD = 5000;
/** Of the option -s as well. */
const KB = 1024;

export type Direction = 'upload' | 'download';

/** Gets what happens to files, as it happens. */
export interface Teller {
  /** A free sentence. */
  say(text: string): void;
  /** Its bytes are looked at and sent, or fetched, as far as the other side lacks them. */
  begun(direction: Direction, path: string): void;
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
  /** Begun and not over; those beyond the most are a number. */
  readonly #underWay = new Map<string, Direction>();
  #moreUnderWay = 0;

  constructor(print: (line: string) => void, clock: Clock) {
    this.#print = print;
    this.#clock = clock;
    this.#progressAt = clock.now();
  }

  say(text: string): void {
    this.#print(oneLine(text));
  }
  begun(direction: Direction, path: string): void {
    if (this.#underWay.size < MOST_HELD) this.#underWay.set(path, direction);
    else this.#moreUnderWay += 1;
    this.say(`${direction} file begin (${path})`);
  }
  /** The run ends here: says what was under way. */
  interrupted(): void {
    for (const [path, direction] of [...this.#underWay].slice(0, MOST_TOLD))
      this.say(`${direction} file interrupt (${path})`);
    const more = this.#underWay.size - MOST_TOLD + this.#moreUnderWay;
    if (more > 0) this.say(`and ${more} more files`);
    this.#underWay.clear();
    this.#moreUnderWay = 0;
  }
  done(direction: Direction, path: string, size: number): void {
    this.#over(path);
    this.say(`${direction} file done (${path}) size:${size}`);
  }
  unchanged(direction: Direction, path: string): void {
    this.say(`${direction} file unchanged (${path})`);
  }
  failed(direction: Direction, path: string, why: string): void {
    this.#over(path);
    this.say(`${direction} file fail (${path}), error-1: ${why}`);
  }
  infoFailed(path: string, why: string): void {
    this.say(`get path (${path}) info failed: ${why}`);
  }
  listed(path: string, files: number, here: number): void {
    this.say(`${files} files at ${path}, ${here} of them are here already`);
  }
  progress(progress: TransferProgress): void {
    const { phase, bytesPerSecond, bytesDone, bytesSkipped, bytesTotal, filesDone, filesTotal } = progress;
    if (phase !== 'sending' && phase !== 'receiving') return;
    const now = this.#clock.now();
    if (now - this.#progressAt < PROGRESS_EVERY_MS) return;
    this.#progressAt = now;
    const percent = bytesTotal === 0 ? 100 : Math.floor(((bytesDone + bytesSkipped) * 100) / bytesTotal);
    const direction = phase === 'sending' ? 'upload' : 'download';
    const [only] = this.#underWay.size === 1 ? this.#underWay.keys() : [];
    const what = only ?? `${filesDone} of ${filesTotal} files`;
    const speed = Math.round(bytesPerSecond / KB);
    this.say(`${direction} file progress (${what}), speed: ${speed} KB/S, progress: ${percent}%`);
  }

  #over(path: string): void {
    if (!this.#underWay.delete(path) && this.#moreUnderWay > 0) this.#moreUnderWay -= 1;
  }
}

/** Names of files may hold line breaks; a reader of lines must not be misled by them. */
function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f\u2028\u2029]/g, '?');
}
