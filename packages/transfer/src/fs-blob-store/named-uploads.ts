/** Long uploads that come by a name of their sender's, until their blob's id is known. */
import type { BlobId } from '@croft/contract';
import { isUploadName } from '@croft/contract';
import { isWholeId, WHOLE_MAX_BYTES } from '../blob-hash.ts';
import type { NamedUploadRef, NamedUploads } from '../blob-store.ts';
import { checkedOwner } from '../checked-upload.ts';
import { transferErrors } from '../errors.ts';
import type { PlacedUpload } from './layout.ts';
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
    return this.#uploads.partsArrived(placed(upload));
  }
  async putPart(
    upload: NamedUploadRef,
    part: number,
    sha256Hex: string,
    body: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    await this.#uploads.putPart(placed(upload), part, sha256Hex, body);
  }
  async complete(upload: NamedUploadRef, id: BlobId): Promise<void> {
    if (isWholeId(id)) throw transferErrors.TRANSFER_BAD_REQUEST(`${id} is no long blob`);
    await this.#uploads.complete(placed(upload), id);
    await this.#onStored(id);
  }
  async forget(upload: NamedUploadRef): Promise<void> {
    await this.#uploads.forget(placed(upload));
  }
}

/** TRANSFER_BAD_REQUEST for what cannot be one: names become folders. */
function placed({ owner, name, size }: NamedUploadRef): PlacedUpload {
  if (!isUploadName(name) || !Number.isSafeInteger(size) || size <= WHOLE_MAX_BYTES)
    throw transferErrors.TRANSFER_BAD_REQUEST('a named upload is one of over 16 MiB');
  return { owner: checkedOwner(owner), id: name, size };
}
