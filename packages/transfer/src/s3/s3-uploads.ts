/**
 * Uploads into a bucket: each is a multipart upload of S3, invisible until it is complete, and a record beside it that says
 * whose it is. S3 keeps the parts and tells which arrived, so nothing is remembered here that a restart could lose.
 *
 * An upload goes
 *   absent → open (record and multipart upload exist, parts arrive in any order)
 *   → proven (the listed parts are all there and hash to the id; the record says so)
 *   → done (the object is the blob; the record stays and proves the owner's right) → forgotten.
 * "Proven" is written before the object is made. Without it, an upload that vanished (an operator's rule for unfinished
 * uploads may drop it) beside a blob that another owner stored would look like one that was completed, and who only knows
 * a hash would get the bytes.
 *
 * An upload by a name of its sender's goes the same way, to a key drawn by lot. Its record says which blob it was found to be, and
 * the object is the blob's from when its place is written (blob-places.ts); forgotten before that, it is removed.
 *
 * Where the server checks composite SHA-256, parts go to the blob's own key and S3 itself refuses the whole when it does not
 * hash to the id. Elsewhere they go to a staging key; the finished object is read once, and copied to the blob's key inside
 * the server only when its bytes are right; such a store takes none by name.
 */
import { createHash } from 'node:crypto';
import { type BlobId, isBlobId, isUploadName, partCountOf } from '@croft/contract';
import { partSpan } from '../blob-hash.ts';
import { transferErrors } from '../errors.ts';
import type { DirectAddress } from '../store/blob-store.ts';
import type { DroppableUploads } from '../store/lost-uploads.ts';
import { PartSenders } from '../store/part-senders.ts';
import type { BlobPlaces } from './blob-places.ts';
import type { Bucket, StoredObject } from './bucket.ts';
import type { StoredPart } from './multipart-uploads.ts';
import { hashesOfObject, idOfParts, keepPartHashes } from './part-hashes.ts';
import { receiveTwin } from './receive-twin.ts';
import { isFailure } from './s3-failure.ts';
import type { RecordedUpload, S3Keys } from './s3-keys.ts';
import { type UploadRecord, UploadRecords } from './upload-records.ts';

export class S3Uploads implements DroppableUploads {
  readonly #bucket: Bucket;
  readonly #keys: S3Keys;
  readonly #places: BlobPlaces;
  readonly #mustRead: boolean;
  readonly #records: UploadRecords;
  readonly #senders = new PartSenders();
  readonly #completing = new Map<string, Promise<void>>();

  /** `mustRead`: finished uploads are read before they count. */
  constructor(bucket: Bucket, keys: S3Keys, places: BlobPlaces, mustRead: boolean) {
    this.#bucket = bucket;
    this.#keys = keys;
    this.#places = places;
    this.#mustRead = mustRead;
    this.#records = new UploadRecords(bucket, keys);
  }

