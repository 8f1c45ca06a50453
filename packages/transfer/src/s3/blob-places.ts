/**
 * Which object of the bucket a long blob is. One that was sent by its id lies under it (`blobs/`). One whose id was known only when
 * all was sent lies where its parts were put together (`long/<number>`), because copying it to its own name would cost the S3
 * server as much as receiving it once more; an empty object, `places/ab/<id>.<size>.<number>`, says so. It is written when the
 * bytes are durable, and removed after them: so a place without bytes is possible, and is no blob; bytes that
 * nothing points at are their upload's (s3-uploads.ts).
 *
 * Two senders that complete the same blob in the same moment may make two places. The first by name counts; removing the
 * blob removes all.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { BlobId } from '@croft/contract';
import { isWholeId } from '../blob-hash.ts';
import { inLanes } from '../client/lanes.ts';
import type { Bucket, StoredObject } from './bucket.ts';
import type { S3Keys } from './s3-keys.ts';

export interface PlacedObject extends StoredObject {
  readonly key: string;
}

const REMEMBERED = 10_000;
/** Up to here each blob is asked for by itself. */
const FEW_IDS = 500;
const REQUESTS_AT_ONCE = 32;
const NOTHING_SHA256 = createHash('sha256').digest('hex');

export class BlobPlaces {
  readonly #bucket: Bucket;
  readonly #keys: S3Keys;
  /** Where long blobs were seen last. */
  readonly #remembered = new Map<BlobId, string>();

  constructor(bucket: Bucket, keys: S3Keys) {
    this.#bucket = bucket;
    this.#keys = keys;
  }

  /** The object of a blob; null where there is none. */
  async find(id: BlobId): Promise<PlacedObject | null> {
    const own = this.#keys.blob(id);
    const first = this.#remembered.get(id) ?? own;
    const found = await this.#at(id, first);
    if (found !== null || isWholeId(id)) return found;
    for await (const { key } of this.#placesOf(id)) {
      const placed = await this.#at(id, key);
      if (placed !== null) return placed;
    }
    return first === own ? null : this.#at(id, own);
  }

  /** Those of the long blobs, none of them under its own name, that lie elsewhere. */
  async among(ids: readonly BlobId[]): Promise<Set<BlobId>> {
    const found = new Set<BlobId>();
    if (ids.length <= FEW_IDS)
      await inLanes(ids, REQUESTS_AT_ONCE, async (id) => {
        for await (const { key } of this.#placesOf(id)) if ((await this.#at(id, key)) !== null) found.add(id);
      });
    else {
      // They are few in all, so that a list of all places of a shard is cheaper than a question each.
      const wanted = new Set(ids);
      const shards = new Set(ids.map((id) => this.#keys.placesBeside(id)));
      await inLanes(shards, REQUESTS_AT_ONCE, async (shard) => {
        for await (const { key: place } of this.#bucket.list(shard)) {
          const id = this.#keys.placeOf(place)?.id;
          if (id !== undefined && wanted.has(id)) found.add(id);
        }
      });
    }
    return found;
  }

  /** The key of a blob that is there. */
  async keyOf(id: BlobId): Promise<string> {
    const own = this.#keys.blob(id);
    if (isWholeId(id)) return own;
    return this.#remembered.get(id) ?? (await this.find(id))?.key ?? own;
  }

  /** A key for a long blob that has no id yet. */
  newKey(): string {
    return this.#keys.long(randomBytes(16).toString('hex'));
  }

  /** Says that the object of that key is the blob. */
  async add(id: BlobId, size: number, key: string): Promise<void> {
    const place = this.#keys.place(id, size, key);
    await this.#bucket.put(place, new Uint8Array(0), NOTHING_SHA256, { onlyNew: false });
    this.#remember(id, key);
  }

  /** Removes the blob wherever it lies, and what is kept beside a long one. */
  async remove(id: BlobId): Promise<void> {
    this.#remembered.delete(id);
    await this.#bucket.remove(this.#keys.blob(id));
    if (isWholeId(id)) return;
    await this.#bucket.remove(this.#keys.hashes(id));
    for await (const { key, place } of this.#placesOf(id)) {
      await this.#bucket.remove(key);
      await this.#bucket.remove(place);
    }
  }

  /** Every blob that lies under another name than its own. */
  async *list(): AsyncGenerator<{ id: BlobId; size: number }> {
    let last = '';
    for await (const { key: place } of this.#bucket.list(this.#keys.places)) {
      const read = this.#keys.placeOf(place);
      if (read === null || read.id === last) continue;
      last = read.id;
      yield { id: read.id, size: read.size };
    }
  }

  async *#placesOf(id: BlobId): AsyncGenerator<{ key: string; place: string }> {
    for await (const { key: place } of this.#bucket.list(this.#keys.placesOf(id))) {
      const read = this.#keys.placeOf(place);
      if (read !== null) yield { key: read.key, place };
    }
  }

  async #at(id: BlobId, key: string): Promise<PlacedObject | null> {
    const object = await this.#bucket.head(key);
    if (object === null) this.#remembered.delete(id);
    else if (!isWholeId(id)) this.#remember(id, key);
    return object && { ...object, key };
  }

  #remember(id: BlobId, key: string): void {
    this.#remembered.delete(id);
    this.#remembered.set(id, key);
    if (this.#remembered.size <= REMEMBERED) return;
    for (const oldest of this.#remembered.keys()) {
      this.#remembered.delete(oldest);
      return;
    }
  }
}
