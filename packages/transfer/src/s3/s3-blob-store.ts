/**
 * The BlobStore in a bucket of an S3 server. What lies where: s3-keys.ts; how uploads go: s3-uploads.ts; how short blobs are
 * kept: pack-objects.ts; where long ones lie: blob-places.ts; how blobs are read: s3-verified-read.ts. The server itself
 * checks what it gets: bytes that do not hash to what was promised, and a second object under a key, are refused by it. Durable is
 * what it answered.
 */
import { hash } from 'node:crypto';
import { type BlobId, type Clock, isBlobId, type Log } from '@croft/contract';
import { hexOf, idFitsSize, isWholeId, WHOLE_MAX_BYTES } from '../blob-hash.ts';
import { inLanes } from '../client/lanes.ts';
import { transferErrors } from '../errors.ts';
import type { PackedBlob } from '../formats/pack.ts';
import type {
  BlobReading,
  BlobStore,
  ByteRange,
  DirectAccess,
  NamedUploads,
  UnverifiedBlob,
  UploadRef,
} from '../store/blob-store.ts';
import { checkedNamedUpload, checkedUpload, clippedRange } from '../store/checked-upload.ts';
import { DamageFound } from '../store/damage-found.ts';
import { readSmallByOne } from '../store/read-small.ts';
import { unverifiedBytes } from '../store/unverified-blob.ts';
import { VerifiedParts } from '../store/verified-parts.ts';
import type { BlobPlaces } from './blob-places.ts';
import type { Bucket } from './bucket.ts';
import { DamagedBlobs } from './damaged-blobs.ts';
import { KnownBlobs } from './known-blobs.ts';
import { S3NamedUploads } from './named-uploads.ts';
import { PACKED_MAX_BYTES, type PackObjects } from './pack-objects.ts';
import { presentBlobs } from './present-blobs.ts';
import { receiveTwin } from './receive-twin.ts';
import { isFailure } from './s3-failure.ts';
import type { S3Keys } from './s3-keys.ts';
import type { S3Uploads } from './s3-uploads.ts';
import { IN_MEMORY_MAX_BYTES, openVerified, unverifiedObject } from './s3-verified-read.ts';

const WRITES_AT_ONCE = 16;

/** What a store is made of: open-bucket.ts. */
export interface StoreParts {
  readonly bucket: Bucket;
  readonly keys: S3Keys;
  readonly packs: PackObjects;
  readonly places: BlobPlaces;
  readonly uploads: S3Uploads;
  readonly clock: Clock;
  readonly log: Log;
  readonly isDirect: boolean;
  readonly takesNames: boolean;
  readonly end: () => Promise<void>;
}

export class S3BlobStore implements BlobStore {
  readonly direct: DirectAccess | null;
  readonly named: NamedUploads | null;
  readonly #bucket: Bucket;
  readonly #keys: S3Keys;
  readonly #packs: PackObjects;
  readonly #places: BlobPlaces;
  readonly #uploads: S3Uploads;
  readonly #known: KnownBlobs;
  readonly #verified: VerifiedParts;
  readonly #damaged: DamagedBlobs;
  readonly #end: () => Promise<void>;

