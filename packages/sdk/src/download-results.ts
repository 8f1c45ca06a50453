/**
 * Bringing results home. Output names come from a farm that other people's scenes feed, so every path is confined to the
 * folder again on this side. A file appears whole, verified and at once, or not at all; one that is there with the same
 * bytes is not fetched again, so the same call after an interruption goes on; one with other bytes is replaced, unless
 * another rule is chosen.
 *
 * A round reads the list of results and fetches, together, what is not at home. Rounds after the first ask only for what
 * was published since, a little before the newest that they know: so a task of 10,000 frames is listed once, not in every
 * round. The last round reads the whole list again, so that nothing is left out where the farm's clock was set back, or
 * where a frame that was rendered again moved while pages were turned. Whoever calls again and again waits between rounds
 * in proportion to what the list took (`restMs`).
 */
import path from 'node:path';
import {
  type BlobId,
  type Clock,
  CroftError,
  confinedPath,
  hostileToWindows,
  type ResultRow,
  SECOND,
  systemClock,
} from '@croft/contract';
import type { ExistingRule } from '@croft/transfer';
import { sdkErrors } from './errors.ts';
import type { OnEvent } from './events.ts';
import type { IncomingFile, MoveProgress, Mover } from './mover.ts';
import type { NativeClient } from './native-client.ts';
import { movementMeter } from './rate.ts';
import { diskError } from './task-files.ts';

/**
 * What becomes of other files that lie where results belong. `rename` gives the new file a number: `name(1).png` where the
 * task has one frame, `(1)name.0001.png` where it is an animation.
 */
export type ExistingChoice = 'overwrite' | 'keep' | 'rename';

/** A choice as the engine's rule. */
export function existingRule(choice: ExistingChoice, frames: number): ExistingRule {
  if (choice !== 'rename') return choice;
  return frames > 1 ? 'rename-animation' : 'rename-still';
}

export interface DownloadOptions {
  /** Default `overwrite`. */
  readonly existing?: ExistingChoice;
  readonly signal?: AbortSignal;
  readonly onEvent?: OnEvent;
  readonly clock?: Clock;
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
  await downloader.fetchNew('all');
  return downloader.totals;
}

/** Reading lists takes at most about one part in so many of the time. */
const LIST_SHARE = 20;
const SHORTEST_REST_MS = 0.5 * SECOND;
const LONGEST_REST_MS = 30 * SECOND;
/** How often a round begins anew because frames were rendered again under it. */
const LISTINGS_AT_MOST = 5;
/** What was published so long before the newest known result is asked for again; it costs rows, but no bytes. */
const OVERLAP_MS = 10 * SECOND;

