/**
 * The BlobStore in a bucket of an S3 server. What lies where: s3-keys.ts; how uploads go: s3-uploads.ts; how short blobs are
 * kept: pack-objects.ts; how blobs are read: s3-verified-read.ts. The server itself checks what it gets: bytes that do not hash to what was promised, and a second
 * object under a key, are refused by it. Durable is what it answered.
 */
import { createHash, hash } from 'node:crypto';
import { type BlobId, type Clock, isBlobId, KiB, type Log, partSizeOf, systemClock } from '@croft/contract';
import * as z from 'zod';
import { hexOf, idFitsSize, isWholeId, WHOLE_MAX_BYTES } from '../blob-hash.ts';
import type {
  BlobReading,
  BlobStore,
  ByteRange,
  DirectAccess,
  UnverifiedBlob,
  UploadRef,
} from '../blob-store.ts';
import { checkedUpload, clippedRange } from '../checked-upload.ts';
import { inLanes } from '../client/lanes.ts';
import { DamageFound } from '../damage-found.ts';
import { transferErrors } from '../errors.ts';
import { dropLostUploads } from '../lost-uploads.ts';
import type { PackedBlob } from '../pack.ts';
import { readSmallByOne } from '../read-small.ts';
import { unverifiedBytes } from '../unverified-blob.ts';
import { VerifiedParts } from '../verified-parts.ts';
import { Bucket } from './bucket.ts';
import { KnownBlobs } from './known-blobs.ts';
import { PackCare } from './pack-care.ts';
import { PACKED_MAX_BYTES, PackObjects } from './pack-objects.ts';
import { presentBlobs } from './present-blobs.ts';
import { probeBucket } from './probe-bucket.ts';
import { receiveTwin } from './receive-twin.ts';
import { S3Connection, type S3Credentials } from './s3-connection.ts';
import { isFailure, S3Failure } from './s3-failure.ts';
import { S3Keys } from './s3-keys.ts';
import { nameOfPlace, type S3Place } from './s3-place.ts';
import { S3Uploads } from './s3-uploads.ts';
import { IN_MEMORY_MAX_BYTES, openVerified, unverifiedObject } from './s3-verified-read.ts';

export interface S3BlobStoreOptions {
  place: S3Place;
  /** null: found as Amazon's tools do. */
  credentials: S3Credentials | null;
  /** Names the farm's store, a UUID: a bucket that bears another name is another farm's, TRANSFER_STORE_OTHER. */
  storeId: string;
  /** The file that says which short blobs lie where in the bucket; made anew from the bucket where it is lost. */
  indexFile: string;
  log: Log;
  /** Tells when an unfinished upload is forgotten; default the system's. */
  clock?: Clock;
}

const markerSchema = z.object({ format: z.literal(1), store: z.string() });
const MARKER_MAX_BYTES = 4 * KiB;

const WRITES_AT_ONCE = 16;

/** TRANSFER_STORE_REFUSED, TRANSFER_STORE_UNREACHABLE or TRANSFER_STORE_OTHER before anything is stored. */
export async function openS3BlobStore(options: S3BlobStoreOptions): Promise<BlobStore> {
  const { place, log, storeId, clock = systemClock } = options;
  const s3 = new S3Connection(place, options.credentials, clock, log);
  const bucket = new Bucket(s3);
  try {
    const keys = new S3Keys(place.prefix);
    const abilities = await probeBucket(s3, bucket, keys);
    await claim(bucket, keys, storeId, place);
    const mustRead = place.readBack || !abilities.compositeSha256;
    log.info({ place: nameOfPlace(place), ...abilities, mustRead }, 'bytes are kept in a bucket');
    const uploads = new S3Uploads(bucket, keys, mustRead);
    const packs = await openPacks(bucket, keys, options);
    const stopDropping = await dropLostUploads(uploads, clock, log);
    const care = new PackCare(packs, clock, log);
    const end = async () => {
      stopDropping();
      await care.stop();
      packs.close();
      s3.close();
    };
    return new S3BlobStore({ bucket, keys, packs, uploads, clock, log, isDirect: place.direct, end });
  } catch (thrown) {
    s3.close();
    if (!(thrown instanceof S3Failure)) throw thrown;
    throw transferErrors.TRANSFER_STORE_REFUSED(
      `the S3 server cannot do what a store needs: ${thrown.message}`,
      {
        cause: thrown,
      },
    );
  }
}

