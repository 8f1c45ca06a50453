/**
 * What earlier uploads found out about local files, so that a file with the same path, size, modification time and inode
 * is not read again. It never answers whether the farm has the bytes: the farm is asked about every remembered id, so a
 * wiped farm gets everything again.
 *
 * A file that was changed less than two seconds before it was looked at is not remembered: disks with coarse clocks could
 * hide a later change. Whatever goes wrong with the database is told once and means "nothing is remembered".
 */
import { type Clock, coerceError, isBlobId, SECOND, type TreeEntry } from '@croft/contract';
import type { UploadFile } from '@croft/transfer';
import type { DbSettings } from './db-ini.ts';
import { type FileRecord, type LocalDb, openLocalDb } from './local-db.ts';
import type { FileFacts } from './look-at-files.ts';

/** Coarsest clock of a file system in use (FAT). */
const COARSE_CLOCK_MS = 2 * SECOND;

export type Remembered = NonNullable<UploadFile['remembered']>;

/** A file as it looks now. */
export interface SeenFile {
  readonly path: string;
  readonly facts: FileFacts;
}

export class UnchangedFiles {
  #db: Promise<LocalDb> | null = null;
  #isBroken = false;
  readonly #settings: DbSettings | null;
  readonly #clock: Clock;
  readonly #onProblem: (why: string) => void;

  /** Without settings nothing is remembered. The database is opened when it is first asked. */
  constructor(settings: DbSettings | null, clock: Clock, onProblem: (why: string) => void) {
    this.#settings = settings;
    this.#clock = clock;
    this.#onProblem = onProblem;
  }

  /** What is known of those files that still look the same, in their order. */
  async find(files: readonly SeenFile[]): Promise<(Remembered | undefined)[]> {
    const records = await this.#guarded((db) => db.find(files.map(({ path }) => path)));
    return files.map(({ facts }, index) => remembered(facts, records?.[index]));
  }

  /** Remembers files that were sent as they looked before; `lookedAtMs`: not later than the first of them was looked at. */
  async remember(
    files: readonly (SeenFile & { readonly sent: TreeEntry })[],
    lookedAtMs: number,
  ): Promise<void> {
    const settled = BigInt(Math.floor(lookedAtMs - COARSE_CLOCK_MS));
    const records: FileRecord[] = [];
    for (const { path, facts, sent } of files) {
      const isAsBefore =
        Number(facts.size) === sent.size && facts.mtimeMs === BigInt(Math.floor(sent.mtimeMs));
      if (!isAsBefore || facts.mtimeMs > settled) continue;
      records.push({ path, ...textsOf(facts), mtimeMs: sent.mtimeMs, blob: sent.id });
    }
    if (records.length > 0) await this.#guarded((db) => db.put(records));
  }

  /** Notes that files are still as they were remembered. */
  async stillThere(paths: readonly string[]): Promise<void> {
    if (paths.length > 0) await this.#guarded((db) => db.seenAgain(paths));
  }

  /** Closes the database; a temporary one keeps no record of an upload that ended well. Never rejects. */
  async close(endedWell: boolean): Promise<void> {
    if (this.#settings?.isTemporary === true && endedWell) await this.#guarded((db) => db.forget());
    const db = await this.#db?.catch(() => null);
    this.#db = null;
    // The upload is over, and was well or not without it.
    await db?.close().catch(() => undefined);
  }

  async #guarded<Result>(action: (db: LocalDb) => Promise<Result>): Promise<Result | undefined> {
    if (this.#settings === null || this.#isBroken) return undefined;
    try {
      this.#db ??= openLocalDb(this.#settings, this.#clock);
      return await action(await this.#db);
    } catch (thrown) {
      this.#isBroken = true;
      this.#onProblem(
        `the database ${this.#settings.name} cannot be used (${coerceError(thrown).message}); nothing is remembered`,
      );
      return undefined;
    }
  }
}

function remembered(facts: FileFacts, record: FileRecord | undefined): Remembered | undefined {
  if (record === undefined || !isBlobId(record.blob)) return undefined;
  const now = textsOf(facts);
  const isSame = record.size === now.size && record.mtimeNs === now.mtimeNs && record.inode === now.inode;
  return isSame ? { id: record.blob, size: Number(facts.size), mtimeMs: record.mtimeMs } : undefined;
}

function textsOf(facts: FileFacts): Pick<FileRecord, 'size' | 'mtimeNs' | 'inode'> {
  return { size: String(facts.size), mtimeNs: String(facts.mtimeNs), inode: String(facts.ino) };
}
