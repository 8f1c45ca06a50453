/** Blobs whose bytes do not hash to their ids: they are kept under another key, being the last copy and maybe good for most of it. */
import { hash } from 'node:crypto';
import { type BlobId, type Log, partSizeOf } from '@croft/contract';
import { transferErrors } from '../errors.ts';
import type { BlobPlaces } from './blob-places.ts';
import type { Bucket } from './bucket.ts';
import type { PackObjects } from './pack-objects.ts';
import type { S3Keys } from './s3-keys.ts';

interface Parts {
  readonly bucket: Bucket;
  readonly keys: S3Keys;
  readonly packs: PackObjects;
  readonly places: BlobPlaces;
  readonly log: Log;
}

export class DamagedBlobs {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Moves the object of a blob away; gives what its readers are told. */
  async setAside(id: BlobId, cause: Error): Promise<Error> {
    const { bucket, keys, places, log } = this.#parts;
    log.error({ err: cause, blob: id }, 'a stored blob is damaged; set aside');
    try {
      const object = await places.find(id);
      if (object !== null) await bucket.copy(object.key, keys.corrupt(id), object, partSizeOf(object.size));
      await places.remove(id);
    } catch (err) {
      this.#stays(id, err);
    }
    return corrupt(`the stored bytes of ${id} are damaged`, cause);
  }

  /** The same for one that lies in a pack, with others that are well. */
  async setAsidePacked(id: BlobId, bytes: Uint8Array): Promise<Error> {
    const { bucket, keys, packs, log } = this.#parts;
    log.error({ blob: id }, 'a packed blob is damaged; set aside');
    try {
      await bucket.put(keys.corrupt(id), bytes, hash('sha256', bytes, 'hex'), { onlyNew: false });
      await packs.remove(id);
    } catch (err) {
      this.#stays(id, err);
    }
    return corrupt(`the stored bytes of ${id} are damaged`);
  }

  /** What readers of a blob that is not there are told. */
  async whyAbsent(id: BlobId): Promise<Error> {
    const { bucket, keys } = this.#parts;
    if ((await bucket.head(keys.corrupt(id))) !== null)
      return corrupt(`the stored bytes of ${id} were damaged and set aside`);
    return transferErrors.TRANSFER_NOT_FOUND(`there is no blob ${id}`);
  }

  /** Then each reading finds the damage again. */
  #stays(id: BlobId, err: unknown): void {
    this.#parts.log.error({ err, blob: id }, 'a damaged blob could not be set aside');
  }
}

function corrupt(message: string, cause?: Error): Error {
  return transferErrors.TRANSFER_BLOB_CORRUPT(message, cause === undefined ? {} : { cause });
}
