/** The objects of one bucket, as the few calls that the store makes. */
import type { Readable } from 'node:stream';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { GiB, SECOND } from '@croft/contract';
import { transferErrors } from '../errors.ts';
import type { DirectAddress } from '../store/blob-store.ts';
import { ADDRESS_LIFE_MS, MultipartUploads } from './multipart-uploads.ts';
import { failed, type S3Connection, withPayloadHash } from './s3-connection.ts';
import { asS3Failure, isFailure } from './s3-failure.ts';

/** S3 copies no longer object in one request. */
const COPY_MAX_BYTES = 5 * GiB;

export interface StoredObject {
  readonly size: number;
  readonly etag: string;
}

export class Bucket {
  readonly uploads: MultipartUploads;
  readonly #s3: S3Connection;

  constructor(s3: S3Connection) {
    this.#s3 = s3;
    this.uploads = new MultipartUploads(s3);
  }

  /** Size and etag; null where there is no such object. */
  async head(key: string): Promise<StoredObject | null> {
    const answer = await this.#s3.orAbsent('looking for an object', () =>
      this.#s3.client.send(new HeadObjectCommand({ Bucket: this.#s3.bucket, Key: key })),
    );
    return answer && { size: answer.ContentLength ?? 0, etag: answer.ETag ?? '' };
  }

  /** The object or a range of it (end exclusive), only while it is still the one of `etag`; null where it is gone. */
  async read(
    key: string,
    options: { start?: number; end?: number; etag?: string } = {},
  ): Promise<AsyncIterable<Uint8Array> | null> {
    const { start, end, etag } = options;
    const answer = await this.#get({
      Key: key,
      ...(start === undefined || end === undefined ? {} : { Range: `bytes=${start}-${end - 1}` }),
      ...(etag === undefined ? {} : { IfMatch: etag }),
    });
    return answer && translated(answer.Body as Readable);
  }

  /** Like `head`, in the same request with the bytes of an object that has at most `maxBytes`; of a longer one they are null. */
  async peek(key: string, maxBytes: number): Promise<(StoredObject & { bytes: Buffer | null }) | null> {
    const answer = await this.#get({ Key: key });
    if (answer === null) return null;
    const body = answer.Body as Readable;
    const object = { size: answer.ContentLength ?? 0, etag: answer.ETag ?? '' };
    if (object.size <= maxBytes) return { ...object, bytes: await gathered(translated(body), maxBytes) };
    body.destroy();
    return { ...object, bytes: null };
  }

  /** Bytes `start` to `end` (exclusive, at least one) of an object, in memory, as far as it goes; null where there is none. */
  async readRange(key: string, start: number, end: number): Promise<Buffer | null> {
    try {
      const body = await this.read(key, { start, end });
      return body && (await gathered(body, end - start));
    } catch (thrown) {
      if (isFailure(thrown, 'beyond')) return Buffer.alloc(0);
      throw thrown;
    }
  }

  /** A short object; null where there is none. */
  async readAll(key: string, maxBytes: number): Promise<Buffer | null> {
    const body = await this.read(key);
    return body && gathered(body, maxBytes);
  }

  /** Writes a short object whose bytes have this SHA-256. S3Failure `exists` where `onlyNew` and it is there. */
  async put(key: string, bytes: Uint8Array, sha256Hex: string, options: { onlyNew: boolean }): Promise<void> {
    await this.#s3.call('writing an object', () =>
      this.#s3.client.send(
        withPayloadHash(
          new PutObjectCommand({
            Bucket: this.#s3.bucket,
            Key: key,
            Body: bytes,
            ...this.#s3.checksum(sha256Hex),
            ...(options.onlyNew ? this.#s3.onlyNew() : {}),
          }),
          sha256Hex,
        ),
      ),
    );
  }

  /** Writes an object from a stream of exactly `size` bytes. S3Failure `exists`, `mismatch`. */
  async putStream(key: string, size: number, sha256Hex: string, body: AsyncIterable<Uint8Array>) {
    await this.#s3.sendStream('writing an object', size, body, (stream, abortSignal) =>
      this.#s3.client.send(
        withPayloadHash(
          new PutObjectCommand({
            Bucket: this.#s3.bucket,
            Key: key,
            Body: stream,
            ContentLength: size,
            ...this.#s3.checksum(sha256Hex),
            ...this.#s3.onlyNew(),
          }),
          sha256Hex,
        ),
        { abortSignal },
      ),
    );
  }

  async remove(key: string): Promise<void> {
    await this.#s3.orAbsent('removing an object', () =>
      this.#s3.client.send(new DeleteObjectCommand({ Bucket: this.#s3.bucket, Key: key })),
    );
  }

  /** Every object below a prefix, in the order of keys. */
  async *list(prefix: string): AsyncGenerator<{ key: string; size: number; storedMs: number }> {
    let after: string | undefined;
    do {
      const answer = await this.#s3.call('listing objects', () =>
        this.#s3.client.send(
          new ListObjectsV2Command({ Bucket: this.#s3.bucket, Prefix: prefix, ContinuationToken: after }),
        ),
      );
      for (const { Key, Size, LastModified } of answer.Contents ?? [])
        if (Key !== undefined) yield { key: Key, size: Size ?? 0, storedMs: LastModified?.getTime() ?? 0 };
      after = answer.NextContinuationToken;
    } while (after !== undefined);
  }

  /** Copies inside the server, only while the source is the object of `etag`; in parts where it is long. */
  async copy(from: string, to: string, source: StoredObject, partBytes: number): Promise<void> {
    const what = { Bucket: this.#s3.bucket, Key: to };
    const where = {
      CopySource: `${this.#s3.bucket}/${from.split('/').map(encodeURIComponent).join('/')}`,
      CopySourceIfMatch: source.etag,
    };
    if (source.size <= COPY_MAX_BYTES) {
      await this.#s3.call('copying', () =>
        this.#s3.client.send(new CopyObjectCommand({ ...what, ...where })),
      );
      return;
    }
    const uploadId = await this.uploads.begin(to);
    const parts: { PartNumber: number; ETag: string }[] = [];
    for (let start = 0; start < source.size; start += partBytes) {
      const end = Math.min(start + partBytes, source.size);
      const part = { PartNumber: parts.length + 1, CopySourceRange: `bytes=${start}-${end - 1}` };
      const answer = await this.#s3.call('copying', () =>
        this.#s3.client.send(new UploadPartCopyCommand({ ...what, ...where, ...part, UploadId: uploadId })),
      );
      parts.push({ PartNumber: part.PartNumber, ETag: answer.CopyPartResult?.ETag ?? '' });
    }
    const MultipartUpload = { Parts: parts };
    await this.#s3.call('copying', () =>
      this.#s3.client.send(
        new CompleteMultipartUploadCommand({ ...what, UploadId: uploadId, MultipartUpload }),
      ),
    );
  }

  /** An address that gives the object, whole or by range. */
  async readAddress(key: string): Promise<DirectAddress> {
    const url = await getSignedUrl(
      this.#s3.signer,
      new GetObjectCommand({ Bucket: this.#s3.bucket, Key: key }),
      {
        expiresIn: ADDRESS_LIFE_MS / SECOND,
      },
    ).catch(failed('signing an address'));
    return { url, headers: {} };
  }

  async #get(asking: Omit<GetObjectCommandInput, 'Bucket'>) {
    try {
      return await this.#s3.orAbsent('reading', () =>
        this.#s3.client.send(new GetObjectCommand({ Bucket: this.#s3.bucket, ...asking })),
      );
    } catch (thrown) {
      if (!isFailure(thrown, 'exists')) throw thrown;
      const why = `${asking.Key} was stored anew while it was read`;
      throw transferErrors.TRANSFER_STORE_UNREACHABLE(why, { cause: thrown });
    }
  }
}

async function gathered(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of body) {
    total += chunk.length;
    if (total > maxBytes) throw new Error(`an object has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function* translated(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (thrown) {
    throw asS3Failure(thrown, 'reading');
  }
}
