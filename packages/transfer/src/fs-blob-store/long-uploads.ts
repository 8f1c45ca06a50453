/**
 * Long blobs on their way in.
 *
 * An upload is a folder with `data` (each part at its final place) and `parts` (the journal). It goes
 *   absent → filling (a part was written, synced, then noted) → complete (all noted, hashes make the id)
 *   → moved (`data` renamed to the blob's place; the journal stays and proves the owner's right) → forgotten (removed).
 * Where the store does not sync, a power cut may leave a note without its bytes: the blob made of them is found damaged when
 * it is read, and asked for again.
 * One that came by a name of its sender's becomes that of its id when it is completed, by a rename of the folder, and goes on
 * from there. A crash between any two leaves a state from which the same call goes on. "Moved" is: all parts noted, no `data`, the
 * blob in its place. No `data` and no blob means that the blob was deleted since: the upload starts again.
 * An upload that nobody touched for a week is dropped, when the store opens and once a day.
 */
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BlobId, isBlobId, partCountOf } from '@croft/contract';
import { compositeId, partSpan } from '../blob-hash.ts';
import { transferErrors } from '../errors.ts';
import { asDiskError, exists, moveIntoPlace, syncFolder } from '../files/durable-files.ts';
import { appendPart, readPartJournal } from '../files/part-journal.ts';
import type { WriteThreads } from '../files/write-threads.ts';
import { PartSenders } from '../store/part-senders.ts';
import type { Layout, PlacedUpload } from './layout.ts';
import type { SpaceGuard } from './space-guard.ts';

export class LongUploads {
  readonly #layout: Layout;
  readonly #space: SpaceGuard;
  readonly #writes: WriteThreads;
  readonly #isSynced: boolean;
  /** Who writes which part now; two writers of one place would mix their bytes. */
  readonly #senders = new PartSenders();
  readonly #completing = new Map<string, Promise<void>>();

  /** `isSynced`: whether bytes are on the disk before they are told to be there. */
  constructor(layout: Layout, space: SpaceGuard, writes: WriteThreads, isSynced: boolean) {
    this.#layout = layout;
    this.#space = space;
    this.#writes = writes;
    this.#isSynced = isSynced;
  }

