/**
 * Keeps the store and the planner at what catalogue.json says. The file is looked at every two seconds, by its size and
 * time, because news of file systems differ and network disks send none. A file that cannot be read or is wrong changes
 * nothing but `problem`, and is told in the log once. A file that is gone means that nothing is declared; since editors
 * remove a file for a moment while they save, it must be missing on two looks.
 */
import { readFile, stat } from 'node:fs/promises';
import {
  CATALOGUE_MAX_BYTES,
  type CatalogueFile,
  type Clock,
  CroftError,
  catalogueErrors,
  coerceError,
  EMPTY_CATALOGUE,
  type Log,
  readCatalogueFile,
  SECOND,
} from '@croft/contract';
import type { News } from '../news.ts';
import type { Writer } from '../store/group-writer.ts';
import { CATALOGUE_ROW } from './declared.ts';

export const LOOK_MS = 2 * SECOND;

export interface CatalogueWatch {
  /** Looks at once; resolves when what was found is in use. */
  look(): Promise<void>;
  stop(): void;
}

export interface WatchParts {
  /** Path of catalogue.json; null: there is none to look for. */
  readonly file: string | null;
  readonly writer: Writer<News>;
  readonly clock: Clock;
  readonly log: Log;
}

/** The first look is over when this resolves. */
export async function watchCatalogue({ file, writer, clock, log }: WatchParts): Promise<CatalogueWatch> {
  /** Size and time of what was read last; null before the first look. */
  let seen: string | null = null;
  let missing = 1;
  let stopped = false;
  let cancel = () => {};
  let looking: Promise<void> | null = null;

  async function look(path: string): Promise<void> {
    const mark = await markOf(path);
    missing = mark === GONE ? missing + 1 : 0;
    if (mark === seen || (mark === GONE && missing < 2)) return;
    try {
      const declared = mark === GONE ? EMPTY_CATALOGUE : await readDeclared(path);
      await writer.run((tx) => keepDeclared(tx, declared));
      if (seen !== null || mark !== GONE)
        log.info({ file: path, ...sizesOf(declared) }, 'the catalogue is in use');
    } catch (thrown) {
      if (stopped) return;
      const err = coerceError(thrown);
      log.error({ file: path, err }, 'the catalogue is not used as it is; what it said before stays in use');
      await writer.run((tx) => keepProblem(tx, err.message));
    }
    seen = mark;
  }

  /** One look at a time; a failure of the store is told and tried again with the next look. */
  function lookOnce(path: string): Promise<void> {
    looking ??= look(path)
      .catch((thrown: unknown) => {
        if (!stopped) log.error({ file: path, err: coerceError(thrown) }, 'the catalogue could not be kept');
      })
      .finally(() => {
        looking = null;
      });
    return looking;
  }

  function later(path: string): void {
    if (stopped) return;
    cancel = clock.after(LOOK_MS, () => void lookOnce(path).then(() => later(path)));
  }

  if (file !== null) {
    await lookOnce(file);
    later(file);
  }
  return {
    look: async () => {
      await looking;
      if (file !== null) await lookOnce(file);
    },
    stop() {
      stopped = true;
      cancel();
    },
  };
}

const GONE = 'gone';
const NOTHING_DECLARED = JSON.stringify(EMPTY_CATALOGUE);

async function markOf(file: string): Promise<string> {
  try {
    const { size, mtimeMs, ino } = await stat(file);
    return `${size} ${mtimeMs} ${ino}`;
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? GONE : `unreadable ${code}`;
  }
}

async function readDeclared(file: string): Promise<CatalogueFile> {
  try {
    if ((await stat(file)).size > CATALOGUE_MAX_BYTES)
      throw catalogueErrors.CATALOGUE_INVALID(`${file} is longer than a catalogue may be`);
    return readCatalogueFile(await readFile(file, 'utf8'));
  } catch (thrown) {
    if (thrown instanceof CroftError) throw thrown;
    const cause = coerceError(thrown);
    throw catalogueErrors.CATALOGUE_INVALID(`${file} cannot be read: ${cause.message}`, { cause });
  }
}

type Tx = Parameters<Parameters<Writer<News>['run']>[0]>[0];

async function keepDeclared(tx: Tx, declared: CatalogueFile): Promise<void> {
  const text = JSON.stringify(declared);
  const known = await tx.db
    .selectFrom('catalogue')
    .select(['declared', 'problem'])
    .where('id', '=', CATALOGUE_ROW)
    .executeTakeFirst();
  if (known ? known.problem === null && known.declared === text : text === NOTHING_DECLARED) return;
  await keep(tx, { declared: text, problem: null, loaded_at: tx.now });
  tx.tell({ kind: 'board', change: (board) => board.declare(declared) });
}

async function keepProblem(tx: Tx, problem: string): Promise<void> {
  await keep(tx, { problem });
}

async function keep(
  tx: Tx,
  change: { declared?: string; problem: string | null; loaded_at?: number },
): Promise<void> {
  const updated = await tx.db
    .updateTable('catalogue')
    .set((eb) => ({ ...change, version: eb('version', '+', 1) }))
    .where('id', '=', CATALOGUE_ROW)
    .executeTakeFirst();
  if (updated.numUpdatedRows > 0n) return;
  const first = { declared: JSON.stringify(EMPTY_CATALOGUE), loaded_at: tx.now, ...change };
  await tx.db
    .insertInto('catalogue')
    .values({ id: CATALOGUE_ROW, version: 1, ...first })
    .execute();
}

function sizesOf({ platforms, apps, hardware, packages }: CatalogueFile): object {
  return {
    platforms: platforms.length,
    apps: apps.length,
    hardware: hardware.length,
    packages: packages.length,
  };
}
