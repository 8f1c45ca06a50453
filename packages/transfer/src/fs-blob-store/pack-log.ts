/**
 * Pack files: many small blobs in one append-only file, so that a batch of them costs one fsync instead of one each.
 *
 * Record: 4 bytes "CPK1", u32 size, 32 bytes SHA-256, u32 CRC-32 of the 40 bytes before (all big-endian), the bytes.
 * Appends go to the newest file until it has 256 MiB, then to a new one. A batch that fails half-way is cut off again.
 *
 * At the start every file is read from where the index knows it: records whose bytes hash right are added to the index.
 * The first record that is not whole ends the file (a torn tail): the newest file is cut there, older ones are left as
 * they are. Deleted blobs keep their room until their file has none left; a rebuilt index names them again, which only
 * makes them garbage to be collected once more.
 */

import { createHash, hash } from 'node:crypto';
import { type FileHandle, open, readdir, rm } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { type BlobId, KiB, MiB } from '@croft/contract';
import { hexOf } from '../blob-hash.ts';
import { asDiskError, syncFolder, writeAll } from '../files/durable-files.ts';
import type { PackedBlob } from '../formats/pack.ts';
import { PackIndex, type PackPlace } from '../store/pack-index.ts';
import { runsOf } from '../store/pack-runs.ts';
import type { Layout } from './layout.ts';

/** Blobs up to here lie in packs. */
export const PACKED_MAX_BYTES = 64 * KiB;
const PACK_FILE_BYTES = 256 * MiB;
const HEADER_BYTES = 44;
const IDS_PER_QUESTION = 2000;
const MAGIC = Buffer.from('CPK1');

interface PlacedBlob {
  id: BlobId;
  place: PackPlace;
}

