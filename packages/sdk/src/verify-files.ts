/**
 * Checking what was downloaded: every published file is compared, byte for byte by its hash, with what lies on this disk.
 * Files are hashed here, so nothing travels where all is well. What is not well is fetched again only where that is asked
 * for, under the same rule for existing files as a download.
 *
 *   missing   nothing lies at the file's place
 *   damaged   the file has the size and the time that it had when it came, and other bytes: its disk has changed it
 *   changed   another file lies there, or somebody worked on it, or the frame was rendered again since
 *   extra     a file in the folder that the farm does not publish; said, never touched
 */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Clock, confinedPath, systemClock } from '@croft/contract';
import { HashPool, settlePlace, transferErrors } from '@croft/transfer';
import { type ExistingChoice, existingRule, incomingOf } from './download-results.ts';
import type { OnEvent } from './events.ts';
import type { FarmSession } from './farm-session.ts';
import type { IncomingFile } from './mover.ts';
import { movementMeter } from './rate.ts';

/** Files to compare, and where to fetch them. */
export interface VerifySource {
  readonly files: readonly IncomingFile[];
  /** Whose output storage they lie in; null for the user's own. */
  readonly ownerId: number | null;
  readonly frames: number;
}

export interface VerifyOptions {
  readonly existing?: ExistingChoice;
  /** Fetch what is missing, damaged or changed. */
  readonly refetch?: boolean;
  readonly signal?: AbortSignal;
  readonly onEvent?: OnEvent;
  readonly clock?: Clock;
}

/** Paths are those below the folder, with slashes. */
export interface Verification {
  readonly files: number;
  readonly bytes: number;
  /** Files that are right, before anything was fetched. */
  readonly right: number;
  readonly missing: string[];
  readonly damaged: string[];
  readonly changed: string[];
  /** The first EXTRA_MOST of them. */
  readonly extra: string[];
  readonly extraCount: number;
  readonly refetched: number;
}

const FILES_AT_ONCE = 8;
const EXTRA_MOST = 1000;
/** Times survive a round through a file system only nearly. */
const SAME_TIME_MS = 2;
/** What our own downloads leave beside long files that did not arrive whole. */
const HALF_FILE = /^\.croft-[0-9a-f]{24}\.(parts?|copy)$/;

/** Everything that a task has published. */
export async function taskToVerify(
  { native }: Pick<FarmSession, 'native'>,
  taskId: number,
  signal?: AbortSignal,
): Promise<VerifySource> {
  const task = await native.task(taskId);
  const newest = new Map<string, IncomingFile>();
  for await (const row of native.allResults(taskId)) {
    signal?.throwIfAborted();
    if (row.kind === 'thumbnail') continue;
    const file = incomingOf(row, task.outputName);
    const other = newest.get(file.path);
    if (other === undefined || other.mtimeMs <= file.mtimeMs) newest.set(file.path, file);
  }
  return { files: [...newest.values()], ownerId: task.accountId, frames: task.frames.total };
}

/** Everything at and below a path of the user's output storage. Throws TRANSFER_NOT_FOUND where there is nothing. */
export async function folderToVerify(
  { mover }: Pick<FarmSession, 'mover'>,
  folder: string,
  signal?: AbortSignal,
): Promise<VerifySource> {
  const prefix = confinedPath(folder).replace(/\/+$/, '');
  const entries = await mover.list('output', prefix, signal);
  if (entries.length === 0)
    throw transferErrors.TRANSFER_NOT_FOUND(`the output storage has no file at or below ${prefix || '/'}`);
  const files = entries.map(({ path: treePath, id, size, mtimeMs }) => ({
    path: treePath,
    id,
    size,
    mtimeMs,
    place: treePath === prefix ? treePath.slice(treePath.lastIndexOf('/')) : treePath.slice(prefix.length),
  }));
  return { files, ownerId: null, frames: files.length };
}

