/**
 * The log of an attempt: a local file, and its way to the farm. Lines are appended to `logs/<attempt>.log`; the shipper
 * reads the file from the offset it sent last, so what could not be sent during an outage follows after it. Bounded
 * twice: a file's size, and the bytes a second that go to the farm.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, type FromNode, KiB, MiB } from '@croft/contract';

export type TellLog = (message: Extract<FromNode, { type: 'log' }>) => boolean;

const MOST_FILE_BYTES = 64 * MiB;
const SHIP_EVERY_MS = 300;
const SHIP_BYTES = 64 * KiB;
const RESEND_BYTES = 16 * KiB;
const KEPT_LOGS = 500;
const CUT_NOTE = '\n[the log is cut here: it is too long]\n';

export class AttemptLog {
  readonly #attemptId: number;
  readonly #tell: TellLog;
  readonly #clock: Clock;
  readonly #fd: number;
  #writtenBytes = 0;
  #sentBytes = 0;
  #isClosed = false;
  #cancelShip: (() => void) | null = null;

  constructor(folder: string, attemptId: number, tell: TellLog, clock: Clock) {
    this.#attemptId = attemptId;
    this.#tell = tell;
    this.#clock = clock;
    this.#fd = openSync(join(folder, `${attemptId}.log`), 'w+', 0o600);
  }

  line(text: string): void {
    if (this.#isClosed || this.#writtenBytes >= MOST_FILE_BYTES) return;
    const bytes = Buffer.from(`${text.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, ' ')}\n`);
    const isLast = this.#writtenBytes + bytes.length >= MOST_FILE_BYTES;
    this.#writtenBytes += writeSync(
      this.#fd,
      isLast ? Buffer.from(CUT_NOTE) : bytes,
      0,
      undefined,
      this.#writtenBytes,
    );
    if (isLast) this.#writtenBytes = MOST_FILE_BYTES;
    this.#cancelShip ??= this.#clock.after(SHIP_EVERY_MS, () => this.#ship());
  }

  /** After a new link: what was under way when the old one broke goes again. */
  relinked(): void {
    this.#sentBytes = Math.max(0, this.#sentBytes - RESEND_BYTES);
    this.#cancelShip ??= this.#clock.after(0, () => this.#ship());
  }

  /** Sends what is left as far as the link takes it, and closes the file. */
  close(): void {
    if (this.#isClosed) return;
    this.#cancelShip?.();
    while (this.#shipOne()) {}
    this.#isClosed = true;
    closeSync(this.#fd);
  }

  #ship(): void {
    this.#cancelShip = null;
    if (this.#isClosed || !this.#shipOne()) return;
    if (this.#sentBytes < this.#writtenBytes)
      this.#cancelShip = this.#clock.after(SHIP_EVERY_MS, () => this.#ship());
  }

  #shipOne(): boolean {
    const buffer = Buffer.alloc(Math.min(SHIP_BYTES, this.#writtenBytes - this.#sentBytes));
    const bytes = readSync(this.#fd, buffer, 0, buffer.length, this.#sentBytes);
    if (bytes === 0) return false;
    const text = buffer.subarray(0, wholeCharacters(buffer.subarray(0, bytes)));
    const wasSent = this.#tell({
      type: 'log',
      attemptId: this.#attemptId,
      offset: this.#sentBytes,
      text: text.toString('utf8'),
    });
    if (wasSent) this.#sentBytes += text.length;
    return wasSent;
  }
}

/** Removes the oldest logs above the number that is kept. */
export async function dropOldLogs(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.length <= KEPT_LOGS) return;
  const dated = await Promise.all(
    names.map(async (name) => ({
      name,
      at: (await stat(join(folder, name)).catch(() => null))?.mtimeMs ?? 0,
    })),
  );
  dated.sort((a, b) => b.at - a.at);
  for (const { name } of dated.slice(KEPT_LOGS)) await rm(join(folder, name), { force: true });
}

/** Length of `bytes` without a last UTF-8 character that is cut off. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needed > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}