  constructor(parts: StoreParts) {
    const { bucket, packs, places, uploads } = parts;
    this.#bucket = bucket;
    this.#keys = parts.keys;
    this.#packs = packs;
    this.#places = places;
    this.#uploads = uploads;
    this.#known = new KnownBlobs(parts.clock);
    this.#verified = new VerifiedParts(parts.clock);
    this.#damaged = new DamagedBlobs(parts);
    this.#end = parts.end;
    this.named = parts.takesNames ? new S3NamedUploads(uploads, (id) => this.#known.add(id)) : null;
    this.direct = parts.isDirect
      ? {
          partAddress: async (upload, part, sha256Hex) =>
            uploads.partAddress(
              'name' in upload ? checkedNamedUpload(upload) : checkedUpload(upload, true),
              part,
              sha256Hex,
            ),
          blobAddress: async (id) =>
            packs.find(id) === null ? bucket.readAddress(await places.keyOf(id)) : null,
        }
      : null;
  }

  async has(ids: Iterable<BlobId>): Promise<Set<BlobId>> {
    const asked = [...new Set(ids)];
    const found = new Set<BlobId>(this.#packs.known(asked.filter(isWholeId)));
    const unknown: BlobId[] = [];
    for (const id of asked) {
      if (found.has(id)) continue;
      if (this.#known.has(id)) found.add(id);
      else unknown.push(id);
    }
    const know = this.#known.adder();
    const present = await presentBlobs(this.#bucket, this.#keys, unknown, know);
    const elsewhere = unknown.filter((id) => !isWholeId(id) && !present.has(id));
    for (const id of [...present, ...(await this.#places.among(elsewhere))]) {
      know(id);
      found.add(id);
    }
    return found;
  }

  async stat(id: BlobId): Promise<{ size: number } | null> {
    const place = this.#packs.find(id);
    if (place !== null) return { size: place.size };
    const object = await this.#places.find(id);
    if (object === null) {
      this.#known.remove(id);
      return null;
    }
    this.#known.add(id);
    return { size: object.size };
  }

  async putPack(blobs: readonly { id: BlobId; bytes: Uint8Array }[]): Promise<void> {
    const fresh: PackedBlob[] = [];
    const alone: PackedBlob[] = [];
    for (const blob of new Map(blobs.map((one) => [one.id, one])).values()) {
      if (this.#packs.find(blob.id) !== null) continue;
      if (blob.bytes.length <= PACKED_MAX_BYTES) fresh.push(blob);
      else alone.push(blob);
    }
    if (fresh.length > 1) await this.#packs.append(fresh);
    else alone.push(...fresh);
    await inLanes(alone, WRITES_AT_ONCE, (blob) => this.#putAlone(blob));
  }

  async #putAlone({ id, bytes }: PackedBlob): Promise<void> {
    try {
      await this.#bucket.put(this.#keys.blob(id), bytes, hexOf(id), { onlyNew: true });
    } catch (thrown) {
      if (isFailure(thrown, 'mismatch')) throw mismatch(id, thrown);
      // What is there under this name are the same bytes.
      if (!isFailure(thrown, 'exists')) throw thrown;
    }
    this.#known.add(id);
  }

  async put(id: BlobId, size: number, body: AsyncIterable<Uint8Array>): Promise<void> {
    if (!isWholeId(id) || !idFitsSize(id, size)) {
      throw transferErrors.TRANSFER_BAD_REQUEST(
        `${id} of ${size} bytes is no whole blob of at most ${WHOLE_MAX_BYTES} bytes`,
      );
    }
    if ((await this.stat(id)) !== null) return receiveTwin(body, size, hexOf(id));
    try {
      await this.#bucket.putStream(this.#keys.blob(id), size, hexOf(id), body);
      this.#known.add(id);
    } catch (thrown) {
      if (isFailure(thrown, 'mismatch')) throw mismatch(id, thrown);
      // Then nobody looked at these bytes: they must come again, to be checked.
      if (isFailure(thrown, 'exists'))
        throw transferErrors.TRANSFER_PART_SUPERSEDED(`${id} is being sent by two at once`, {
          cause: thrown,
        });
      throw thrown;
    }
  }

  async partsArrived(upload: UploadRef): Promise<number[]> {
    return this.#uploads.partsArrived(checkedUpload(upload, true));
  }
  async putPart(
    upload: UploadRef,
    part: number,
    sha256Hex: string,
    body: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    await this.#uploads.putPart(checkedUpload(upload, true), part, sha256Hex, body);
  }
  async complete(upload: UploadRef): Promise<void> {
    await this.#uploads.complete(checkedUpload(upload, true), upload.id);
    this.#known.add(upload.id);
  }
  async forget(upload: UploadRef): Promise<void> {
    await this.#uploads.forget(checkedUpload(upload, true));
  }

  async read(id: BlobId, wanted?: ByteRange): Promise<BlobReading> {
    const packed = await this.#packs.read(id);
    if (packed !== null) return this.#readPacked(id, packed, wanted);
    const object = await this.#look(id);
    if (object === null) throw await this.#whyAbsent(id);
    const { size } = object;
    const range = clippedRange(wanted, size);
    if (!idFitsSize(id, size)) throw await this.#setAside(id, new DamageFound(`${id} has ${size} bytes`));
    try {
      const body = await openVerified(this.#bucket, this.#keys, { id, ...object }, range, this.#verified);
      return { size, range, body: this.#watchDamage(id, body) };
    } catch (thrown) {
      throw thrown instanceof DamageFound ? await this.#setAside(id, thrown) : thrown;
    }
  }

  /** Bytes that hash wrong are read once more: they may have been damaged on their way here. */
  async #readPacked(id: BlobId, first: Buffer, wanted?: ByteRange): Promise<BlobReading> {
    let bytes = first;
    if (hash('sha256', bytes, 'hex') !== hexOf(id)) bytes = (await this.#packs.read(id)) ?? bytes;
    if (hash('sha256', bytes, 'hex') !== hexOf(id)) throw await this.#damaged.setAsidePacked(id, bytes);
    const range = clippedRange(wanted, bytes.length);
    return { size: bytes.length, range, body: once(bytes.subarray(range.start, range.end)) };
  }

  async unverified(id: BlobId): Promise<UnverifiedBlob | null> {
    const packed = await this.#packs.read(id);
    if (packed !== null) return unverifiedBytes(packed);
    const object = await this.#places.find(id);
    return object && unverifiedObject(this.#bucket, object.key, object);
  }

  /** A short blob comes with the first question: most of those that are read here are short. */
  async #look(id: BlobId) {
    if (isWholeId(id)) {
      const key = this.#keys.blob(id);
      const object = await this.#bucket.peek(key, IN_MEMORY_MAX_BYTES);
      return object && { ...object, key };
    }
    const object = await this.#places.find(id);
    return object && { ...object, bytes: null };
  }

  async readSmall(ids: readonly BlobId[]): Promise<PackedBlob[]> {
    const { found, others } = await this.#packs.readMany(ids.filter(isWholeId));
    return [...found, ...(await readSmallByOne(this, others))];
  }

  async delete(id: BlobId): Promise<void> {
    await this.#remove(id);
    await this.#bucket.remove(this.#keys.corrupt(id));
  }
  async #remove(id: BlobId): Promise<void> {
    this.#known.remove(id);
    // It may be there twice: once by itself, once in a pack that came later.
    try {
      await this.#packs.remove(id);
      await this.#places.remove(id);
    } finally {
      // A list that was under way may have named it still.
      this.#known.remove(id);
    }
  }

  async *list(): AsyncGenerator<{ id: BlobId; size: number }> {
    yield* this.#packs.list();
    for await (const { key, size } of this.#bucket.list(this.#keys.blobs)) {
      const id = key.slice(key.lastIndexOf('/') + 1);
      if (isBlobId(id) && this.#packs.find(id) === null) yield { id, size };
    }
    yield* this.#places.list();
  }

  async close(): Promise<void> {
    await this.#end();
  }

  async #setAside(id: BlobId, cause: Error): Promise<Error> {
    this.#known.remove(id);
    return this.#damaged.setAside(id, cause);
  }

  async #whyAbsent(id: BlobId): Promise<Error> {
    this.#known.remove(id);
    return this.#damaged.whyAbsent(id);
  }

  async *#watchDamage(id: BlobId, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (thrown) {
      throw thrown instanceof DamageFound ? await this.#setAside(id, thrown) : thrown;
    }
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

function mismatch(id: BlobId, cause: unknown): Error {
  return transferErrors.TRANSFER_HASH_MISMATCH(`the bytes sent as ${id} hash to another id`, { cause });
}
