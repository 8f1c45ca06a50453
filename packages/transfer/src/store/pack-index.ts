/**
 * Where each small blob lies. Derived from the packs (files or objects of a bucket): lost, damaged or old, it is rebuilt from
 * them, so it is written without waiting for the disk. On disk rather than in memory, since a farm has millions of small files.
 */
import { rmSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

/** A blob's place: its bytes (not what stands before them) start at `offset` of pack number `pack`. */
export interface PackPlace {
  pack: number;
  offset: number;
  size: number;
}

const SCHEMA_VERSION = 1;
const SCHEMA = `
  CREATE TABLE packed (hash BLOB PRIMARY KEY, pack INTEGER NOT NULL, offset INTEGER NOT NULL, size INTEGER NOT NULL)
    WITHOUT ROWID, STRICT;
  CREATE INDEX packed_by_pack ON packed (pack);
  CREATE TABLE packs (pack INTEGER PRIMARY KEY, scanned INTEGER NOT NULL) STRICT;
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8000');
    const version = database.prepare('PRAGMA user_version').get()?.user_version;
    if (version === 0) database.exec(`BEGIN; ${SCHEMA} COMMIT`);
    else if (version !== SCHEMA_VERSION) throw new Error(`pack index of version ${String(version)}`);
    return database;
  } catch (thrown) {
    database.close();
    throw thrown;
  }
}

export class PackIndex {
  readonly #database: DatabaseSync;
  readonly #find: StatementSync;
  readonly #among: StatementSync;
  readonly #add: StatementSync;
  readonly #mark: StatementSync;

  /** Opens the index; one that cannot be read is dropped (its packs are then scanned from their start). */
  constructor(file: string) {
    try {
      this.#database = openDatabase(file);
    } catch {
      for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
      this.#database = openDatabase(file);
    }
    this.#find = this.#database.prepare('SELECT pack, offset, size FROM packed WHERE hash = ?');
    this.#among = this.#database.prepare(
      'SELECT asked.key FROM json_each(?) AS asked CROSS JOIN packed ON packed.hash = unhex(asked.value)',
    );
    this.#add = this.#database.prepare(
      'INSERT OR IGNORE INTO packed (hash, pack, offset, size) VALUES (?, ?, ?, ?)',
    );
    this.#mark = this.#database.prepare(
      'INSERT INTO packs (pack, scanned) VALUES (?, ?) ON CONFLICT DO UPDATE SET scanned = excluded.scanned',
    );
  }

  find(hash: Uint8Array): PackPlace | null {
    return (this.#find.get(hash) as unknown as PackPlace | undefined) ?? null;
  }

  /** Indexes of those of the hashes (hex) that are here: one statement, since one for each would cost four times as much. */
  indexesOf(hashes: readonly string[]): number[] {
    this.#among.setReturnArrays(true);
    return this.#among.all(JSON.stringify(hashes)).map((row) => Number((row as unknown as [number])[0]));
  }

  /** Up to which byte the index knows a pack. */
  scannedTo(pack: number): number {
    const row = this.#database.prepare('SELECT scanned FROM packs WHERE pack = ?').get(pack);
    return typeof row?.scanned === 'number' ? row.scanned : 0;
  }

  /** Adds blobs of one pack and notes that it is known up to `scanned`, in one transaction. */
  add(
    pack: number,
    places: readonly { hash: Uint8Array; offset: number; size: number }[],
    scanned: number,
  ): void {
    this.#inTransaction(() => {
      for (const { hash, offset, size } of places) this.#add.run(hash, pack, offset, size);
      this.#mark.run(pack, scanned);
    });
  }

  /** Forgets a blob; tells whether its pack has none left. */
  remove(hash: Uint8Array, pack: number): { packIsEmpty: boolean } {
    this.#database.prepare('DELETE FROM packed WHERE hash = ?').run(hash);
    return { packIsEmpty: this.isEmpty(pack) };
  }

  isEmpty(pack: number): boolean {
    return !this.#database.prepare('SELECT 1 FROM packed WHERE pack = ? LIMIT 1').get(pack);
  }

  /** The blobs that lie in a pack. */
  blobsOf(pack: number): { hash: Uint8Array; offset: number; size: number }[] {
    const rows = this.#database.prepare('SELECT hash, offset, size FROM packed WHERE pack = ?').all(pack);
    return rows as unknown as { hash: Uint8Array; offset: number; size: number }[];
  }

  /** How many blobs lie in a pack, and how long they are together. */
  liveOf(pack: number): { blobs: number; bytes: number } {
    const row = this.#database
      .prepare('SELECT count(*) AS blobs, sum(size) AS bytes FROM packed WHERE pack = ?')
      .get(pack);
    return { blobs: Number(row?.blobs ?? 0), bytes: Number(row?.bytes ?? 0) };
  }

  /** Blobs of the packs `from` lie in pack `to` now, which is known up to `scanned`; those forgotten meanwhile stay forgotten. */
  move(
    from: readonly number[],
    to: number,
    places: readonly { hash: Uint8Array; offset: number }[],
    scanned: number,
  ): void {
    const among = from.map(() => '?').join(', ');
    const move = this.#database.prepare(
      `UPDATE packed SET pack = ?, offset = ? WHERE hash = ? AND pack IN (${among})`,
    );
    this.#inTransaction(() => {
      for (const { hash, offset } of places) move.run(to, offset, hash, ...from);
      this.#mark.run(to, scanned);
    });
  }

  /** Forgets a pack that is gone. */
  dropPack(pack: number): void {
    this.#database.prepare('DELETE FROM packed WHERE pack = ?').run(pack);
    this.#database.prepare('DELETE FROM packs WHERE pack = ?').run(pack);
  }

  knownPacks(): number[] {
    return this.#database
      .prepare('SELECT pack FROM packs')
      .all()
      .map((row) => Number(row.pack));
  }

  /** Up to 1,000 blobs whose hash sorts after `after`: a page of the whole, so that no cursor stays open. */
  page(after: Uint8Array): { hash: Uint8Array; size: number }[] {
    const rows = this.#database
      .prepare('SELECT hash, size FROM packed WHERE hash > ? ORDER BY hash LIMIT 1000')
      .all(after);
    return rows as unknown as { hash: Uint8Array; size: number }[];
  }

  close(): void {
    this.#database.close();
  }

  #inTransaction(work: () => void): void {
    this.#database.exec('BEGIN');
    try {
      work();
      this.#database.exec('COMMIT');
    } catch (thrown) {
      this.#database.exec('ROLLBACK');
      throw thrown;
    }
  }
}