/** Fetches the results of one task, again and again as more of them are published. */
export class Downloader {
  readonly #native: NativeClient;
  readonly #mover: Mover;
  readonly #taskId: number;
  readonly #folder: string;
  readonly #options: DownloadOptions;
  readonly #clock: Clock;
  readonly #meter: ReturnType<typeof movementMeter>;
  /** What lies at home already, by path. A frame rendered again has a new id and is fetched again. */
  readonly #home = new Map<string, { readonly id: string; readonly place: string }>();
  /** The task's folder in the output root; null until it is submitted, and for a task with children. */
  #outputName: string | null = null;
  #ownerId: number | null = null;
  #frames = 0;
  #listMs = 0;
  /** When the newest result that is at home was published, ms since 1970; null before the first round. */
  #newestAt: number | null = null;
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
    this.#clock = options.clock ?? systemClock;
    this.#meter = movementMeter(this.#clock);
  }

  get totals(): DownloadTotals {
    return { ...this.#done };
  }

  /** How long to wait before the next round, unless it is the last. */
  get restMs(): number {
    return Math.min(LONGEST_REST_MS, Math.max(SHORTEST_REST_MS, LIST_SHARE * this.#listMs));
  }

  /** Fetches what was published since the last call; with `all`, whatever is not at home. */
  async fetchNew(scope: 'since' | 'all' = 'since'): Promise<void> {
    for (let listing = 1; ; listing++) {
      const since =
        scope === 'all' || listing > 1 || this.#newestAt === null
          ? undefined
          : Math.max(0, Math.floor(this.#newestAt) - OVERLAP_MS);
      const { files, newestAt } = await this.#listNew(since);
      try {
        await this.#fetch(files);
        this.#newestAt = newestAt;
        return;
      } catch (thrown) {
        const isOld = thrown instanceof CroftError && thrown.code === 'TRANSFER_SOURCE_CHANGED';
        if (!isOld || listing === LISTINGS_AT_MOST) throw thrown;
      }
    }
  }

  async #listNew(since: number | undefined): Promise<{ files: IncomingFile[]; newestAt: number | null }> {
    const from = this.#clock.now();
    if (this.#ownerId === null || this.#outputName === null) {
      const task = await this.#native.task(this.#taskId);
      this.#outputName = task.outputName;
      this.#ownerId = task.accountId;
      this.#frames = task.frames.total;
    }
    const newest = new Map<string, IncomingFile>();
    let newestAt = this.#newestAt;
    for await (const row of this.#native.allResults(this.#taskId, since)) {
      this.#options.signal?.throwIfAborted();
      newestAt = Math.max(newestAt ?? 0, row.publishedAt);
      if (row.kind === 'thumbnail') continue;
      const file = incomingOf(row, this.#outputName);
      // Two frames may have published one path: it has the bytes of the later one.
      const other = newest.get(file.path);
      if (other === undefined || other.mtimeMs <= file.mtimeMs) newest.set(file.path, file);
    }
    this.#listMs = this.#clock.now() - from;
    return {
      files: [...newest.values()].filter(({ path, id }) => this.#home.get(path)?.id !== id),
      newestAt,
    };
  }

  /** What this run brought itself and was rendered again replaces what it brought, wherever that lies. */
  #byRule(files: readonly IncomingFile[]): { rule: ExistingRule; some: readonly IncomingFile[] }[] {
    const rule = existingRule(this.#options.existing ?? 'overwrite', this.#frames);
    if (rule === 'overwrite' || rule === 'keep') return [{ rule, some: files }];
    const again = files.flatMap((file) => {
      const home = this.#home.get(file.path);
      return home === undefined ? [] : [{ ...file, place: home.place }];
    });
    return [
      { rule: 'overwrite', some: again },
      { rule, some: files.filter(({ path }) => !this.#home.has(path)) },
    ];
  }

  async #fetch(files: readonly IncomingFile[]): Promise<void> {
    if (files.length === 0) return;
    const { signal, onEvent } = this.#options;
    const before = this.#done;
    const total = {
      files: before.files + files.length,
      bytes: before.bytes + files.reduce((sum, { size }) => sum + size, 0),
    };
    const tell = (bytesOfRound: number) => {
      const bytesDone = Math.min(before.bytes + bytesOfRound, total.bytes);
      const moved = {
        filesDone: this.#done.files,
        filesTotal: total.files,
        bytesDone,
        bytesTotal: total.bytes,
      };
      onEvent?.({ phase: 'download', state: 'moving', ...this.#meter(moved) });
    };
    try {
      let bytesBefore = 0;
      for (const { rule, some } of this.#byRule(files)) {
        if (some.length === 0) continue;
        await this.#mover.download(this.#folder, some, {
          ...(signal ? { signal } : {}),
          ...(this.#ownerId === null ? {} : { ownerId: this.#ownerId }),
          existing: rule,
          onProgress: ({ bytesDone }: MoveProgress) => tell(bytesBefore + bytesDone),
          onFile: (file, place) => {
            this.#home.set(file.path, { id: file.id, place });
            this.#done = { files: this.#done.files + 1, bytes: this.#done.bytes + file.size };
            const local = path.join(this.#folder, ...place.split('/'));
            onEvent?.({ phase: 'download', state: 'file', file: local, bytes: file.size });
          },
        });
        bytesBefore += some.reduce((sum, { size }) => sum + size, 0);
      }
    } catch (thrown) {
      const isOfDisk = thrown instanceof Error && !(thrown instanceof CroftError) && 'code' in thrown;
      throw isOfDisk ? diskError(thrown, `the results cannot be written to ${this.#folder}`) : thrown;
    }
    tell(total.bytes - before.bytes);
  }
}

/** A row of results as a file to fetch; `outputName` as the task says it. */
export function incomingOf(row: ResultRow, outputName: string | null): IncomingFile {
  const path = treePathOf(row.path, outputName);
  return {
    path,
    id: row.id as BlobId,
    size: row.size,
    mtimeMs: row.publishedAt,
    // The results of a parent keep the folders of its children: their pictures have the same names.
    place: outputName === null ? placeOf(`/task${path}`) : placeOf(path),
  };
}

/** A result's path in the output root. Rows may give it whole or from the task's own folder on. */
function treePathOf(path: string, outputName: string | null): string {
  return outputName === null || path.startsWith(`/${outputName}/`) ? path : `/${outputName}${path}`;
}

/** Where a result belongs below the folder: its path without the task's own folder. Throws on hostile names. */
export function placeOf(treePath: string, platform: NodeJS.Platform = process.platform): string {
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
  return `/${below.join('/')}`;
}