  async partsArrived(upload: PlacedUpload): Promise<number[]> {
    return [...(await this.#journal(upload)).keys()].sort((a, b) => a - b);
  }

  async putPart(
    upload: PlacedUpload,
    part: number,
    sha256Hex: string,
    body: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    if (!Number.isInteger(part) || part < 0 || part >= partCountOf(upload.size)) {
      throw transferErrors.TRANSFER_BAD_REQUEST(`there is no part ${part} in a blob of ${upload.size} bytes`);
    }
    try {
      await this.#senders.run(this.#layout.upload(upload), part, (stopped) =>
        this.#write(upload, part, sha256Hex, body, stopped),
      );
    } catch (thrown) {
      throw asDiskError(thrown, this.#layout.home);
    }
  }

  /** `upload` may be that of the id, or one by a name. */
  complete(upload: PlacedUpload, id: BlobId): Promise<void> {
    const place = this.#layout.upload({ ...upload, id });
    const running = this.#completing.get(place) ?? Promise.resolve();
    const mine = running
      .catch(() => undefined)
      .then(() => this.#completeAs(upload, id))
      .finally(() => {
        if (this.#completing.get(place) === mine) this.#completing.delete(place);
      });
    this.#completing.set(place, mine);
    return mine;
  }

  async forget(upload: PlacedUpload): Promise<void> {
    await rm(this.#layout.upload(upload), { recursive: true, force: true });
  }

  /** Drops uploads that nobody touched since `before` (ms since 1970); a sender that comes back begins anew. */
  async dropUntouched(before: number): Promise<number> {
    let dropped = 0;
    for (const owner of await foldersIn(this.#layout.uploads)) {
      for (const folder of await foldersIn(owner)) {
        if (
          this.#senders.isBusy(folder) ||
          this.#completing.has(folder) ||
          (await touchedAt(folder)) >= before
        )
          continue;
        await rm(folder, { recursive: true, force: true });
        dropped++;
      }
    }
    return dropped;
  }

  async #write(
    upload: PlacedUpload,
    part: number,
    sha256Hex: string,
    body: AsyncIterable<Uint8Array>,
    stopped: () => Error | null,
  ): Promise<void> {
    const folder = this.#layout.upload(upload);
    const { start, length } = partSpan(upload.size, part);
    const release = await this.#space.reserve(length);
    try {
      const known = (await this.#journal(upload)).get(part);
      await mkdir(folder, { recursive: true });
      const check = (total: number) => {
        const why = stopped();
        if (why !== null) throw why;
        if (total > length)
          throw transferErrors.TRANSFER_HASH_MISMATCH(`part ${part} is longer than ${length} bytes`);
      };
      // A part that already arrived is received and checked, but written nowhere.
      const path = known === undefined ? join(folder, 'data') : null;
      const target = { path, position: start, sync: this.#isSynced };
      const { bytes, sha256 } = await this.#writes.write(target, body, check);
      if (bytes < length)
        throw transferErrors.TRANSFER_HASH_MISMATCH(`part ${part} ended after ${bytes} of ${length} bytes`);
      if (sha256.toString('hex') !== sha256Hex) {
        throw transferErrors.TRANSFER_HASH_MISMATCH(
          `the bytes of part ${part} do not hash to what was promised`,
        );
      }
      if (known === undefined) await appendPart(join(folder, 'parts'), part, sha256);
    } finally {
      release();
    }
  }

  async #completeAs(upload: PlacedUpload, id: BlobId): Promise<void> {
    const own = { ...upload, id };
    const place = this.#layout.upload(upload);
    if (upload.id !== id && (await exists(place))) {
      await this.#hashesOf(upload, id);
      await rm(this.#layout.upload(own), { recursive: true, force: true });
      await rename(place, this.#layout.upload(own));
      if (this.#isSynced) await syncFolder(dirname(place));
    }
    await this.#complete(own);
  }

  /** The hashes of all parts, which make the id. TRANSFER_UPLOAD_INCOMPLETE, TRANSFER_HASH_MISMATCH drops them. */
  async #hashesOf(upload: PlacedUpload, id: BlobId): Promise<Buffer[]> {
    const parts = await this.#journal(upload);
    const count = partCountOf(upload.size);
    if (parts.size < count) {
      throw transferErrors.TRANSFER_UPLOAD_INCOMPLETE(
        `${count - parts.size} of ${count} parts of ${id} are missing`,
      );
    }
    const hashes = Array.from({ length: count }, (_, part) => parts.get(part)!);
    if (compositeId(hashes) === id) return hashes;
    await this.forget(upload);
    throw transferErrors.TRANSFER_HASH_MISMATCH(`the parts sent for ${id} hash to another id`);
  }

  async #complete(upload: PlacedUpload & { id: BlobId }): Promise<void> {
    const folder = this.#layout.upload(upload);
    const hashes = await this.#hashesOf(upload, upload.id);
    const blob = this.#layout.blob(upload.id);
    if (await exists(blob)) {
      await rm(join(folder, 'data'), { force: true });
      return;
    }
    try {
      await mkdir(dirname(blob), { recursive: true });
      const temp = this.#layout.newTemp();
      await writeFile(temp, Buffer.concat(hashes), { flush: this.#isSynced });
      await moveIntoPlace(temp, this.#layout.partHashes(upload.id), this.#isSynced);
      await moveIntoPlace(join(folder, 'data'), blob, this.#isSynced);
      if (this.#isSynced) await syncFolder(this.#layout.blobs);
    } catch (thrown) {
      throw asDiskError(thrown, this.#layout.home);
    }
  }

  async #journal(upload: PlacedUpload): Promise<Map<number, Buffer>> {
    const folder = this.#layout.upload(upload);
    const parts = await readPartJournal(join(folder, 'parts'), partCountOf(upload.size));
    if (parts.size === 0) return parts;
    if (await exists(join(folder, 'data'))) return parts;
    if (isBlobId(upload.id) && (await exists(this.#layout.blob(upload.id)))) return parts;
    await this.forget(upload);
    return new Map();
  }
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
}

/** When anything of an upload was written last, ms since 1970. */
async function touchedAt(folder: string): Promise<number> {
  const times = [folder, join(folder, 'data'), join(folder, 'parts')].map((path) =>
    stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    ),
  );
  return Math.max(...(await Promise.all(times)));
}
