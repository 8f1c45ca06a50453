/** The BlobStore on a local disk. What lies where: layout.ts. */
import { mkdir, opendir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BlobId, type Clock, isBlobId, type Log, systemClock } from '@croft/contract';
import { hexOf, idFitsSize, isWholeId, WHOLE_MAX_BYTES, wholeId } from '../blob-hash.ts';
import { transferErrors } from '../errors.ts';
import { asDiskError, exists, moveIntoPlace, syncFolder } from '../files/durable-files.ts';
import { HashPool } from '../files/hash-pool.ts';
import { WriteThreads } from '../files/write-threads.ts';
import type { PackedBlob } from '../formats/pack.ts';
import type {
  BlobReading,
  BlobStore,
  ByteRange,
  NamedUploads,
  UnverifiedBlob,
  UploadRef,
} from '../store/blob-store.ts';
import { checkedUpload, clippedRange } from '../store/checked-upload.ts';
import { DamageFound } from '../store/damage-found.ts';
import { dropLostUploads } from '../store/lost-uploads.ts';
import { readSmallByOne } from '../store/read-small.ts';
import { unverifiedBytes, unverifiedFile } from '../store/unverified-blob.ts';
import { VerifiedParts } from '../store/verified-parts.ts';
import { Layout } from './layout.ts';
import { LongUploads } from './long-uploads.ts';
import { FsNamedUploads } from './named-uploads.ts';
import { PACKED_MAX_BYTES, PackLog } from './pack-log.ts';
import { collect, once } from './short-body.ts';
import { KEEP_FREE_BYTES, SpaceGuard } from './space-guard.ts';
import { lockStore } from './store-lock.ts';
import type { SyncPolicy } from './sync-policy.ts';
import { hashesTo, openVerified } from './verified-read.ts';

export interface FsBlobStoreOptions {
  /** The store's folder; made where it is absent. */
  home: string;
  log: Log;
  /** Bytes that stay free on the disk; default 512 MiB. */
  keepFreeBytes?: number;
  /** Tells when an unfinished upload is forgotten; default the system's. */
  clock?: Clock;
  /** Default `always`. */
  sync?: SyncPolicy;
}

/** Opens the store of a folder. TRANSFER_STORE_LOCKED while another process uses it. */
export async function openFsBlobStore(options: FsBlobStoreOptions): Promise<BlobStore> {
  const layout = new Layout(options.home);
  // Whose bytes they are, the farm knows; other users of the machine have no business with them.
  await mkdir(layout.home, { recursive: true, mode: 0o700 });
  for (const folder of layout.folders) await mkdir(folder, { recursive: true });
  const unlock = lockStore(layout.lock, layout.home);
  try {
    for (const left of await readdir(layout.temp))
      await rm(join(layout.temp, left), { recursive: true, force: true });
    const isSynced = options.sync !== 'never';
    const packs = await PackLog.open(layout, isSynced);
    const space = new SpaceGuard(layout.home, options.keepFreeBytes ?? KEEP_FREE_BYTES);
    const writes = new WriteThreads();
    const uploads = new LongUploads(layout, space, writes, isSynced);
    const { clock = systemClock, log } = options;
    const stopDropping = await dropLostUploads(uploads, clock, log);
    const verified = new VerifiedParts(clock);
    const parts = { layout, packs, space, writes, uploads, verified, log, isSynced };
    return new FsBlobStore(parts, () => {
      stopDropping();
      unlock();
    });
  } catch (thrown) {
    unlock();
    throw asDiskError(thrown, layout.home);
  }
}

interface StoreParts {
  layout: Layout;
  packs: PackLog;
  space: SpaceGuard;
  writes: WriteThreads;
  uploads: LongUploads;
  verified: VerifiedParts;
  log: Log;
  isSynced: boolean;
}

class FsBlobStore implements BlobStore {
  readonly direct = null;
  readonly named: NamedUploads;
  readonly #layout: Layout;
  readonly #packs: PackLog;
  readonly #space: SpaceGuard;
  readonly #writes: WriteThreads;
  readonly #uploads: LongUploads;
  readonly #pool = new HashPool();
  readonly #verified: VerifiedParts;
  readonly #log: Log;
  readonly #isSynced: boolean;
  readonly #unlock: () => void;