async function openPacks(bucket: Bucket, keys: S3Keys, { indexFile, log }: S3BlobStoreOptions) {
  const packs = new PackObjects(bucket, keys, indexFile, log);
  try {
    await packs.lookThrough();
    return packs;
  } catch (thrown) {
    packs.close();
    throw thrown;
  }
}

/** Makes sure that the bucket's folder is this store's: two farms in one would collect each other's bytes. */
async function claim(bucket: Bucket, keys: S3Keys, storeId: string, place: S3Place): Promise<void> {
  const bytes = Buffer.from(JSON.stringify({ format: 1, store: storeId }));
  const sha256Hex = createHash('sha256').update(bytes).digest('hex');
  let raw = await bucket.readAll(keys.marker, MARKER_MAX_BYTES);
  if (raw === null) {
    await bucket.put(keys.marker, bytes, sha256Hex, { onlyNew: true }).catch((thrown) => {
      if (!isFailure(thrown, 'exists')) throw thrown;
    });
    raw = await bucket.readAll(keys.marker, MARKER_MAX_BYTES);
  }
  const marker = markerSchema.safeParse(JSON.parse(raw?.toString('utf8') ?? 'null'));
  if (marker.success && marker.data.store === storeId) return;
  throw transferErrors.TRANSFER_STORE_OTHER(`${nameOfPlace(place)} holds the bytes of another farm`, {
    hint: 'Give each farm a bucket, or a folder in a bucket, of its own: s3://bucket/folder.',
  });
}

interface StoreParts {
  readonly bucket: Bucket;
  readonly keys: S3Keys;
  readonly packs: PackObjects;
  readonly uploads: S3Uploads;
  readonly clock: Clock;
  readonly log: Log;
  readonly isDirect: boolean;
  readonly end: () => Promise<void>;
}

class S3BlobStore implements BlobStore {
  readonly direct: DirectAccess | null;
  /** Parts go to the key of their blob, which only its id names. */
  readonly named = null;
  readonly #bucket: Bucket;
  readonly #keys: S3Keys;
  readonly #packs: PackObjects;
  readonly #uploads: S3Uploads;
  readonly #known: KnownBlobs;
  readonly #verified: VerifiedParts;
  readonly #log: Log;
  readonly #end: () => Promise<void>;