export class PackLog {
  readonly #layout: Layout;
  readonly #index: PackIndex;
  readonly #isSynced: boolean;
  #number = 0;
  #length = 0;
  #file: FileHandle | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(layout: Layout, index: PackIndex, isSynced: boolean) {
    this.#layout = layout;
    this.#index = index;
    this.#isSynced = isSynced;
  }

  /** `isSynced`: whether a batch is on the disk before it is told to be there. */
  static async open(layout: Layout, isSynced: boolean): Promise<PackLog> {
    const log = new PackLog(layout, new PackIndex(layout.index), isSynced);
    await log.#catchUp();
    return log;
  }

  find(id: BlobId): PackPlace | null {
    return this.#index.find(Buffer.from(hexOf(id), 'hex'));
  }

  /** Those of the ids that lie here, in an order of their own. */
  *known(ids: readonly BlobId[]): Generator<BlobId> {
    for (let at = 0; at < ids.length; at += IDS_PER_QUESTION) {
      const some = ids.slice(at, at + IDS_PER_QUESTION);
      for (const index of this.#index.indexesOf(some.map((id) => hexOf(id)))) yield some[index]!;
    }
  }

  /** Appends all blobs with one fsync; those already there are left out. */
  append(blobs: readonly { id: BlobId; bytes: Uint8Array }[]): Promise<void> {
    const mine = this.#turn.then(() => this.#append(blobs));
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /** The bytes at a place, unverified. */
  async read(place: PackPlace): Promise<Buffer> {
    const file = await open(this.#layout.pack(place.pack), 'r');
    try {
      const bytes = Buffer.alloc(place.size);
      await file.read(bytes, 0, place.size, place.offset);
      return bytes;
    } finally {
      await file.close();
    }
  }

  /** Those that lie here and are whole, in as few readings as may be; `others` lie elsewhere, or not rightly. */
  async readMany(ids: readonly BlobId[]): Promise<{ found: PackedBlob[]; others: BlobId[] }> {
    const placed = ids.map((id) => ({ id, place: this.find(id) }));
    const others = placed.filter(({ place }) => place === null).map(({ id }) => id);
    const found: PackedBlob[] = [];
    for (const run of runsOf(placed.filter((one): one is PlacedBlob => one.place !== null))) {
      const bytes = await this.read({ pack: run.pack, offset: run.offset, size: run.length });
      for (const { id, place } of run.items) {
        const blob = bytes.subarray(place.offset - run.offset, place.offset - run.offset + place.size);
        if (hash('sha256', blob, 'hex') === hexOf(id)) found.push({ id, bytes: blob });
        else others.push(id);
      }
    }
    return { found, others };
  }

  async remove(id: BlobId): Promise<void> {
    const place = this.find(id);
    if (place === null) return;
    const { packIsEmpty } = this.#index.remove(Buffer.from(hexOf(id), 'hex'), place.pack);
    if (!packIsEmpty || place.pack === this.#number) return;
    await rm(this.#layout.pack(place.pack), { force: true });
    this.#index.dropPack(place.pack);
  }

  *list(): Generator<{ hex: string; size: number }> {
    let after: Uint8Array = new Uint8Array(0);
    for (;;) {
      const page = this.#index.page(after);
      for (const { hash, size } of page) yield { hex: Buffer.from(hash).toString('hex'), size };
      if (page.length === 0) return;
      after = page.at(-1)!.hash;
    }
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#file?.close();
    this.#index.close();
  }

  async #append(blobs: readonly { id: BlobId; bytes: Uint8Array }[]): Promise<void> {
    const fresh = new Map<string, Uint8Array>();
    for (const { id, bytes } of blobs) if (this.find(id) === null) fresh.set(hexOf(id), bytes);
    if (fresh.size === 0) return;
    const file = await this.#writable();
    const pieces: Uint8Array[] = [];
    const places: { hash: Buffer; offset: number; size: number }[] = [];
    let end = this.#length;
    for (const [hex, bytes] of fresh) {
      const hash = Buffer.from(hex, 'hex');
      pieces.push(recordHeader(hash, bytes.length), bytes);
      places.push({ hash, offset: end + HEADER_BYTES, size: bytes.length });
      end += HEADER_BYTES + bytes.length;
    }
    try {
      await writePieces(file, pieces, this.#length);
      if (this.#isSynced) await file.datasync();
      this.#index.add(this.#number, places, end);
    } catch (thrown) {
      await this.#cutBack(file);
      throw asDiskError(thrown, this.#layout.home);
    }
    this.#length = end;
  }

  /** Leaves no half batch behind; where even that fails, the next batch starts a new file. */
  async #cutBack(file: FileHandle): Promise<void> {
    try {
      await file.truncate(this.#length);
    } catch {
      this.#length = PACK_FILE_BYTES;
    }
  }

  async #writable(): Promise<FileHandle> {
    if (this.#file !== null && this.#length < PACK_FILE_BYTES) return this.#file;
    await this.#file?.close();
    this.#file = null;
    if (this.#number === 0 || this.#length >= PACK_FILE_BYTES) {
      const file = await open(this.#layout.pack(this.#number + 1), 'wx+');
      this.#number++;
      this.#length = 0;
      this.#file = file;
      await syncFolder(this.#layout.packs);
    } else {
      this.#file = await open(this.#layout.pack(this.#number), 'r+');
    }
    return this.#file;
  }

  async #catchUp(): Promise<void> {
    const names = (await readdir(this.#layout.packs)).filter((name) => /^\d{6,}\.pack$/.test(name));
    const numbers = names.map((name) => Number.parseInt(name, 10)).sort((a, b) => a - b);
    for (const known of this.#index.knownPacks()) if (!numbers.includes(known)) this.#index.dropPack(known);
    this.#number = numbers.at(-1) ?? 0;
    for (const number of numbers) {
      const end = await this.#scan(number);
      if (number === this.#number) this.#length = end;
    }
  }

  /** Indexes what the index does not know of a file yet; returns where its last whole record ends. */
  async #scan(number: number): Promise<number> {
    const file = await open(this.#layout.pack(number), 'r+');
    try {
      const { size: fileBytes } = await file.stat();
      let at = this.#index.scannedTo(number);
      if (at > fileBytes) {
        // The file lost a tail that the index knew: nothing of it can be trusted unseen.
        this.#index.dropPack(number);
        at = 0;
      }
      let found: { hash: Buffer; offset: number; size: number }[] = [];
      const header = Buffer.alloc(HEADER_BYTES);
      while (at + HEADER_BYTES <= fileBytes) {
        await file.read(header, 0, HEADER_BYTES, at);
        const size = sizeInHeader(header);
        if (size === null || at + HEADER_BYTES + size > fileBytes) break;
        const bytes = Buffer.alloc(size);
        await file.read(bytes, 0, size, at + HEADER_BYTES);
        const hash = Buffer.from(header.subarray(8, 40));
        if (createHash('sha256').update(bytes).digest().equals(hash))
          found.push({ hash, offset: at + HEADER_BYTES, size });
        at += HEADER_BYTES + size;
        if (found.length < 1000) continue;
        this.#index.add(number, found, at);
        found = [];
      }
      this.#index.add(number, found, at);
      if (number === this.#number && at < fileBytes) await file.truncate(at);
      return at;
    } finally {
      await file.close();
    }
  }
}

function recordHeader(hash: Uint8Array, size: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.set(MAGIC);
  header.writeUInt32BE(size, 4);
  header.set(hash, 8);
  header.writeUInt32BE(crc32(header.subarray(0, 40)), 40);
  return header;
}

/** null for anything that is not a whole, sane record header. */
function sizeInHeader(header: Buffer): number | null {
  if (!header.subarray(0, 4).equals(MAGIC)) return null;
  if (crc32(header.subarray(0, 40)) !== header.readUInt32BE(40)) return null;
  const size = header.readUInt32BE(4);
  return size <= PACKED_MAX_BYTES ? size : null;
}

/** One `writev` takes at most 1,024 pieces on Linux. */
const PIECES_A_WRITE = 1024;

async function writePieces(file: FileHandle, pieces: Uint8Array[], position: number): Promise<void> {
  let at = position;
  for (let first = 0; first < pieces.length; first += PIECES_A_WRITE) {
    const some = pieces.slice(first, first + PIECES_A_WRITE);
    const bytes = some.reduce((sum, piece) => sum + piece.length, 0);
    await writeAll(file, some, bytes, at);
    at += bytes;
  }
}
