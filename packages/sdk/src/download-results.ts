/**
 * Bringing results home. Output names come from a farm that other people's scenes feed, so every path is confined to the
 * folder again here. A file appears whole, verified and at once, or not at all; one that is there is not fetched again,
 * so the same call after an interruption goes on.
 */
import { lstat, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type Clock, confinedPath, hostileToWindows, type ResultRow, systemClock } from '@croft/contract';
import { sdkErrors } from './errors.ts';
import type { OnEvent } from './events.ts';
import type { IncomingFile, Mover } from './mover.ts';
import type { NativeClient } from './native-client.ts';
import { movementMeter } from './rate.ts';
import { diskError } from './task-files.ts';

export interface DownloadOptions {
  readonly signal?: AbortSignal;
  readonly onEvent?: OnEvent;
  readonly clock?: Clock;
  /** Files at once, default 4. */
  readonly lanes?: number;
}

export interface DownloadTotals {
  readonly files: number;
  readonly bytes: number;
}

/** Fetches everything the task has published so far into `folder`. */
export async function downloadResults(
  native: NativeClient,
  mover: Mover,
  taskId: number,
  folder: string,
  options: DownloadOptions = {},
): Promise<DownloadTotals> {
  const downloader = new Downloader(native, mover, taskId, folder, options);
  await downloader.fetchNew();
  return downloader.totals;
}

const LANES = 4;

/** Fetches the results of one task, again and again as more of them are published. */
export class Downloader {
  readonly #native: NativeClient;
  readonly #mover: Mover;
  readonly #taskId: number;
  readonly #folder: string;
  readonly #options: DownloadOptions;
  readonly #meter: ReturnType<typeof movementMeter>;
  /** What lies at home already: path → blob id. A frame rendered again has a new id and is fetched again. */
  readonly #home = new Map<string, string>();
  /** The task's folder in the output root; null until it is submitted. */
  #outputName: string | null = null;
  #known = { files: 0, bytes: 0 };
  #done = { files: 0, bytes: 0 };

  constructor(
    native: NativeClient,
    mover: Mover,
    taskId: number,
    folder: string,
    options: DownloadOptions = {},
  ) {
    this.#native = native;
    this.#mover = mover;
    this.#taskId = taskId;
    this.#folder = path.resolve(folder);
    this.#options = options;
    this.#meter = movementMeter(options.clock ?? systemClock);
  }

  get totals(): DownloadTotals {
    return { ...this.#done };
  }

  /** Fetches what was published since the last call. */
  async fetchNew(): Promise<void> {
    const files: IncomingFile[] = [];
    this.#outputName ??= (await this.#native.task(this.#taskId)).outputName;
    for await (const row of this.#native.allResults(this.#taskId)) {
      if (row.kind === 'thumbnail') continue;
      const file = this.#incoming(row);
      if (this.#home.get(file.path) !== file.id) files.push(file);
    }
    this.#known.files += files.length;
    this.#known.bytes += files.reduce((sum, file) => sum + file.size, 0);
    const queue = files.values();
    const failure = new AbortController();
    const { signal } = this.#options;
    const either = signal ? AbortSignal.any([signal, failure.signal]) : failure.signal;
    const lane = async () => {
      for (const file of queue) {
        either.throwIfAborted();
        await this.#fetch(file, either);
      }
    };
    const lanes = Array.from({ length: Math.min(this.#options.lanes ?? LANES, files.length) }, () =>
      lane().catch((thrown: unknown) => {
        failure.abort(thrown);
        throw thrown;
      }),
    );
    // All lanes end before an error leaves, so that nothing writes on after the caller went away.
    const ends = await Promise.allSettled(lanes);
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) throw failure.signal.aborted ? failure.signal.reason : failed.reason;
  }

  #incoming(row: ResultRow): IncomingFile {
    const path = treePathOf(row.path, this.#outputName);
    return { path, id: row.id, size: row.size, local: localPathOf(this.#folder, path) };
  }

  async #fetch(file: IncomingFile, signal: AbortSignal): Promise<void> {
    try {
      await makeFolder(this.#folder, path.dirname(file.local));
    } catch (thrown) {
      throw diskError(thrown, `the results cannot be written to ${this.#folder}`);
    }
    const before = this.#done.bytes;
    await this.#mover.download(file, {
      signal,
      onProgress: (progress) => this.#tell(progress.bytesDone),
    });
    this.#home.set(file.path, file.id);
    this.#done = { files: this.#done.files + 1, bytes: this.#done.bytes + file.size };
    if (before !== this.#done.bytes || file.size === 0) this.#tell(0);
    this.#options.onEvent?.({ phase: 'download', state: 'file', file: file.local, bytes: file.size });
  }

  #tell(bytesUnderWay: number): void {
    this.#options.onEvent?.({
      phase: 'download',
      state: 'moving',
      ...this.#meter({
        filesDone: this.#done.files,
        filesTotal: this.#known.files,
        bytesDone: Math.min(this.#done.bytes + bytesUnderWay, this.#known.bytes),
        bytesTotal: this.#known.bytes,
      }),
    });
  }
}

/** A result's path in the output root. Rows may give it whole or from the task's own folder on. */
function treePathOf(path: string, outputName: string | null): string {
  return outputName === null || path.startsWith(`/${outputName}/`) ? path : `/${outputName}${path}`;
}

/** Where a result belongs: below `folder`, without the task's own folder of the output root. Throws on hostile names. */
export function localPathOf(
  folder: string,
  treePath: string,
  platform: NodeJS.Platform = process.platform,
): string {
  const names = confinedPath(treePath).slice(1).split('/');
  const below = names.length > 1 ? names.slice(1) : names;
  const hostile = platform === 'win32' ? below.find(hostileToWindows) : undefined;
  if (hostile !== undefined) {
    throw sdkErrors.SDK_FILE_FAILED(
      `the result ${treePath} has a name that this machine cannot store: ${hostile}`,
      {
        hint: 'Download it on Linux or macOS, or give the output another name in the scene.',
      },
    );
  }
  return path.join(folder, ...below);
}

/** Makes the folders between `root` and `folder`; refuses to go through a link, which could lead out of `root`. */
async function makeFolder(root: string, folder: string): Promise<void> {
  await mkdir(root, { recursive: true });
  let at = root;
  for (const name of path.relative(root, folder).split(path.sep).filter(Boolean)) {
    at = path.join(at, name);
    await mkdir(at).catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code !== 'EEXIST') throw thrown;
    });
    if (!(await lstat(at)).isDirectory()) {
      throw Object.assign(new Error(`${at} is no folder`), { code: 'ENOTDIR' });
    }
  }
}
