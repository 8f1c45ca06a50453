/**
 * Sending files: look → ask which sizes are new → hash those that are not, and ask which of them are missing → send → commit.
 *
 * Small files go in packs, those up to 16 MiB whole, longer ones by part; a bounded number of requests at once hold bytes in
 * memory. Nothing is remembered on this side: what arrived is known by the farm, so a sender that was killed asks
 * again and sends the rest. New files are read once (send-new.ts), others twice (send-known.ts).
 */
import type { BlobId, Clock, TreeEntry, TreeRoot } from '@croft/contract';
import type { HashPool } from '../../files/hash-pool.ts';
import { inLanes } from '../lanes.ts';
import { AdaptiveGate } from '../pace/adaptive-gate.ts';
import { PartBuffers } from '../pace/part-buffers.ts';
import type { ProgressMeter } from '../progress.ts';
import { throwIfInterrupted } from '../wire/retry.ts';
import { deltaPlanOf } from './delta-content.ts';
import { newFiles } from './new-files.ts';
import { entryOf, type ShownParts, scanFiles, shownAlready } from './scan-files.ts';
import { rehash, sendKnown } from './send-known.ts';
import { isSentNew } from './send-new.ts';
import { hashShort, sendPack } from './send-pack.ts';
import type { SendingParts } from './sending-parts.ts';
import type { UploadFile } from './upload-file.ts';
import {
  isOnlyRemembered,
  type Job,
  jobsOf,
  type OutgoingFile,
  type ReadFile,
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

/** Requests with bytes in flight at once, while nothing breaks. Each holds up to 16 MiB, of a file of over 160 GB more. */
const REQUESTS_AT_ONCE = 8;
/** A limit is the same for few connections as for many. */
const REQUESTS_WITH_LIMIT = 4;
/** Files hashed at once; long ones spread over the pool's threads. */
const HASHES_AT_ONCE = 8;

export interface UploadParts extends ShownParts {
  pool: HashPool;
  clock: Clock;
  meter: ProgressMeter;
  /** The tree whose bytes at a path new ones are told by, asked for each file; undefined where that saves nothing. */
  deltaRoot?: (() => TreeRoot | undefined) | undefined;
  /** Requests with bytes in flight at once, as long as nothing breaks. */
  requestsAtOnce?: number | undefined;
  /** Blobs of at most so many bytes are sent without asking first: new ones, for which a question costs as much. */
  unaskedBytes?: number;
}

/** Makes sure that the farm has the bytes of all files. */
export async function sendFiles(
  parts: UploadParts,
  files: Iterable<UploadFile> | AsyncIterable<UploadFile>,
  onWanted?: (ids: ReadonlySet<BlobId>) => void,
): Promise<SentFiles> {
  const { clock, signal, limit, meter, deltaRoot, unaskedBytes = -1 } = parts;
  const { requestsAtOnce = limit === undefined ? REQUESTS_AT_ONCE : REQUESTS_WITH_LIMIT } = parts;
  const gate = new AdaptiveGate(clock, requestsAtOnce, requestsAtOnce);
  const onSent = (bytes: number) => {
    meter.moved(bytes);
    gate.moved(bytes);
  };
  const sending = { signal, limit, onSent, onTrouble: () => gate.trouble() };
  const own = { gate, buffers: new PartBuffers(), sent: new Set<BlobId>() };
  const mine = new Sending({ ...parts, ...own, deltaRoot, sending });
  const { toSend, shown, version } = await look(parts, files);
  const there = shown.filter((entry) => entry !== undefined);
  const sent = await mine.run(toSend, there, unaskedBytes, onWanted);
  const changed = sent.map(({ treePath, hashed }) => entryOf(treePath, hashed));
  if (there.length === 0) return { entries: changed, changed, version };
  const rest = changed[Symbol.iterator]();
  const entries = shown.map((entry) => entry ?? rest.next().value!);
  return { entries, changed, version };
}

/** `shown` has an entry for each file that nothing has to be done for, in the order of the files; the others are `toSend`. */
async function look(parts: UploadParts, files: Iterable<UploadFile> | AsyncIterable<UploadFile>) {
  const found = await scanFiles(files, parts.pool, parts.signal);
  const { shown, version } = await shownAlready(parts, found);
  return { toSend: found.filter((_, index) => shown[index] === undefined), shown, version };
}

class Sending {
  readonly #parts: SendingParts;

  constructor(parts: SendingParts) {
    this.#parts = parts;
  }

  /** `there`: files of the same upload that the tree shows already. */
  async run(
    files: OutgoingFile[],
    there: readonly TreeEntry[],
    unaskedBytes: number,
    onWanted: ((ids: ReadonlySet<BlobId>) => void) | undefined,
  ): Promise<ReadFile[]> {
    const { meter, door, signal, limit } = this.#parts;
    const allFiles = files.length + there.length;
    const totalBytes = sumOf(files) + sumOf(there);
    meter.enter('asking', allFiles, totalBytes);
    const fresh = await newFiles(this.#parts, files, unaskedBytes);
    const others = files.filter((file) => !fresh.has(file));
    await this.#hashAll(others.filter(({ hashed }) => hashed === null));
    const known = others.filter(isRead);
    // What grew since it was looked at is known by nobody.
    for (const file of others) if (!isRead(file)) fresh.add(file);
    const unique = new Map<BlobId, ReadFile>();
    for (const file of known) if (!unique.has(file.hashed.id)) unique.set(file.hashed.id, file);
    const blobs = [...unique.values()].map(({ hashed }) => hashed);
    if (blobs.length > 0) meter.enter('asking', allFiles, totalBytes);
    const wanted = blobs.length > 0 ? await door.missing(blobs, { signal, limit }) : new Set<BlobId>();
    onWanted?.(wanted);
    meter.enter('sending', allFiles, totalBytes);
    const toSend = [...unique.values()].filter(({ hashed }) => wanted.has(hashed.id));
    meter.skipped(sumOf(known) + sumOf(there) - sumOf(toSend));
    meter.fileDone(known.length + there.length - toSend.length);
    const spoken = new Map(toSend.map((file) => [file.hashed.id, file]));
    await this.#sendAll([...fresh, ...toSend], fresh);
    await this.#sendLeftTwins(known, spoken);
    return files.map(asRead);
  }

  async #hashAll(files: OutgoingFile[]): Promise<void> {
    const { meter, signal } = this.#parts;
    if (files.length === 0) return;
    meter.enter('hashing', files.length, sumOf(files));
    await inLanes(jobsOf(files), HASHES_AT_ONCE, async (job) => {
      throwIfInterrupted(signal);
      if (job.kind === 'pack') await hashShort(this.#parts, job.files);
      else await rehash(this.#parts, job.file);
      const hashed = filesOf(job);
      meter.moved(sumOf(hashed));
      meter.fileDone(hashed.length);
    });
  }

  async #sendAll(files: OutgoingFile[], fresh: ReadonlySet<OutgoingFile>): Promise<void> {
    const { meter, signal, gate } = this.#parts;
    await inLanes(jobsOf(files), gate.most, async (job) => {
      throwIfInterrupted(signal);
      if (job.kind === 'pack') {
        for (const grown of await sendPack(this.#parts, job.files)) await this.#sendByItself(grown, false);
      } else await this.#sendByItself(job.file, fresh.has(job.file));
      meter.fileDone(filesOf(job).length);
    });
  }

  async #sendByItself(file: OutgoingFile, isNew: boolean): Promise<void> {
    const plan = await deltaPlanOf(this.#parts, file);
    // What was compared with a base is hashed by now.
    if (isNew && !isRead(file) && (await isSentNew(this.#parts, file))) return;
    // A file that was only remembered is read now: the farm wants its bytes.
    const isToRead = !isRead(file) || isOnlyRemembered(file);
    await sendKnown(this.#parts, isToRead ? await rehash(this.#parts, file) : file, plan);
  }

  /**
   * Of files with equal bytes one was sent for all. Where that one changed meanwhile, its twins' bytes never went out:
   * they are sent by themselves.
   */
  async #sendLeftTwins(files: ReadFile[], sent: ReadonlyMap<BlobId, ReadFile>): Promise<void> {
    for (const file of files) {
      const speaker = sent.get(file.hashed.id);
      if (speaker === undefined || speaker === file || speaker.hashed.id === file.hashed.id) continue;
      await sendKnown(this.#parts, await rehash(this.#parts, file), null);
    }
  }
}

function isRead(file: OutgoingFile): file is ReadFile {
  return file.hashed !== null;
}

function asRead(file: OutgoingFile): ReadFile {
  if (!isRead(file)) throw new Error(`${file.localPath} was left out`);
  return file;
}

function filesOf<File>(job: Job<File>): File[] {
  return job.kind === 'pack' ? job.files : [job.file];
}
