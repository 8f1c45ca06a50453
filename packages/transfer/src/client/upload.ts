/**
 * Sending files: hash → ask what is missing → send only that → commit the tree.
 *
 * Small files go in packs, those up to 16 MiB whole, longer ones by part; at most four requests at once hold bytes in
 * memory. Nothing is remembered on this side: what arrived is known by the farm, so a sender that was killed asks
 * again and sends the rest. A file that changes under the sender is read again at most twice.
 */
import { type BlobId, type Clock, partCountOf, type TreeEntry, type TreeRoot } from '@croft/contract';
import { hashFile, MAX_REREADS, partSpan, statFile, WHOLE_MAX_BYTES } from '../blob-hash.ts';
import type { DeltaPlan } from '../delta/delta-plan.ts';
import { transferErrors } from '../errors.ts';
import type { HashPool } from '../hash-pool.ts';
import type { PackedBlob } from '../pack.ts';
import { contentOf, deltaPlanOf, unsentBytes } from './delta-content.ts';
import type { CallOptions } from './door-client.ts';
import { Gate, inLanes } from './lanes.ts';
import { againIfDamaged, isMismatch } from './mismatch.ts';
import { PartBuffers } from './part-buffers.ts';
import type { ProgressMeter } from './progress.ts';
import { throwIfInterrupted } from './retry.ts';
import {
  entryOf,
  type ScannedFile,
  type ShownParts,
  scanFiles,
  shownAlready,
  type UploadFile,
} from './scan-files.ts';
import {
  jobsOf,
  type OutgoingFile,
  PACK_FILE_MAX_BYTES,
  PACK_TARGET_BYTES,
  readRange,
  sha256Of,
  sumOf,
} from './upload-jobs.ts';

export interface SentFiles {
  /** Of all files, in their order. */
  entries: TreeEntry[];
  /** Those that the tree does not show yet. */
  changed: TreeEntry[];
  /** The version that shows the others; null where nothing was asked about the tree. */
  version: number | null;
}

/** Requests with bytes in flight at once. */
const REQUESTS_AT_ONCE = 4;
/** Files hashed at once; long ones spread over the pool's threads. */
const HASHES_AT_ONCE = 8;
/** Stands for the hashes of a file that nobody has read yet. */
const NOT_READ: string[] = [];

export interface UploadParts extends ShownParts {
  pool: HashPool;
  clock: Clock;
  meter: ProgressMeter;
  /** Bytes that a tree path has now, for telling new ones by them; absent where that saves nothing. */
  deltaRoot?: TreeRoot | undefined;
  /** Blobs of at most so many bytes are sent without asking first: new ones, for which a question costs as much. */
  unaskedBytes?: number;
}

/** Makes sure that the farm has the bytes of all files. */
export async function sendFiles(
  parts: UploadParts,
  files: Iterable<UploadFile> | AsyncIterable<UploadFile>,
  onWanted?: (ids: ReadonlySet<BlobId>) => void,
): Promise<SentFiles> {
  return new Sending(parts, onWanted).run(files);
}

class Sending {
  readonly #parts: UploadParts;
  readonly #onWanted: ((ids: ReadonlySet<BlobId>) => void) | undefined;
  readonly #gate = new Gate(REQUESTS_AT_ONCE);
  readonly #buffers = new PartBuffers();
  /** Of calls whose body is content; questions and commits are limited, but no progress. */
  readonly #options: CallOptions;