  constructor(parts: StoreParts, unlock: () => void) {
    this.#layout = parts.layout;
    this.#packs = parts.packs;
    this.#space = parts.space;
    this.#writes = parts.writes;
    this.#uploads = parts.uploads;
    this.#verified = parts.verified;
    this.named = new FsNamedUploads(parts.uploads, (id) => this.#heal(id));
    this.#log = parts.log;
    this.#isSynced = parts.isSynced;
    this.#unlock = unlock;
  }

  async has(ids: Iterable<BlobId>): Promise<Set<BlobId>> {
    const asked = [...new Set(ids)];
    const found = new Set<BlobId>(this.#packs.known(asked.filter((id) => isWholeId(id))));
    // Not by promises: ten times as dear, and a sender may ask for 20,000.
    const onDisk = asked.filter((id) => !found.has(id));
    const names = onDisk.map((id) => this.#layout.blobName(id));
    const there = await this.#pool.there(this.#layout.blobs, names);
    for (const [index, id] of onDisk.entries()) if (there[index]) found.add(id);
    return found;
  }

  async stat(id: BlobId): Promise<{ size: number } | null> {
    const place = isWholeId(id) ? this.#packs.find(id) : null;
    if (place !== null) return { size: place.size };
    try {
      return { size: (await stat(this.#layout.blob(id))).size };
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw thrown;
    }
  }

  async putPack(blobs: readonly { id: BlobId; bytes: Uint8Array }[]): Promise<void> {
    const release = await this.#space.reserve(blobs.reduce((sum, { bytes }) => sum + bytes.length + 64, 0));
    const placed: BlobId[] = [];
    try {
      const small = blobs.filter(({ bytes }) => bytes.length <= PACKED_MAX_BYTES);
      const large = blobs.filter(({ bytes }) => bytes.length > PACKED_MAX_BYTES);
      for (const { id, bytes } of large) if (await this.#placeBytes(id, bytes)) placed.push(id);
      await this.#packs.append(small);
    } catch (thrown) {
      for (const id of placed) await rm(this.#layout.blob(id), { force: true });
      throw asDiskError(thrown, this.#layout.home);
    } finally {
      release();
    }
  }

  async put(id: BlobId, size: number, body: AsyncIterable<Uint8Array>): Promise<void> {
    if (!isWholeId(id) || !idFitsSize(id, size)) {
      throw transferErrors.TRANSFER_BAD_REQUEST(
        `${id} of ${size} bytes is no whole blob of at most ${WHOLE_MAX_BYTES} bytes`,
      );
    }
    if (size <= PACKED_MAX_BYTES) return this.putPack([{ id, bytes: await collect(id, size, body) }]);
    const release = await this.#space.reserve(size);
    const temp = this.#layout.newTemp();
    try {
      const check = (total: number) => {
        if (total > size)
          throw transferErrors.TRANSFER_HASH_MISMATCH(`more than the promised ${size} bytes came for ${id}`);
      };
      const target = { path: temp, position: 0, sync: this.#isSynced };
      const { bytes, sha256 } = await this.#writes.write(target, body, check);
      if (bytes !== size || sha256.toString('hex') !== hexOf(id))
        throw transferErrors.TRANSFER_HASH_MISMATCH(`the bytes sent as ${id} hash to another id`);
      await this.#place(id, temp);
    } catch (thrown) {
      await rm(temp, { force: true });
      throw asDiskError(thrown, this.#layout.home);
    } finally {
      release();
    }
  }

  partsArrived(upload: UploadRef): Promise<number[]> {
    return this.#uploads.partsArrived(checkedUpload(upload));
  }
  async putPart(
    upload: UploadRef,
    part: number,
    sha256Hex: string,
    body: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    await this.#uploads.putPart(checkedUpload(upload), part, sha256Hex, body);
  }
  async complete(upload: UploadRef): Promise<void> {
    await this.#uploads.complete(checkedUpload(upload), upload.id);
    await this.#heal(upload.id);
  }
  async forget(upload: UploadRef): Promise<void> {
    await this.#uploads.forget(checkedUpload(upload));
  }

  async read(id: BlobId, wanted?: ByteRange): Promise<BlobReading> {
    const facts = await this.stat(id);
    if (facts === null) throw await this.#whyAbsent(id);
    const range = clippedRange(wanted, facts.size);
    const place = isWholeId(id) ? this.#packs.find(id) : null;
    if (place !== null) {
      const bytes = await this.#packs.read(place);
      if (!hashesTo(bytes, id)) throw await this.#setAsidePacked(id, bytes);
      return { size: facts.size, range, body: once(bytes.subarray(range.start, range.end)) };
    }
    if (!idFitsSize(id, facts.size))
      throw await this.#setAside(id, new DamageFound(`${id} has ${facts.size} bytes`));
    const { size } = facts;
    const file = { id, path: this.#layout.blob(id), partHashesPath: this.#layout.partHashes(id), size };
    try {
      const body = await openVerified(file, range, { pool: this.#pool, verified: this.#verified });
      return { size: facts.size, range, body: this.#watchDamage(id, body) };
    } catch (thrown) {
      throw thrown instanceof DamageFound ? await this.#setAside(id, thrown) : thrown;
    }
  }

  async unverified(id: BlobId): Promise<UnverifiedBlob | null> {
    const place = isWholeId(id) ? this.#packs.find(id) : null;
    if (place !== null) return unverifiedBytes(await this.#packs.read(place));
    const facts = await this.stat(id);
    return facts && unverifiedFile(this.#layout.blob(id), facts.size);
  }

  async readSmall(ids: readonly BlobId[]): Promise<PackedBlob[]> {
    const { found, others } = await this.#packs.readMany(ids.filter(isWholeId));
    return [...found, ...(await readSmallByOne(this, others))];
  }

  async delete(id: BlobId): Promise<void> {
    if (isWholeId(id)) await this.#packs.remove(id);
    await rm(this.#layout.blob(id), { force: true });
    await rm(this.#layout.partHashes(id), { force: true });
  }

  async *list(): AsyncGenerator<{ id: BlobId; size: number }> {
    for (const { hex, size } of this.#packs.list()) yield { id: wholeId(hex), size };
    for (const folder of await readdir(this.#layout.blobs)) {
      for await (const { name } of await opendir(join(this.#layout.blobs, folder))) {
        if (!isBlobId(name)) continue;
        const facts = await this.stat(name);
        if (facts !== null) yield { id: name, size: facts.size };
      }
    }
  }

  async close(): Promise<void> {
    await this.#pool.close();
    await this.#writes.close();
    await this.#packs.close();
    this.#unlock();
  }

  async *#watchDamage(id: BlobId, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (thrown) {
      throw thrown instanceof DamageFound ? await this.#setAside(id, thrown) : thrown;
    }
  }

  /** false when the blob was there already. */
  async #placeBytes(id: BlobId, bytes: Uint8Array): Promise<boolean> {
    const temp = this.#layout.newTemp();
    await writeFile(temp, bytes, { flush: this.#isSynced });
    return this.#place(id, temp);
  }

  /** Drops a damaged copy: the blob is there again. */
  async #heal(id: BlobId): Promise<void> {
    await rm(this.#layout.corruptCopy(id), { force: true });
  }

  async #place(id: BlobId, temp: string): Promise<boolean> {
    await this.#heal(id);
    if (await exists(this.#layout.blob(id))) {
      await rm(temp, { force: true });
      return false;
    }
    const made = await mkdir(this.#layout.blobFolder(id), { recursive: true });
    await moveIntoPlace(temp, this.#layout.blob(id), this.#isSynced);
    if (made !== undefined && this.#isSynced) await syncFolder(this.#layout.blobs);
    return true;
  }

  async #setAside(id: BlobId, cause: Error): Promise<Error> {
    this.#log.error({ err: cause, blob: id }, 'a stored blob is damaged; set aside');
    await rename(this.#layout.blob(id), this.#layout.corruptCopy(id)).catch(() => undefined);
    await rm(this.#layout.partHashes(id), { force: true });
    return transferErrors.TRANSFER_BLOB_CORRUPT(`the stored bytes of ${id} are damaged`, { cause });
  }

  async #setAsidePacked(id: BlobId, bytes: Uint8Array): Promise<Error> {
    this.#log.error({ blob: id }, 'a packed blob is damaged; set aside');
    await writeFile(this.#layout.corruptCopy(id), bytes);
    await this.#packs.remove(id);
    return transferErrors.TRANSFER_BLOB_CORRUPT(`the stored bytes of ${id} are damaged`);
  }

  async #whyAbsent(id: BlobId): Promise<Error> {
    if (await exists(this.#layout.corruptCopy(id))) {
      return transferErrors.TRANSFER_BLOB_CORRUPT(`the stored bytes of ${id} were damaged and set aside`);
    }
    return transferErrors.TRANSFER_NOT_FOUND(`there is no blob ${id}`);
  }
}
