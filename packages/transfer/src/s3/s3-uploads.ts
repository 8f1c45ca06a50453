/**
 * Uploads into a bucket: each is a multipart upload of S3, invisible until it is complete, and a record beside it that says
 * whose it is. S3 keeps the parts and tells which arrived, so nothing is remembered here that a restart could lose.
 *
 * An upload goes
 *   absent → open (record and multipart upload exist, parts arrive in any order)
 *   → proven (the listed parts are all there and hash to the id; the record says so)
 *   → done (the object exists under the blob's name; the record stays and proves the owner's right) → forgotten.
 * "Proven" is written before the object is made. Without it, an upload that vanished (an operator's rule for unfinished
 * uploads may drop it) beside a blob that another owner stored would look like one that was completed, and who only knows
 * a hash would get the bytes.
 *
 * Where the server checks composite SHA-256, parts go to the blob's own key and S3 itself refuses the whole when it does not
 * hash to the id. Elsewhere they go to a staging key; the finished object is read once, and copied to the blob's key inside
 * the server only when its bytes are right.
 */
import { createHash } from 'node:crypto';
import { type BlobId, isBlobId, partCountOf } from '@croft/contract';
import { partSpan } from '../blob-hash.ts';
import type { DirectAddress, UploadRef } from '../blob-store.ts';
import { transferErrors } from '../errors.ts';
import type { DroppableUploads } from '../lost-uploads.ts';
import { PartSenders } from '../part-senders.ts';
import type { Bucket } from './bucket.ts';
import type { StoredPart } from './multipart-uploads.ts';
import { hashesOfObject, idOfParts, keepPartHashes } from './part-hashes.ts';
import { receiveTwin } from './receive-twin.ts';
import { isFailure } from './s3-failure.ts';
import type { S3Keys } from './s3-keys.ts';
import { type UploadRecord, UploadRecords } from './upload-records.ts';

export class S3Uploads implements DroppableUploads {
  readonly #bucket: Bucket;
  readonly #keys: S3Keys;
  readonly #mustRead: boolean;
  readonly #records: UploadRecords;
  readonly #senders = new PartSenders();
  readonly #completing = new Map<string, Promise<void>>();

  /** `mustRead`: finished uploads are read before they count. */
  constructor(bucket: Bucket, keys: S3Keys, mustRead: boolean) {
    this.#bucket = bucket;
    this.#keys = keys;
    this.#mustRead = mustRead;
    this.#records = new UploadRecords(bucket, keys);
  }