  constructor(parts: UploadParts, onWanted?: (ids: ReadonlySet<BlobId>) => void) {
    this.#parts = parts;
    this.#onWanted = onWanted;
    this.#options = {
      signal: parts.signal,
      limit: parts.limit,
      onSent: (bytes) => parts.meter.moved(bytes),
    };
  }

  async run(files: Iterable<UploadFile> | AsyncIterable<UploadFile>): Promise<SentFiles> {
    const found = await scanFiles(files, this.#parts.signal);
    const { shown, version } = await shownAlready(this.#parts, found);
    const outgoing = await this.#hashAll(found.filter((_, index) => shown[index] === undefined));
    await this.#sendMissing(outgoing, shown);
    const changed = outgoing.map(({ treePath, hashed }) => entryOf(treePath, hashed));
    const rest = changed[Symbol.iterator]();
    const entries = found.map((_, index) => shown[index] ?? rest.next().value!);
    return { entries, changed, version };
  }

  async #hashAll(files: readonly ScannedFile[]): Promise<OutgoingFile[]> {
    const { meter, pool, signal } = this.#parts;
    meter.enter('hashing', files.length, sumOf(files));
    const outgoing: OutgoingFile[] = new Array(files.length);
    await inLanes(files.entries(), HASHES_AT_ONCE, async ([index, { localPath, treePath, remembered }]) => {
      throwIfInterrupted(signal);
      const hashed = remembered
        ? { id: remembered.id, size: remembered.size, mtimeMs: remembered.mtimeMs, partHashes: NOT_READ }
        : await hashFile(localPath, pool, signal);
      outgoing[index] = { localPath, treePath, hashed };
      meter.moved(hashed.size);
      meter.fileDone();
    });
    return outgoing;
  }

  /** Ids of those that the farm lacks, and of those that are not worth a question. */
  async #wantedOf(blobs: readonly { id: BlobId; size: number }[]): Promise<ReadonlySet<BlobId>> {
    const { door, signal, limit, unaskedBytes = -1 } = this.#parts;
    const asked = blobs.filter(({ size }) => size > unaskedBytes);
    const wanted = new Set(blobs.filter(({ size }) => size <= unaskedBytes).map(({ id }) => id));
    if (asked.length > 0) for (const id of await door.missing(asked, { signal, limit })) wanted.add(id);
    return wanted;
  }

  /** `shown`: files of the same upload that are there already. */
  async #sendMissing(files: OutgoingFile[], shown: readonly (TreeEntry | undefined)[]): Promise<void> {
    const { meter } = this.#parts;
    const there = shown.filter((entry) => entry !== undefined);
    const allFiles = files.length + there.length;
    const unique = new Map<BlobId, OutgoingFile>();
    for (const file of files) if (!unique.has(file.hashed.id)) unique.set(file.hashed.id, file);
    const blobs = [...unique.values()].map(({ hashed }) => ({ id: hashed.id, size: hashed.size }));
    const totalBytes = sumOf(files.map(({ hashed }) => hashed)) + sumOf(there);
    meter.enter('asking', allFiles, totalBytes);
    const wanted = await this.#wantedOf(blobs);
    this.#onWanted?.(wanted);
    meter.enter('sending', allFiles, totalBytes);
    const toSend = [...unique.values()].filter(({ hashed }) => wanted.has(hashed.id));
    for (const file of toSend) await this.#readOnce(file);
    meter.skipped(totalBytes - sumOf(toSend.map(({ hashed }) => hashed)));
    meter.fileDone(allFiles - toSend.length);
    await inLanes(jobsOf(toSend), REQUESTS_AT_ONCE, async (job) => {
      throwIfInterrupted(this.#parts.signal);
      await (job.kind === 'pack' ? this.#sendPack(job.files) : this.#sendUntilSteady(job.file));
      meter.fileDone(job.kind === 'pack' ? job.files.length : 1);
    });
    await this.#sendLeftTwins(files, unique);
  }

  /**
   * Of files with equal bytes one was sent for all. Where that one changed meanwhile, its twins' bytes never went out:
   * they are sent by themselves.
   */
  async #sendLeftTwins(files: OutgoingFile[], sent: Map<BlobId, OutgoingFile>): Promise<void> {
    const left = files.filter((file) => {
      const speaker = sent.get(file.hashed.id);
      return speaker !== undefined && speaker !== file && speaker.hashed.id !== file.hashed.id;
    });
    for (const file of left) {
      await this.#readOnce(file);
      await this.#sendUntilSteady(file);
    }
  }

  /** Files that grew too long for a pack since they were hashed go by themselves. */
  async #sendPack(files: OutgoingFile[]): Promise<void> {
    const grown: OutgoingFile[] = [];
    await this.#gate.run(async () => {
      let blobs: PackedBlob[] = [];
      let bytesHeld = 0;
      const send = () => againIfDamaged(() => this.#parts.door.putPack(blobs, this.#options));
      for (const file of files) {
        const bytes = await this.#smallBytes(file);
        if (bytes === null) {
          grown.push(file);
          continue;
        }
        blobs.push({ id: file.hashed.id, bytes });
        bytesHeld += bytes.length;
        if (bytesHeld < 2 * PACK_TARGET_BYTES) continue;
        await send();
        blobs = [];
        bytesHeld = 0;
      }
      if (blobs.length > 0) await send();
    });
    for (const file of grown) await this.#sendUntilSteady(file);
  }

  /** The bytes of a small file, its entry brought up to date where they changed since it was hashed; null: too long now. */
  async #smallBytes(file: OutgoingFile): Promise<Uint8Array | null> {
    for (let reading = 0; reading <= MAX_REREADS; reading++) {
      const bytes = await readRange(file.localPath, 0, file.hashed.size);
      if (bytes !== null && sha256Of(bytes) === file.hashed.partHashes[0]) return bytes;
      await this.#rehash(file);
      if (file.hashed.size > PACK_FILE_MAX_BYTES) return null;
    }
    throw transferErrors.TRANSFER_FILE_CHANGED(`${file.localPath} kept changing while it was sent`);
  }

  /** A whole or long file: sent, then looked at again; the receiver's hash tells of changes in between. */
  async #sendUntilSteady(file: OutgoingFile): Promise<void> {
    for (let reading = 0; reading <= MAX_REREADS; reading++) {
      // A file that changed under the first try goes as it is.
      const sent = await this.#sendOnce(file, reading === 0 ? await deltaPlanOf(this.#parts, file) : null);
      const after = await statFile(file.localPath);
      if (sent && after.size === file.hashed.size && after.mtimeMs === file.hashed.mtimeMs) return;
      await this.#rehash(file);
    }
    throw transferErrors.TRANSFER_FILE_CHANGED(`${file.localPath} kept changing while it was sent`);
  }

  /** false when the bytes were not those of the id. */
  async #sendOnce(file: OutgoingFile, plan: DeltaPlan | null): Promise<boolean> {
    try {
      return await (file.hashed.size <= WHOLE_MAX_BYTES
        ? this.#sendWhole(file, plan)
        : this.#sendParts(file, plan));
    } catch (thrown) {
      if (isMismatch(thrown)) return false;
      throw thrown;
    }
  }

  #sendWhole({ localPath, hashed }: OutgoingFile, plan: DeltaPlan | null): Promise<boolean> {
    return this.#gate.run(async () => {
      const bytes = await readRange(localPath, 0, hashed.size);
      if (bytes === null) return false;
      const content = contentOf(plan, 0, bytes);
      await this.#parts.door.putBlob(hashed.id, content, this.#options);
      this.#parts.meter.skipped(unsentBytes(content));
      return true;
    });
  }

  async #sendParts({ localPath, hashed }: OutgoingFile, plan: DeltaPlan | null): Promise<boolean> {
    const { door, meter } = this.#parts;
    const arrived = await door.partsArrived(hashed.id, hashed.size, { signal: this.#parts.signal });
    const missing: number[] = [];
    for (let part = 0; part < partCountOf(hashed.size); part++) {
      if (arrived.has(part)) meter.skipped(partSpan(hashed.size, part).length);
      else missing.push(part);
    }
    let whole = true;
    await inLanes(missing, REQUESTS_AT_ONCE, (part) =>
      this.#gate.run(async () => {
        throwIfInterrupted(this.#parts.signal);
        const { start, length } = partSpan(hashed.size, part);
        await this.#buffers.lend(length, async (buffer) => {
          const bytes = whole ? await readRange(localPath, start, length, buffer) : null;
          if (bytes === null) {
            whole = false;
            return;
          }
          const content = contentOf(plan, start, bytes);
          await door.putPart(hashed, part, content, hashed.partHashes[part]!, this.#options);
          meter.skipped(unsentBytes(content));
        });
      }),
    );
    if (whole) await door.complete(hashed.id, hashed.size, { signal: this.#parts.signal });
    return whole;
  }

  /** A file that was only remembered is read now: the farm wants its bytes. */
  async #readOnce(file: OutgoingFile): Promise<void> {
    if (file.hashed.partHashes === NOT_READ) await this.#rehash(file);
  }

  async #rehash(file: OutgoingFile): Promise<void> {
    file.hashed = await hashFile(file.localPath, this.#parts.pool, this.#parts.signal);
  }
}