  async partsArrived(upload: RecordedUpload): Promise<number[]> {
    const record = await this.#records.find(upload);
    if (record === null) return [];
    const all = Array.from({ length: partCountOf(upload.size) }, (_, part) => part);
    if (await this.#isDone(upload, record)) return all;
    const listed = await this.#bucket.uploads.list(record);
    if (listed !== null) return partsOf(listed, upload).map(({ number }) => number - 1);
    if ((await this.#made(upload, record)) !== null) return all;
    await this.#records.drop(upload, record);
    return [];
  }

  async putPart(
    upload: RecordedUpload,
    part: number,
    sha256Hex: string,
    body: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const size = sizeOfPart(upload, part);
    await this.#senders.run(this.#keys.upload(upload), part, async (stopped) => {
      const record = await this.#openRecord(upload);
      const sent = until(stopped, body);
      if (await this.#isDone(upload, record)) return receiveTwin(sent, size, sha256Hex);
      try {
        await this.#bucket.uploads.putPart(record, { number: part + 1, size, sha256Hex }, sent);
      } catch (thrown) {
        if (isFailure(thrown, 'mismatch'))
          throw transferErrors.TRANSFER_HASH_MISMATCH(
            `the bytes of part ${part} do not hash to what was promised`,
            { cause: thrown },
          );
        if (!isFailure(thrown, 'absent')) throw thrown;
        await this.#records.drop(upload, record);
        throw transferErrors.TRANSFER_PART_SUPERSEDED(`the upload of ${upload.id} begins anew`, {
          cause: thrown,
        });
      }
    });
  }

  async partAddress(upload: RecordedUpload, part: number, sha256Hex: string): Promise<DirectAddress> {
    const size = sizeOfPart(upload, part);
    const record = await this.#openRecord(upload);
    return this.#bucket.uploads.partAddress(record, { number: part + 1, size, sha256Hex });
  }

  /** `id`: the blob that the parts are said to make. */
  complete(upload: RecordedUpload, id: BlobId): Promise<void> {
    const place = this.#keys.upload(upload);
    // One after the other: who says at the same time that it is another blob must not hear of this one's success.
    const running = this.#completing.get(place) ?? Promise.resolve();
    const mine = running
      .catch(() => undefined)
      .then(() => this.#complete({ ...upload, blob: id }))
      .finally(() => {
        if (this.#completing.get(place) === mine) this.#completing.delete(place);
      });
    this.#completing.set(place, mine);
    return mine;
  }

  async forget(upload: RecordedUpload): Promise<void> {
    const record = await this.#records.find(upload);
    if (record === null) return;
    await this.#bucket.uploads.abort(record);
    if (await this.#isLeft(upload, record)) await this.#bucket.remove(record.key);
    await this.#records.drop(upload, record);
  }

  async dropUntouched(before: number): Promise<number> {
    let dropped = 0;
    for await (const { key, storedMs } of this.#bucket.list(this.#keys.uploads)) {
      const upload = uploadOf(key.slice(this.#keys.uploads.length));
      if (upload === null || storedMs >= before) continue;
      if (this.#senders.isBusy(key) || this.#completing.has(key)) continue;
      const record = await this.#records.find(upload);
      const parts = record === null ? null : await this.#bucket.uploads.list(record);
      if (parts?.some((part) => part.storedMs >= before)) continue;
      await this.forget(upload);
      dropped++;
    }
    return dropped;
  }

  async #complete(upload: EndingUpload): Promise<void> {
    const record = await this.#records.find(upload);
    if (record === null) throw incomplete(upload, 0);
    if (blobOf(upload, record) === upload.blob && (await this.#isDone(upload, record))) return;
    const listed = await this.#bucket.uploads.list(record);
    const parts = listed === null ? [] : partsOf(listed, upload);
    if (listed !== null && parts.length < partCountOf(upload.size)) throw incomplete(upload, parts.length);
    if (this.#mustRead) await this.#readAndCopy(upload, record, listed && parts);
    else if (listed === null) await this.#goOn(upload, record);
    else await this.#makeObject(upload, record, parts);
  }

  /** The multipart upload is gone: either the object was made of it before, or somebody dropped it. */
  async #goOn(upload: EndingUpload, record: UploadRecord): Promise<void> {
    if ((await this.#made(upload, record)) === null) {
      await this.#records.drop(upload, record);
      throw incomplete(upload, 0);
    }
    if (record.blob !== upload.blob) throw await this.#wrongParts(upload);
    await this.#places.add(upload.blob, upload.size, record.key);
  }

  /** The server checks: all parts' hashes are known, and it refuses a whole that does not hash to the id. */
  async #makeObject(upload: EndingUpload, record: UploadRecord, parts: StoredPart[]): Promise<void> {
    const { blob, size } = upload;
    const hashes = parts.map(({ sha256 }) => Buffer.from(sha256 ?? '', 'base64'));
    if (idOfParts(hashes, size, blob) !== blob) throw await this.#wrongParts(upload);
    await this.#records.prove(upload, record, blob);
    await keepPartHashes(this.#bucket, this.#keys, blob, hashes);
    if (await this.#isThere(blob, size)) return this.#bucket.uploads.abort(record);
    try {
      await this.#bucket.uploads.complete(record, parts, compositeBase64(hashes));
    } catch (thrown) {
      if (isFailure(thrown, 'mismatch')) throw await this.#wrongParts(upload);
      // Another owner was quicker, or an answer was lost.
      if (!isFailure(thrown, 'exists') && !isFailure(thrown, 'absent')) throw thrown;
      const proven = { ...record, blob, proven: true };
      if (upload.id !== blob && (await this.#made(upload, proven)) !== null)
        return this.#goOn(upload, proven);
      if (!(await this.#isThere(blob, size))) throw thrown;
      await this.#bucket.uploads.abort(record);
    }
    if (upload.id !== blob) await this.#places.add(blob, size, record.key);
  }

  /** `parts` is null where the staged object was made before, and only its reading was interrupted. */
  async #readAndCopy(upload: EndingUpload, record: UploadRecord, parts: StoredPart[] | null): Promise<void> {
    const { blob, size } = upload;
    if (parts !== null) await this.#bucket.uploads.complete(record, parts);
    const staged = await this.#made(upload, record);
    if (staged === null) {
      await this.#records.drop(upload, record);
      throw incomplete(upload, 0);
    }
    const hashes = await hashesOfObject(this.#bucket, record.key, staged);
    if (hashes === null || idOfParts(hashes, size, blob) !== blob) throw await this.#wrongParts(upload);
    await this.#records.prove(upload, record, blob);
    await keepPartHashes(this.#bucket, this.#keys, blob, hashes);
    if (!(await this.#isThere(blob, size)))
      await this.#bucket.copy(record.key, this.#keys.blob(blob), staged, partSpan(size, 0).length);
    await this.#bucket.remove(record.key);
  }

  #openRecord(upload: RecordedUpload): Promise<UploadRecord> {
    if (!isBlobId(upload.id)) return this.#records.open(upload, this.#places.newKey());
    const key = this.#mustRead
      ? this.#keys.staging({ ...upload, id: upload.id })
      : this.#keys.blob(upload.id);
    return this.#records.open(upload, key);
  }

  async #isDone(upload: RecordedUpload, record: UploadRecord): Promise<boolean> {
    const blob = blobOf(upload, record);
    return record.proven && blob !== null && (await this.#isThere(blob, upload.size));
  }

  async #isThere(blob: BlobId, size: number): Promise<boolean> {
    return (await this.#places.find(blob))?.size === size;
  }

  /** The object that the parts became where it is not the blob's own yet. */
  async #made(upload: RecordedUpload, record: UploadRecord): Promise<StoredObject | null> {
    if (isBlobId(upload.id) && !this.#mustRead) return null;
    const made = await this.#bucket.head(record.key);
    return made?.size === upload.size ? made : null;
  }

  /** Whether the record's object is, or may be, there and nobody's. */
  async #isLeft(upload: RecordedUpload, record: UploadRecord): Promise<boolean> {
    if (isBlobId(upload.id)) return this.#mustRead;
    return record.blob !== undefined && (await this.#places.keyOf(record.blob)) !== record.key;
  }

  async #wrongParts(upload: EndingUpload): Promise<Error> {
    await this.forget(upload);
    return transferErrors.TRANSFER_HASH_MISMATCH(`the parts sent for ${upload.blob} hash to another id`);
  }
}

/** An upload, and the blob that it is said to be. */
interface EndingUpload extends RecordedUpload {
  readonly blob: BlobId;
}

/** The blob of an upload; null while it has only a name. */
function blobOf({ id }: RecordedUpload, { blob }: UploadRecord): BlobId | null {
  return isBlobId(id) ? id : (blob ?? null);
}

function sizeOfPart(upload: RecordedUpload, part: number): number {
  if (!Number.isInteger(part) || part < 0 || part >= partCountOf(upload.size)) {
    throw transferErrors.TRANSFER_BAD_REQUEST(`there is no part ${part} in a blob of ${upload.size} bytes`);
  }
  return partSpan(upload.size, part).length;
}

/** Those of the listed parts that have the length that parts of this blob have, in order. */
function partsOf(listed: readonly StoredPart[], upload: RecordedUpload): StoredPart[] {
  const count = partCountOf(upload.size);
  return listed
    .filter(({ number, size }) => number <= count && size === partSpan(upload.size, number - 1).length)
    .sort((a, b) => a.number - b.number);
}

function incomplete(upload: RecordedUpload, arrived: number): Error {
  const count = partCountOf(upload.size);
  return transferErrors.TRANSFER_UPLOAD_INCOMPLETE(
    `${count - arrived} of ${count} parts of ${upload.id} are missing`,
  );
}

/** What S3 says of the whole: SHA-256 over the parts' SHA-256s, also where there is one part only. */
function compositeBase64(hashes: readonly Buffer[]): string {
  const outer = createHash('sha256');
  for (const hash of hashes) outer.update(hash);
  return outer.digest('base64');
}

/** `owner/id.size` as in the key of a record; the id may be a name. */
function uploadOf(name: string): RecordedUpload | null {
  const [owner = '', rest = ''] = name.split('/');
  const dot = rest.lastIndexOf('.');
  const id = rest.slice(0, dot);
  const size = Number(rest.slice(dot + 1));
  return (isBlobId(id) || isUploadName(id)) && Number.isSafeInteger(size) ? { owner, id, size } : null;
}

async function* until(
  stopped: () => Error | null,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    const why = stopped();
    if (why !== null) throw why;
    yield chunk;
  }
}
