/**
 * Where things lie in the folder of a blob store. A disk format: it stays.
 *
 *   lock.sqlite             held locked by the process that uses the folder (see store-lock.ts)
 *   packs/000001.pack       blobs of at most 64 KiB, appended (see pack-log.ts)
 *   index.sqlite            where each blob lies in which pack; derived, rebuilt from packs/ when lost
 *   blobs/ab/<id>           one longer blob; `ab` are the first two hex digits
 *   blobs/ab/<id>.parts     for composite ids: the raw SHA-256s of all parts, which hash to the id
 *   uploads/<owner>/<id>.<size>/data    unfinished long blob, each part at its place; <id> may be its sender's name for it
 *   uploads/<owner>/<id>.<size>/parts   journal of the parts that are safe in `data` (part-journal.ts)
 *   temp/                   bytes on their way in; emptied at the start
 *   corrupt/<id>            damaged copies, set aside for whoever looks after the disk
 */
import { join } from 'node:path';
import type { BlobId, UploadName } from '@croft/contract';
import { hexOf } from '../blob-hash.ts';

/** An upload by its blob's id, or by its sender's name while that is not known. */
export interface PlacedUpload {
  owner: string;
  id: BlobId | UploadName;
  size: number;
}

export class Layout {
  readonly home: string;
  readonly packs: string;
  readonly blobs: string;
  readonly uploads: string;
  readonly temp: string;
  readonly corrupt: string;
  readonly index: string;
  readonly lock: string;
  #lastTemp = 0;

  constructor(home: string) {
    this.home = home;
    this.packs = join(home, 'packs');
    this.blobs = join(home, 'blobs');
    this.uploads = join(home, 'uploads');
    this.temp = join(home, 'temp');
    this.corrupt = join(home, 'corrupt');
    this.index = join(home, 'index.sqlite');
    this.lock = join(home, 'lock.sqlite');
  }

  get folders(): string[] {
    return [this.packs, this.blobs, this.uploads, this.temp, this.corrupt];
  }

  blobFolder(id: BlobId): string {
    return join(this.blobs, hexOf(id).slice(0, 2));
  }
  /** Of the file below `blobs`. */
  blobName(id: BlobId): string {
    return `${hexOf(id).slice(0, 2)}/${id}`;
  }
  blob(id: BlobId): string {
    return join(this.blobFolder(id), id);
  }
  partHashes(id: BlobId): string {
    return `${this.blob(id)}.parts`;
  }
  corruptCopy(id: BlobId): string {
    return join(this.corrupt, id);
  }
  pack(number: number): string {
    return join(this.packs, `${String(number).padStart(6, '0')}.pack`);
  }
  upload(upload: PlacedUpload): string {
    return join(this.uploads, upload.owner, `${upload.id}.${upload.size}`);
  }
  newTemp(): string {
    return join(this.temp, String(++this.#lastTemp));
  }
}