/** Compares the files with `folder`. Throws what a download throws where it fetches. */
export async function verifyFiles(
  { mover }: Pick<FarmSession, 'mover'>,
  source: VerifySource,
  folder: string,
  options: VerifyOptions = {},
): Promise<Verification> {
  const { signal, onEvent, existing = 'overwrite' } = options;
  const meter = movementMeter(options.clock ?? systemClock);
  const to = path.resolve(folder);
  const rule = existingRule(existing, source.frames);
  const pool = new HashPool();
  const found = { missing: [] as string[], damaged: [] as string[], changed: [] as string[] };
  const wrong: IncomingFile[] = [];
  const known = new Set(source.files.map(({ place }) => place));
  const moved = {
    filesDone: 0,
    filesTotal: source.files.length,
    bytesDone: 0,
    bytesTotal: sumOf(source.files),
  };
  const settling = {
    targetOf: async (place: string) => localOf(to, place),
    taken: new Set(known),
    pool,
    signal,
  };
  const tell = () => onEvent?.({ phase: 'verify', state: 'moving', ...meter(moved) });
  const check = async (file: IncomingFile) => {
    signal?.throwIfAborted();
    let compared = 0;
    const compare = (bytes: number) => {
      const now = Math.min(file.size, compared + bytes);
      moved.bytesDone += now - compared;
      compared = now;
      tell();
    };
    const { place, holds } = await settlePlace({ ...settling, onHashed: compare }, rule, file.place, file);
    known.add(place);
    if (holds !== 'same') {
      wrong.push(file);
      const isMissing = holds === 'nothing' && place === file.place;
      found[isMissing ? 'missing' : await whyOther(localOf(to, file.place), file)].push(file.place.slice(1));
    }
    moved.filesDone += 1;
    // Also what there was no need to compare.
    compare(file.size);
  };
  try {
    const queue = source.files.values();
    const lane = async () => {
      for (const file of queue) await check(file);
    };
    await Promise.all(Array.from({ length: FILES_AT_ONCE }, lane));
  } finally {
    await pool.close();
  }
  for (const list of Object.values(found)) list.sort();
  const { extra, extraCount } = await extraFiles(to, known, signal);
  let refetched = 0;
  if (options.refetch === true && wrong.length > 0) {
    const fetchMeter = movementMeter(options.clock ?? systemClock);
    await mover.download(to, wrong, {
      ...(signal ? { signal } : {}),
      ...(source.ownerId === null ? {} : { ownerId: source.ownerId }),
      existing: rule,
      onFile: () => {
        refetched += 1;
      },
      onProgress: (progress) => onEvent?.({ phase: 'download', state: 'moving', ...fetchMeter(progress) }),
    });
  }
  const right = source.files.length - wrong.length;
  return {
    files: source.files.length,
    bytes: moved.bytesTotal,
    right,
    ...found,
    extra,
    extraCount,
    refetched,
  };
}

function sumOf(files: readonly IncomingFile[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

function localOf(folder: string, place: string): string {
  return path.join(folder, ...confinedPath(place).slice(1).split('/'));
}

async function whyOther(target: string, file: IncomingFile): Promise<'damaged' | 'changed'> {
  const facts = await stat(target).catch(() => null);
  const isAsItCame =
    facts?.isFile() === true &&
    facts.size === file.size &&
    Math.abs(facts.mtimeMs - file.mtimeMs) < SAME_TIME_MS;
  return isAsItCame ? 'damaged' : 'changed';
}

async function extraFiles(
  folder: string,
  known: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): Promise<{ extra: string[]; extraCount: number }> {
  const extra: string[] = [];
  let extraCount = 0;
  const walk = async (below: string): Promise<void> => {
    signal?.throwIfAborted();
    const entries = await readdir(path.join(folder, below), { withFileTypes: true }).catch(
      (thrown: unknown) => {
        if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return [];
        throw thrown;
      },
    );
    for (const entry of entries) {
      const place = `${below}/${entry.name}`;
      if (entry.isDirectory()) await walk(place);
      else if (!known.has(place) && !HALF_FILE.test(entry.name)) {
        extraCount += 1;
        if (extra.length < EXTRA_MOST) extra.push(place.slice(1));
      }
    }
  };
  await walk('');
  return { extra: extra.sort(), extraCount };
}
