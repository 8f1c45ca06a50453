/** Long uploads that come by a name of their sender's, until their blob's id is known. */
import type { BlobId } from '@croft/contract';
import { isWholeId } from '../blob-hash.ts';
import { transferErrors } from '../errors.ts';
import type { NamedUploadRef, NamedUploads } from '../store/blob-store.ts';
import { checkedNamedUpload } from '../store/checked-upload.ts';
import type { LongUploads } from './long-uploads.ts';

export class FsNamedUploads implements NamedUploads {
  readonly #uploads: LongUploads;
  readonly #onStored: (id: BlobId) => Promise<void>;

  /** `onStored` is told each blob that is in its place. */
  constructor(uploads: LongUploads, onStored: (id: BlobId) => Promise<void>) {
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
    if (isWholeId(id)) throw transferErrors.TRANSFER_BAD_REQUEST(`${id} is no long blob`);
    await this.#uploads.complete(checkedNamedUpload(upload), id);
    await this.#onStored(id);
  }
  async forget(upload: NamedUploadRef): Promise<void> {
    await this.#uploads.forget(checkedNamedUpload(upload));
  }
}
