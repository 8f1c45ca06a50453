/**
 * The record of an upload: a short object beside the multipart upload, {"uploadId", "key", "proven", "blob"}. Its key names
 * owner, blob (or the sender's name for it) and size, so two owners that send the same bytes have uploads of their own. What was read is remembered, since every
 * part asks.
 */
import { createHash } from 'node:crypto';
import { type BlobId, isBlobId, KiB } from '@croft/contract';
import * as z from 'zod';
import type { Bucket } from './bucket.ts';
import { isFailure } from './s3-failure.ts';
import type { RecordedUpload, S3Keys } from './s3-keys.ts';

const recordSchema = z.object({
  uploadId: z.string().min(1),
  key: z.string().min(1),
  proven: z.boolean(),
  /** Which blob it was found to be; absent where the upload has the blob's id. */
  blob: z.custom<BlobId>(isBlobId).optional(),
});
export type UploadRecord = z.infer<typeof recordSchema>;

const RECORD_MAX_BYTES = 16 * KiB;
const REMEMBERED = 1000;

export class UploadRecords {
  readonly #bucket: Bucket;
  readonly #keys: S3Keys;
  readonly #remembered = new Map<string, UploadRecord>();
  readonly #opening = new Map<string, Promise<UploadRecord>>();

  constructor(bucket: Bucket, keys: S3Keys) {
    this.#bucket = bucket;
    this.#keys = keys;
  }

  async find(upload: RecordedUpload): Promise<UploadRecord | null> {
    const place = this.#keys.upload(upload);
    const known = this.#remembered.get(place);
    if (known !== undefined) return known;
    const raw = await this.#bucket.readAll(place, RECORD_MAX_BYTES);
    if (raw === null) return null;
    const record = recordSchema.parse(JSON.parse(raw.toString('utf8')));
    this.#remember(place, record);
    return record;
  }

  /** The record of the upload; begins a multipart upload at `key` where there is none. */
  open(upload: RecordedUpload, key: string): Promise<UploadRecord> {
    const place = this.#keys.upload(upload);
    const running = this.#opening.get(place);
    if (running !== undefined) return running;
    const mine = this.#open(upload, key).finally(() => this.#opening.delete(place));
    this.#opening.set(place, mine);
    return mine;
  }

  /** Notes that the parts are all there and hash to the id of this blob. */
  async prove(upload: RecordedUpload, record: UploadRecord, blob: BlobId): Promise<void> {
    const named = upload.id === blob ? {} : { blob };
    await this.#write(upload, { ...record, ...named, proven: true }, false);
  }

  /** Drops this record, not one that began anew since. */
  async drop(upload: RecordedUpload, { uploadId }: UploadRecord): Promise<void> {
    if ((await this.find(upload))?.uploadId !== uploadId) return;
    this.#remembered.delete(this.#keys.upload(upload));
    await this.#bucket.remove(this.#keys.upload(upload));
  }

  async #open(upload: RecordedUpload, key: string): Promise<UploadRecord> {
    const known = await this.find(upload);
    if (known !== null) return known;
    const uploadId = await this.#bucket.uploads.begin(key);
    const mine = { uploadId, key, proven: false };
    try {
      await this.#write(upload, mine, true);
      return mine;
    } catch (thrown) {
      if (!isFailure(thrown, 'exists')) throw thrown;
    }
    // Another process of this farm was quicker, or the answer to our own record was lost.
    const theirs = await this.find(upload);
    if (theirs?.uploadId !== uploadId) await this.#bucket.uploads.abort(mine);
    return theirs ?? this.#open(upload, key);
  }

  async #write(upload: RecordedUpload, record: UploadRecord, onlyNew: boolean): Promise<void> {
    const place = this.#keys.upload(upload);
    const bytes = Buffer.from(JSON.stringify(record));
    await this.#bucket.put(place, bytes, createHash('sha256').update(bytes).digest('hex'), { onlyNew });
    this.#remember(place, record);
  }

  #remember(place: string, record: UploadRecord): void {
    this.#remembered.delete(place);
    this.#remembered.set(place, record);
    if (this.#remembered.size <= REMEMBERED) return;
    for (const oldest of this.#remembered.keys()) {
      this.#remembered.delete(oldest);
      return;
    }
  }
}
