/**
 * What lies where in the bucket, below the place's folder. A format: it stays.
 *
 *   croft-store.json               {"format": 1, "store": UUID}: whose bytes these are
 *   blobs/ab/<blob id>             a blob that came by itself or has over 1 MiB. Immutable. Long ones are multipart objects whose parts are the id's parts, so
 *                                  that the object's composite SHA-256 is the id
 *   packs/<12 hex digits>          short blobs that arrived together: pack-object.ts. Immutable
 *   long/<32 hex digits>           a long blob that came by a name of its sender's. Immutable, as those in blobs/
 *   places/ab/<id>.<size>.<32 hex> empty: that blob is `long/<32 hex>`: blob-places.ts
 *   hashes/ab/<blob id>            the raw SHA-256s of a long blob's parts, 32 bytes each; they hash to the id
 *   uploads/<owner>/<id>.<size>    an upload under way or done, by the blob's id or its sender's name: s3-uploads.ts
 *   staging/<owner>/<id>.<size>    an upload whose bytes must be read before they count
 *   corrupt/ab/<blob id>           a blob whose bytes were found damaged
 *   probe/<uuid>                   what the server can do is tried out here; gone a moment later
 *
 * One farm at a time uses a folder of a bucket, and knows from an index in its home which short blobs lie in which pack.
 */
import { type BlobId, isBlobId, type UploadName } from '@croft/contract';
import { hexOf } from '../blob-hash.ts';
import type { UploadRef } from '../store/blob-store.ts';

/** An upload by the id of its blob, or by a name of its sender's. */
export interface RecordedUpload {
  readonly owner: string;
  readonly id: BlobId | UploadName;
  readonly size: number;
}

export class S3Keys {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  get marker(): string {
    return `${this.#prefix}croft-store.json`;
  }
  get blobs(): string {
    return `${this.#prefix}blobs/`;
  }
  get uploads(): string {
    return `${this.#prefix}uploads/`;
  }
  get packs(): string {
    return `${this.#prefix}packs/`;
  }
  pack(pack: number): string {
    return `${this.packs}${pack.toString(16).padStart(12, '0')}`;
  }
  /** The number of the pack that has this key; null where the key is none of a pack. */
  packOf(key: string): number | null {
    const name = key.slice(this.packs.length);
    return /^[0-9a-f]{12}$/.test(name) ? Number.parseInt(name, 16) : null;
  }
  blob(id: BlobId): string {
    return `${this.blobs}${sorted(id)}`;
  }
  long(number: string): string {
    return `${this.#prefix}long/${number}`;
  }
  get places(): string {
    return `${this.#prefix}places/`;
  }
  /** Where the places of all blobs are whose ids begin like this one. */
  placesBeside(id: BlobId): string {
    return this.placesOf(id).slice(0, -`${id}.`.length);
  }
  placesOf(id: BlobId): string {
    return `${this.places}${sorted(id)}.`;
  }
  place(id: BlobId, size: number, longKey: string): string {
    return `${this.placesOf(id)}${size}.${longKey.slice(longKey.lastIndexOf('/') + 1)}`;
  }
  /** What the key of a place says; null where it is none. */
  placeOf(key: string): { id: BlobId; size: number; key: string } | null {
    const [id, size, number = ''] = key.slice(key.lastIndexOf('/') + 1).split('.');
    if (!isBlobId(id) || !Number.isSafeInteger(Number(size)) || !/^[0-9a-f]{32}$/.test(number)) return null;
    return { id, size: Number(size), key: this.long(number) };
  }
  hashes(id: BlobId): string {
    return `${this.#prefix}hashes/${sorted(id)}`;
  }
  corrupt(id: BlobId): string {
    return `${this.#prefix}corrupt/${sorted(id)}`;
  }
  upload({ owner, id, size }: RecordedUpload): string {
    return `${this.uploads}${owner}/${id}.${size}`;
  }
  staging({ owner, id, size }: UploadRef): string {
    return `${this.#prefix}staging/${owner}/${id}.${size}`;
  }
  probe(name: string): string {
    return `${this.#prefix}probe/${name}`;
  }
}

function sorted(id: BlobId): string {
  return `${hexOf(id).slice(0, 2)}/${id}`;
}
