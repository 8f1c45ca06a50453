/** Multipart uploads of one bucket. Part numbers count from 1, as S3 does. */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { MINUTE, SECOND } from '@croft/contract';
import type { DirectAddress } from '../store/blob-store.ts';
import type { ExactBody } from './exact-body.ts';
import { base64Of, failed, type S3Connection, withPayloadHash } from './s3-connection.ts';

/** How long an address may be used to begin with; a request under way may end later. */
export const ADDRESS_LIFE_MS = 10 * MINUTE;

/** One upload: the key of the object that it becomes, and S3's name for it. */
export interface Multipart {
  readonly key: string;
  readonly uploadId: string;
}

/** A part as it is sent. */
export interface PartToSend {
  readonly number: number;
  readonly size: number;
  readonly sha256Hex: string;
}

/** A part as the server lists it. */
export interface StoredPart {
  /** From 1, as S3 counts. */
  readonly number: number;
  readonly size: number;
  readonly etag: string;
  /** Base64; null where the server keeps none. */
  readonly sha256: string | null;
  readonly storedMs: number;
}

export class MultipartUploads {
  readonly #s3: S3Connection;

  constructor(s3: S3Connection) {
    this.#s3 = s3;
  }

  /** Begins a multipart upload whose parts, and the whole, are checked by SHA-256. Returns its id. */
  async begin(key: string): Promise<string> {
    const { UploadId } = await this.#s3.call('beginning an upload', () =>
      this.#s3.client.send(
        new CreateMultipartUploadCommand({
          Bucket: this.#s3.bucket,
          Key: key,
          ...(this.#s3.abilities.compositeSha256
            ? { ChecksumAlgorithm: 'SHA256', ChecksumType: 'COMPOSITE' }
            : {}),
        }),
      ),
    );
    if (UploadId === undefined) throw new Error('the S3 server began an upload without an id');
    return UploadId;
  }

  /** S3Failure `absent` where the upload is gone, `mismatch`. `number` counts from 1. */
  async putPart(upload: Multipart, part: PartToSend, body: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#s3.sendStream('writing a part', part.size, body, (stream, abortSignal) =>
      this.#s3.client.send(withPayloadHash(this.#partCommand(upload, part, stream), part.sha256Hex), {
        abortSignal,
      }),
    );
  }

  /** The parts that arrived, by number; null where the upload is gone. */
  async list(upload: Multipart): Promise<StoredPart[] | null> {
    const parts: StoredPart[] = [];
    for (let after: string | undefined; ; ) {
      const answer = await this.#s3.orAbsent('listing parts', () =>
        this.#s3.client.send(
          new ListPartsCommand({
            Bucket: this.#s3.bucket,
            Key: upload.key,
            UploadId: upload.uploadId,
            ...(after === undefined ? {} : { PartNumberMarker: after }),
          }),
        ),
      );
      if (answer === null) return null;
      for (const part of answer.Parts ?? [])
        parts.push({
          number: part.PartNumber ?? 0,
          size: part.Size ?? 0,
          etag: part.ETag ?? '',
          sha256: part.ChecksumSHA256 ?? null,
          storedMs: part.LastModified?.getTime() ?? 0,
        });
      after = answer.NextPartNumberMarker;
      if (answer.IsTruncated !== true || after === undefined) return parts;
    }
  }

  /**
   * Makes the object of its parts; returns the composite SHA-256 that the server found (base64), null where it tells none.
   * With `sha256` (base64) the server refuses any other (`mismatch`); `exists` where the object is there already.
   */
  async complete(upload: Multipart, parts: readonly StoredPart[], sha256?: string): Promise<string | null> {
    const answer = await this.#s3.call('completing an upload', () =>
      this.#s3.client.send(
        new CompleteMultipartUploadCommand({
          Bucket: this.#s3.bucket,
          Key: upload.key,
          UploadId: upload.uploadId,
          MultipartUpload: {
            Parts: parts.map((part) => ({
              PartNumber: part.number,
              ETag: part.etag,
              ...(part.sha256 === null ? {} : { ChecksumSHA256: part.sha256 }),
            })),
          },
          ...(sha256 === undefined
            ? {}
            : {
                ChecksumSHA256: `${sha256}-${parts.length}`,
                ChecksumType: 'COMPOSITE',
                ...this.#s3.onlyNew(),
              }),
        }),
      ),
    );
    return answer.ChecksumSHA256?.replace(/-\d+$/, '') ?? null;
  }

  /** An upload that is gone already is fine. */
  async abort(upload: Multipart): Promise<void> {
    await this.#s3.orAbsent('dropping an upload', () =>
      this.#s3.client.send(
        new AbortMultipartUploadCommand({
          Bucket: this.#s3.bucket,
          Key: upload.key,
          UploadId: upload.uploadId,
        }),
      ),
    );
  }

  /** An address that takes this part only: its key, its length and its SHA-256 are signed. */
  async partAddress(upload: Multipart, part: PartToSend): Promise<DirectAddress> {
    const checksum = 'x-amz-checksum-sha256';
    const url = await getSignedUrl(this.#s3.signer, this.#partCommand(upload, part), {
      expiresIn: ADDRESS_LIFE_MS / SECOND,
      unhoistableHeaders: new Set([checksum]),
      signableHeaders: new Set(['host', 'content-length', checksum]),
    }).catch(failed('signing an address'));
    const sum: Record<string, string> = this.#s3.abilities.compositeSha256
      ? { [checksum]: base64Of(part.sha256Hex) }
      : {};
    return { url, headers: { 'content-length': String(part.size), ...sum } };
  }

  #partCommand(upload: Multipart, part: PartToSend, body?: ExactBody['stream']): UploadPartCommand {
    return new UploadPartCommand({
      Bucket: this.#s3.bucket,
      Key: upload.key,
      UploadId: upload.uploadId,
      PartNumber: part.number,
      ContentLength: part.size,
      ...this.#s3.checksum(part.sha256Hex),
      ...(body === undefined ? {} : { Body: body }),
    });
  }
}
