/** Long uploads into a bucket that come by a name of their sender's, until their blob's id is known. */
import type { BlobId } from '@croft/contract';
import { idFitsSize } from '../blob-hash.ts';
import { transferErrors } from '../errors.ts';
import type { NamedUploadRef, NamedUploads } from '../store/blob-store.ts';
import { checkedNamedUpload } from '../store/checked-upload.ts';
import type { S3Uploads } from './s3-uploads.ts';

export class S3NamedUploads implements NamedUploads {
  readonly #uploads: S3Uploads;
  readonly #onStored: (id: BlobId) => void;

  /** `onStored` is told each blob that is there. */
  constructor(uploads: S3Uploads, onStored: (id: BlobId) => void) {
    this.#uploads = uploads;
    this.#onStored = onStored;
  }

  async partsArrived(upload: NamedUploadRef): Promise<number[]> {
    return this.#uploads.partsArrived(checkedNamedUpload(upload));
  }
  async putPart(
    upload: NamedUploadRef,
    part: number,
    sha256Hex: string,
    body: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    await this.#uploads.putPart(checkedNamedUpload(upload), part, sha256Hex, body);
  }
  async complete(upload: NamedUploadRef, id: BlobId): Promise<void> {
    if (!idFitsSize(id, upload.size))
      throw transferErrors.TRANSFER_BAD_REQUEST(`${id} is no long blob of ${upload.size} bytes`);
    await this.#uploads.complete(checkedNamedUpload(upload), id);
    this.#onStored(id);
  }
  async forget(upload: NamedUploadRef): Promise<void> {
    await this.#uploads.forget(checkedNamedUpload(upload));
  }
}