  constructor({ bucket, keys, packs, uploads, clock, log, isDirect, end }: StoreParts) {
    this.#bucket = bucket;
    this.#keys = keys;
    this.#packs = packs;
    this.#uploads = uploads;
    this.#known = new KnownBlobs(clock);
    this.#verified = new VerifiedParts(clock);
    this.#log = log;
    this.#end = end;
    this.direct = isDirect
      ? {
          partAddress: async (upload, part, sha256Hex) =>
            uploads.partAddress(checkedUpload(upload, true), part, sha256Hex),
          blobAddress: async (id) => (packs.find(id) === null ? bucket.readAddress(keys.blob(id)) : null),
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
    for (const id of await presentBlobs(this.#bucket, this.#keys, unknown, know)) {
      know(id);
      found.add(id);
    }
    return found;
  }

  async stat(id: BlobId): Promise<{ size: number } | null> {
    const place = this.#packs.find(id);
    if (place !== null) return { size: place.size };
    const object = await this.#bucket.head(this.#keys.blob(id));
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
    await this.#uploads.complete(checkedUpload(upload, true));
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
    if (hash('sha256', bytes, 'hex') !== hexOf(id)) throw await this.#setAsidePacked(id, bytes);
    const range = clippedRange(wanted, bytes.length);
    return { size: bytes.length, range, body: once(bytes.subarray(range.start, range.end)) };
  }

  async unverified(id: BlobId): Promise<UnverifiedBlob | null> {
    const packed = await this.#packs.read(id);
    if (packed !== null) return unverifiedBytes(packed);
    const key = this.#keys.blob(id);
    const object = await this.#bucket.head(key);
    return object && unverifiedObject(this.#bucket, key, object);
  }

  /** A short blob comes with the first question: most of those that are read here are short. */
  async #look(id: BlobId) {
    const key = this.#keys.blob(id);
    if (isWholeId(id)) return this.#bucket.peek(key, IN_MEMORY_MAX_BYTES);
    const object = await this.#bucket.head(key);
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
    await this.#packs.remove(id);
    // It may be there twice: once by itself, once in a pack that came later.
    try {
      await this.#bucket.remove(this.#keys.blob(id));
    } finally {
      // A list that was under way may have named it still.
      this.#known.remove(id);
    }
    if (!isWholeId(id)) await this.#bucket.remove(this.#keys.hashes(id));
  }

  async *list(): AsyncGenerator<{ id: BlobId; size: number }> {
    yield* this.#packs.list();
    for await (const { key, size } of this.#bucket.list(this.#keys.blobs)) {
      const id = key.slice(key.lastIndexOf('/') + 1);
      if (isBlobId(id) && this.#packs.find(id) === null) yield { id, size };
    }
  }

  async close(): Promise<void> {
    await this.#end();
  }

  async *#watchDamage(id: BlobId, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (thrown) {
      throw thrown instanceof DamageFound ? await this.#setAside(id, thrown) : thrown;
    }
  }

  /** The damaged bytes are kept under another key: they are the last copy, and may be good for most of it. */
  async #setAside(id: BlobId, cause: Error): Promise<Error> {
    this.#log.error({ err: cause, blob: id }, 'a stored blob is damaged; set aside');
    const object = await this.#bucket.head(this.#keys.blob(id));
    try {
      if (object !== null)
        await this.#bucket.copy(this.#keys.blob(id), this.#keys.corrupt(id), object, partSizeOf(object.size));
      await this.#remove(id);
    } catch (err) {
      // Then it stays where it is: each reading finds the damage again.
      this.#log.error({ err, blob: id }, 'a damaged blob could not be set aside');
    }
    return transferErrors.TRANSFER_BLOB_CORRUPT(`the stored bytes of ${id} are damaged`, { cause });
  }

  async #setAsidePacked(id: BlobId, bytes: Buffer): Promise<Error> {
    this.#log.error({ blob: id }, 'a packed blob is damaged; set aside');
    try {
      const sha256Hex = hash('sha256', bytes, 'hex');
      await this.#bucket.put(this.#keys.corrupt(id), bytes, sha256Hex, { onlyNew: false });
      await this.#packs.remove(id);
    } catch (err) {
      this.#log.error({ err, blob: id }, 'a damaged blob could not be set aside');
    }
    return transferErrors.TRANSFER_BLOB_CORRUPT(`the stored bytes of ${id} are damaged`);
  }

  async #whyAbsent(id: BlobId): Promise<Error> {
    this.#known.remove(id);
    if ((await this.#bucket.head(this.#keys.corrupt(id))) !== null)
      return transferErrors.TRANSFER_BLOB_CORRUPT(`the stored bytes of ${id} were damaged and set aside`);
    return transferErrors.TRANSFER_NOT_FOUND(`there is no blob ${id}`);
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

function mismatch(id: BlobId, cause: unknown): Error {
  return transferErrors.TRANSFER_HASH_MISMATCH(`the bytes sent as ${id} hash to another id`, { cause });
}
