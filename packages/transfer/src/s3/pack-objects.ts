/**
 * Short blobs in the bucket, many an object: a request costs the farm a millisecond of processor time and Amazon's customers
 * money, so the blobs that arrive in one pack stay together (pack-object.ts). Objects are immutable, and their names are drawn
 * by lot, so none is ever written twice or means something else later.
 *
 * Where each blob lies says an index in the farm's home (pack-index.ts), derived from the objects' tables. An object is
 *   absent → stored (answered by the S3 server) → indexed (its blobs are there) → empty (none is left) → removed.
 * A crash after "stored" leaves an object that the index does not know; looking through the bucket, when the store opens and
 * once a day, reads its table. Blobs that the index has elsewhere stay there, and an object that gains nothing is removed. The
 * index is lost, or older than the bucket? The same look makes it right: what is not in the bucket is forgotten, what is
 * not in the index is read. Blobs deleted before are then named again, which only makes them garbage to be collected once more.
 *
 * An object less than half of which is needed is rewritten on the same occasion: its blobs go into a new one together with
 * those of others, the index changes in one step, the old object is removed. Who was about to read there looks again.
 */
import { createHash, hash, randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { type BlobId, type Log, MiB, PACK_MAX_BLOBS } from '@croft/contract';
import { hexOf, isWholeId, wholeId } from '../blob-hash.ts';
import { inLanes } from '../client/lanes.ts';
import type { PackedBlob } from '../formats/pack.ts';
import { PackIndex, type PackPlace } from '../store/pack-index.ts';
import { type Run, runsOf } from '../store/pack-runs.ts';
import type { Bucket } from './bucket.ts';
import { encodePackObject, HEAD_BYTES, ROW_BYTES, TABLE_MAX_BYTES, tableOf } from './pack-object.ts';
import { isFailure } from './s3-failure.ts';
import type { S3Keys } from './s3-keys.ts';

/** Longer blobs are objects of their own: clients read them straight. */
export const PACKED_MAX_BYTES = MiB;
/** A reading costs a request, so it may pass over more than on a disk. */
const RUNS = { runBytes: 8 * MiB, gapBytes: MiB };
const READS_AT_ONCE = 4;
const TABLES_AT_ONCE = 16;
const IDS_PER_QUESTION = 2000;
/** Objects of which less is needed are rewritten. */
const LEAST_NEEDED_SHARE = 0.5;
/** So many bytes are held in memory while objects are rewritten. */
const REWRITTEN_BYTES = 16 * MiB;
/** Names that are drawn before a server that calls all of them taken is given up. */
const MOST_NAMES = 3;

interface PlacedBlob {
  id: BlobId;
  place: PackPlace;
}

export class PackObjects {
  readonly #bucket: Bucket;
  readonly #keys: S3Keys;
  readonly #index: PackIndex;
  readonly #log: Log;
  /** Objects that are being written: the index does not know them yet. */
  readonly #writing = new Set<number>();

  constructor(bucket: Bucket, keys: S3Keys, indexFile: string, log: Log) {
    this.#bucket = bucket;
    this.#keys = keys;
    this.#index = new PackIndex(indexFile);
    this.#log = log;
  }

  find(id: BlobId): PackPlace | null {
    return isWholeId(id) ? this.#index.find(hashOf(id)) : null;
  }

  /** Those of the ids that lie here, in an order of their own. */
  *known(ids: readonly BlobId[]): Generator<BlobId> {
    for (let at = 0; at < ids.length; at += IDS_PER_QUESTION) {
      const some = ids.slice(at, at + IDS_PER_QUESTION);
      for (const index of this.#index.indexesOf(some.map((id) => hexOf(id)))) yield some[index]!;
    }
  }

  /** Stores all blobs as one object; they are as many and as long as a pack of the wire has at most. */
  async append(blobs: readonly PackedBlob[]): Promise<void> {
    const { bytes, places } = encodePackObject(blobs);
    const pack = await this.#write(bytes);
    try {
      this.#index.add(pack, places, bytes.length);
    } finally {
      this.#writing.delete(pack);
    }
    // Others stored the same blobs meanwhile.
    if (this.#index.isEmpty(pack)) await this.#drop(pack);
  }

  /** The bytes of a blob, unverified; null where it does not lie here (any more). */
  async read(id: BlobId): Promise<Buffer | null> {
    for (let place = this.find(id); place !== null; place = this.find(id)) {
      const { pack, offset, size } = place;
      const bytes = await this.#readRange(pack, offset, size);
      if (bytes !== null) return bytes;
      // Where it did not move meanwhile, nobody will find it there.
      if (this.find(id)?.pack === pack) this.#forgetLost(pack);
    }
    return null;
  }

  /** Those that lie here and are whole, in as few readings as may be; `others` lie elsewhere, or not rightly. */
  async readMany(ids: readonly BlobId[]): Promise<{ found: PackedBlob[]; others: BlobId[] }> {
    const placed = ids.map((id) => ({ id, place: this.find(id) }));
    const others = placed.filter(({ place }) => place === null).map(({ id }) => id);
    const found: PackedBlob[] = [];
    const runs = runsOf(
      placed.filter((one): one is PlacedBlob => one.place !== null),
      RUNS,
    );
    await inLanes(runs, READS_AT_ONCE, async (run) => {
      const bytes = await this.#readRange(run.pack, run.offset, run.length);
      for (const { id, place } of run.items) {
        const blob = bytes && blobIn(bytes, run, place);
        if (blob !== null && hash('sha256', blob, 'hex') === hexOf(id)) found.push({ id, bytes: blob });
        else others.push(id);
      }
    });
    return { found, others };
  }

  async remove(id: BlobId): Promise<void> {
    const place = this.find(id);
    if (place === null) return;
    const { packIsEmpty } = this.#index.remove(hashOf(id), place.pack);
    if (packIsEmpty) await this.#drop(place.pack);
  }

  *list(): Generator<{ id: BlobId; size: number }> {
    let after: Uint8Array = new Uint8Array(0);
    for (;;) {
      const page = this.#index.page(after);
      for (const { hash, size } of page) yield { id: wholeId(Buffer.from(hash).toString('hex')), size };
      if (page.length === 0) return;
      after = page.at(-1)!.hash;
    }
  }

  /** Makes the index say what is in the bucket. */
  async lookThrough(): Promise<void> {
    const gone = new Set(this.#index.knownPacks());
    const unknown: { pack: number; size: number }[] = [];
    for await (const { key, size } of this.#bucket.list(this.#keys.packs)) {
      const pack = this.#keys.packOf(key);
      if (pack === null) continue;
      if (!gone.delete(pack) && !this.#writing.has(pack) && !this.#isIndexed(pack))
        unknown.push({ pack, size });
    }
    for (const pack of gone) if (this.#isIndexed(pack)) this.#forgetLost(pack);
    await inLanes(unknown, TABLES_AT_ONCE, async ({ pack, size }) => {
      const end = Math.min(size, TABLE_MAX_BYTES);
      const beginning = size === 0 ? Buffer.alloc(0) : await this.#readRange(pack, 0, end);
      if (beginning === null) return;
      const places = tableOf(beginning, size);
      if (places === null)
        this.#log.error({ pack: this.#keys.pack(pack) }, 'a pack of short blobs cannot be read');
      else this.#index.add(pack, places, size);
    });
  }

  /** Removes objects of which nothing is needed, and rewrites those of which little is. Returns how many objects went. */
  async tidy(): Promise<number> {
    let removed = 0;
    let rewriting: number[] = [];
    const sum = { blobs: 0, bytes: 0 };
    for (const pack of this.#index.knownPacks()) {
      // A pack costs the database a millisecond: others get their turn.
      await setImmediate();
      const live = this.#index.liveOf(pack);
      const neededBytes = HEAD_BYTES + live.bytes + live.blobs * ROW_BYTES;
      if (live.blobs > 0 && neededBytes >= this.#index.scannedTo(pack) * LEAST_NEEDED_SHARE) continue;
      if (sum.bytes + live.bytes > REWRITTEN_BYTES || sum.blobs + live.blobs > PACK_MAX_BLOBS) {
        removed += await this.#rewrite(rewriting);
        rewriting = [];
        Object.assign(sum, { blobs: 0, bytes: 0 });
      }
      rewriting.push(pack);
      sum.blobs += live.blobs;
      sum.bytes += live.bytes;
    }
    return removed + (await this.#rewrite(rewriting));
  }

  close(): void {
    this.#index.close();
  }

  /** A blob that is damaged keeps its object: reading finds it, and sets it aside. */
  async #rewrite(packs: readonly number[]): Promise<number> {
    const ids = packs.flatMap((pack) =>
      this.#index.blobsOf(pack).map((blob) => wholeId(Buffer.from(blob.hash).toString('hex'))),
    );
    const { found } = await this.readMany(ids);
    if (found.length > 0) {
      const { bytes, places } = encodePackObject(found);
      const fresh = await this.#write(bytes);
      try {
        this.#index.move(packs, fresh, places, bytes.length);
      } finally {
        this.#writing.delete(fresh);
      }
      if (this.#index.isEmpty(fresh)) await this.#drop(fresh);
    }
    const empty = packs.filter((pack) => this.#index.isEmpty(pack));
    for (const pack of empty) await this.#drop(pack);
    return empty.length;
  }

  /** Writes an object under a new name; who calls takes it out of `#writing` once the index knows it. */
  async #write(bytes: Buffer): Promise<number> {
    const sha256Hex = createHash('sha256').update(bytes).digest('hex');
    for (let tries = 1; ; tries++) {
      const pack = randomBytes(6).readUIntBE(0, 6);
      this.#writing.add(pack);
      try {
        await this.#bucket.put(this.#keys.pack(pack), bytes, sha256Hex, { onlyNew: true });
        return pack;
      } catch (thrown) {
        this.#writing.delete(pack);
        // Most likely our own, whose answer was lost: then the next look through the bucket finds it, and it is removed.
        if (!isFailure(thrown, 'exists') || tries === MOST_NAMES) throw thrown;
      }
    }
  }

  /** Bytes of an object; null where it is gone. */
  #readRange(pack: number, offset: number, length: number): Promise<Buffer | null> {
    if (length === 0) return Promise.resolve(Buffer.alloc(0));
    return this.#bucket.readRange(this.#keys.pack(pack), offset, offset + length);
  }

  #isIndexed(pack: number): boolean {
    return this.#index.scannedTo(pack) > 0;
  }

  /** Somebody else took an object out of the bucket. */
  #forgetLost(pack: number): void {
    this.#log.error({ pack: this.#keys.pack(pack) }, 'a pack of short blobs is gone from the bucket');
    this.#index.dropPack(pack);
  }

  /** The object goes first: a crash in between leaves an index that is found wrong, not an object that nobody knows. */
  async #drop(pack: number): Promise<void> {
    await this.#bucket.remove(this.#keys.pack(pack));
    this.#index.dropPack(pack);
  }
}

function hashOf(id: BlobId): Buffer {
  return Buffer.from(hexOf(id), 'hex');
}

function blobIn(bytes: Buffer, run: Run<PlacedBlob>, { offset, size }: PackPlace): Buffer {
  return bytes.subarray(offset - run.offset, offset - run.offset + size);
}