  async partsArrived(upload: UploadRef): Promise<number[]> {
    const record = await this.#records.find(upload);
    if (record === null) return [];
    const all = Array.from({ length: partCountOf(upload.size) }, (_, part) => part);
    if (record.proven && (await this.#isDone(upload))) return all;
    const listed = await this.#bucket.uploads.list(record);
    if (listed !== null) return partsOf(listed, upload).map(({ number }) => number - 1);
    if ((await this.#staged(upload)) !== null) return all;
    await this.#records.drop(upload, record);
    return [];
  }

  async putPart(
    upload: UploadRef,
    part: number,
    sha256Hex: string,
    body: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const size = sizeOfPart(upload, part);
    await this.#senders.run(this.#keys.upload(upload), part, async (stopped) => {
      const record = await this.#openRecord(upload);
      const sent = until(stopped, body);
      if (record.proven && (await this.#isDone(upload))) return receiveTwin(sent, size, sha256Hex);
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

  async partAddress(upload: UploadRef, part: number, sha256Hex: string): Promise<DirectAddress> {
    const size = sizeOfPart(upload, part);
    const record = await this.#openRecord(upload);
    return this.#bucket.uploads.partAddress(record, { number: part + 1, size, sha256Hex });
  }

  complete(upload: UploadRef): Promise<void> {
    const place = this.#keys.upload(upload);
    const running = this.#completing.get(place);
    if (running !== undefined) return running;
    const mine = this.#complete(upload).finally(() => this.#completing.delete(place));
    this.#completing.set(place, mine);
    return mine;
  }

  async forget(upload: UploadRef): Promise<void> {
    const record = await this.#records.find(upload);
    if (record === null) return;
    await this.#bucket.uploads.abort(record);
    if (this.#mustRead) await this.#bucket.remove(this.#keys.staging(upload));
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

  async #complete(upload: UploadRef): Promise<void> {
    const record = await this.#records.find(upload);
    if (record === null) throw incomplete(upload, 0);
    if (record.proven && (await this.#isDone(upload))) return;
    const listed = await this.#bucket.uploads.list(record);
    const parts = listed === null ? [] : partsOf(listed, upload);
    if (listed !== null && parts.length < partCountOf(upload.size)) throw incomplete(upload, parts.length);
    if (this.#mustRead) await this.#readAndCopy(upload, record, listed && parts);
    else await this.#makeObject(upload, record, parts);
  }

  /** The server checks: all parts' hashes are known, and it refuses a whole that does not hash to the id. */
  async #makeObject(upload: UploadRef, record: UploadRecord, parts: StoredPart[]): Promise<void> {
    if (parts.length === 0) {
      await this.#records.drop(upload, record);
      throw incomplete(upload, 0);
    }
    const hashes = parts.map(({ sha256 }) => Buffer.from(sha256 ?? '', 'base64'));
    if (idOfParts(hashes, upload.size, upload.id) !== upload.id) throw await this.#wrongParts(upload);
    await this.#records.prove(upload, record);
    await keepPartHashes(this.#bucket, this.#keys, upload.id, hashes);
    if (await this.#isDone(upload)) return this.#bucket.uploads.abort(record);
    try {
      await this.#bucket.uploads.complete(record, parts, compositeBase64(hashes));
    } catch (thrown) {
      if (isFailure(thrown, 'mismatch')) throw await this.#wrongParts(upload);
      // Another owner was quicker, or an answer was lost.
      const isThere = isFailure(thrown, 'exists') || isFailure(thrown, 'absent');
      if (!isThere || !(await this.#isDone(upload))) throw thrown;
      await this.#bucket.uploads.abort(record);
    }
  }

  /** `parts` is null where the staged object was made before, and only its reading was interrupted. */
  async #readAndCopy(upload: UploadRef, record: UploadRecord, parts: StoredPart[] | null): Promise<void> {
    if (parts !== null) await this.#bucket.uploads.complete(record, parts);
    const from = this.#keys.staging(upload);
    const staged = await this.#staged(upload);
    if (staged === null) {
      await this.#records.drop(upload, record);
      throw incomplete(upload, 0);
    }
    const hashes = await hashesOfObject(this.#bucket, from, staged);
    if (hashes === null || idOfParts(hashes, upload.size, upload.id) !== upload.id)
      throw await this.#wrongParts(upload);
    await this.#records.prove(upload, record);
    await keepPartHashes(this.#bucket, this.#keys, upload.id, hashes);
    if (!(await this.#isDone(upload)))
      await this.#bucket.copy(from, this.#keys.blob(upload.id), staged, partSpan(upload.size, 0).length);
    await this.#bucket.remove(from);
  }

  #openRecord(upload: UploadRef): Promise<UploadRecord> {
    const key = this.#mustRead ? this.#keys.staging(upload) : this.#keys.blob(upload.id);
    return this.#records.open(upload, key);
  }

  async #isDone({ id, size }: UploadRef): Promise<boolean> {
    return (await this.#bucket.head(this.#keys.blob(id)))?.size === size;
  }

  async #staged(upload: UploadRef) {
    if (!this.#mustRead) return null;
    const staged = await this.#bucket.head(this.#keys.staging(upload));
    return staged?.size === upload.size ? staged : null;
  }

  async #wrongParts(upload: UploadRef): Promise<Error> {
    await this.forget(upload);
    return transferErrors.TRANSFER_HASH_MISMATCH(`the parts sent for ${upload.id} hash to another id`);
  }
}

function sizeOfPart(upload: UploadRef, part: number): number {
  if (!Number.isInteger(part) || part < 0 || part >= partCountOf(upload.size)) {
    throw transferErrors.TRANSFER_BAD_REQUEST(`there is no part ${part} in a blob of ${upload.size} bytes`);
  }
  return partSpan(upload.size, part).length;
}

/** Those of the listed parts that have the length that parts of this blob have, in order. */
function partsOf(listed: readonly StoredPart[], upload: UploadRef): StoredPart[] {
  const count = partCountOf(upload.size);
  return listed
    .filter(({ number, size }) => number <= count && size === partSpan(upload.size, number - 1).length)
    .sort((a, b) => a.number - b.number);
}

function incomplete(upload: UploadRef, arrived: number): Error {
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

/** `owner/id.size` as in the key of a record. */
function uploadOf(name: string): UploadRef | null {
  const [owner = '', rest = ''] = name.split('/');
  const dot = rest.lastIndexOf('.');
  const id = rest.slice(0, dot);
  const size = Number(rest.slice(dot + 1));
  return isBlobId(id) && Number.isSafeInteger(size) ? { owner, id: id as BlobId, size } : null;
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
