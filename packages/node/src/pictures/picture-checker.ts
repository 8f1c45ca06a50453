/**
 * Whether a file really is the picture it claims to be, and its thumbnail. Formats that sharp decodes go to a child
 * process (`picture-worker.ts`) which is ended when it takes too long or dies; the others have their headers checked
 * here and, where the machine has `oiiotool`, are decoded by it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Clock, KiB, MINUTE } from '@croft/contract';
import { checkHeader, formatOf } from './formats.ts';
import { damaged } from './header-facts.ts';
import { decodeWithOiiotool } from './oiiotool.ts';

export interface PictureFacts {
  readonly format: string;
  readonly width: number | null;
  readonly height: number | null;
  /** Whether the thumbnail was made. */
  readonly hasThumbnail: boolean;
}
export interface PictureQuestion {
  readonly id: number;
  readonly file: string;
  readonly thumbnail: string | null;
}
export type PictureAnswer =
  | { readonly id: number; readonly picture: { format: string; width: number; height: number } }
  | { readonly id: number; readonly error: string };

const DECODE_TIMEOUT_MS = 2 * MINUTE;
const HEAD_BYTES = 64 * KiB;
const BY_SHARP = new Set(['png', 'jpeg', 'webp', 'tiff']);

export class PictureChecker {
  readonly #clock: Clock;
  readonly #oiiotool: string | null;
  #child: ChildProcess | null = null;
  #nextId = 1;
  #turn: Promise<unknown> = Promise.resolve();

  /** `oiiotool`: the program's path, null where the machine has none. */
  constructor(clock: Clock, oiiotool: string | null) {
    this.#clock = clock;
    this.#oiiotool = oiiotool;
  }

  /** Starts the decoder ahead of the first picture. */
  warm(): void {
    this.#worker();
  }

  /**
   * Decodes `file`; writes a thumbnail where `thumbnail` names a file and the format can be shown.
   * Throws NODE_OUTPUT_DAMAGED. `mustBePicture` false: an unknown format is data and passes.
   */
  check(file: string, thumbnail: string | null, mustBePicture: boolean): Promise<PictureFacts> {
    const mine = this.#turn.then(() => this.#checkNow(file, thumbnail, mustBePicture));
    this.#turn = mine.catch(() => {});
    return mine;
  }

  close(): void {
    this.#child?.kill('SIGKILL');
    this.#child = null;
  }

  async #checkNow(file: string, thumbnail: string | null, mustBePicture: boolean): Promise<PictureFacts> {
    const { head, size } = await headOf(file);
    if (size === 0) throw damaged('is empty');
    const format = formatOf(head);
    if (format === null) {
      if (mustBePicture) throw damaged('is of no picture format known here');
      return { format: extensionOf(file), width: null, height: null, hasThumbnail: false };
    }
    if (BY_SHARP.has(format)) return await this.#bySharp(file, thumbnail);
    const facts = await checkHeader(format, file, head, size);
    if (this.#oiiotool === null || !facts.isDecodable) return { ...facts, hasThumbnail: false };
    await decodeWithOiiotool(this.#oiiotool, file, facts, thumbnail);
    return { ...facts, hasThumbnail: thumbnail !== null };
  }

  async #bySharp(file: string, thumbnail: string | null): Promise<PictureFacts> {
    const answer = await this.#ask({ id: this.#nextId++, file, thumbnail });
    if ('error' in answer) throw damaged(`does not decode: ${answer.error.split('\n')[0]}`);
    return { ...answer.picture, hasThumbnail: thumbnail !== null };
  }

  #ask(question: PictureQuestion): Promise<PictureAnswer> {
    const child = this.#worker();
    return new Promise((resolve) => {
      const settle = (answer: PictureAnswer) => {
        cancel();
        child.off('message', onMessage);
        child.off('exit', onExit);
        resolve(answer);
      };
      const onMessage = (answer: PictureAnswer) => {
        if (answer.id === question.id) settle(answer);
      };
      const onExit = () => {
        if (this.#child === child) this.#child = null;
        settle({ id: question.id, error: 'the decoder died of it' });
      };
      const cancel = this.#clock.after(DECODE_TIMEOUT_MS, () => child.kill('SIGKILL'));
      child.on('message', onMessage);
      child.once('exit', onExit);
      child.send(question, (error) => {
        if (error) child.kill('SIGKILL');
      });
    });
  }

  #worker(): ChildProcess {
    if (this.#child?.connected) return this.#child;
    const child = fork(fileURLToPath(new URL('./picture-worker.ts', import.meta.url)), [], {
      env: {},
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.on('error', () => child.kill('SIGKILL'));
    child.unref();
    child.channel?.unref();
    this.#child = child;
    return child;
  }
}

async function headOf(file: string): Promise<{ head: Buffer; size: number }> {
  await using handle = await open(file, 'r');
  const { size } = await handle.stat();
  const buffer = Buffer.alloc(Math.min(size, HEAD_BYTES));
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
  return { head: buffer.subarray(0, bytesRead), size };
}

function extensionOf(file: string): string {
  const dot = file.lastIndexOf('.');
  return dot === -1
    ? 'data'
    : file
        .slice(dot + 1)
        .toLowerCase()
        .slice(0, 16) || 'data';
}
