/**
 * Receiving many short files by the pack: one question, one answer, many files. Only a file whose bytes came and hash to its
 * id is placed; what a pack lacks, or what cannot be placed, is left to `receiveFile`, which tells what is wrong.
 */
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { type BlobId, CroftError, MiB, PACK_MAX_BLOBS } from '@croft/contract';
import { PACK_OVERHEAD_BYTES } from '../../formats/pack.ts';
import type { RateLimit } from '../pace/rate-limit.ts';
import { PACK_FILE_MAX_BYTES } from '../send/upload-jobs.ts';
import { isUnanswered, throwIfInterrupted } from '../wire/retry.ts';
import type { PlaceThread } from './place-thread.ts';
import type { IncomingFile, ReceiveParts } from './receive-file.ts';

const PACK_BYTES = 8 * MiB;
/** With a limit: shorter ones follow each other closer, and several are under way anyway. */
const LIMITED_PACK_BYTES = MiB;
const PACK_FILES = PACK_MAX_BLOBS / 4;

/** Gathers files until they make a pack; with a slow limit, a short one. */
export class PackGatherer<File extends { size: number }> {
  /** Longer files do not belong into a pack. */
  readonly fileMaxBytes: number;
  readonly #packBytes: number;
  #files: File[] = [];
  #bytes = 0;

  constructor(limit: RateLimit | undefined) {
    const askBytes = limit?.askBytes ?? null;
    this.#packBytes = askBytes === null ? PACK_BYTES : Math.min(LIMITED_PACK_BYTES, askBytes);
    this.fileMaxBytes = Math.min(PACK_FILE_MAX_BYTES, this.#packBytes);
  }

  /** A full pack, once the file fills one; null before. */
  add(file: File): File[] | null {
    this.#files.push(file);
    this.#bytes += file.size + PACK_OVERHEAD_BYTES;
    return this.#bytes >= this.#packBytes || this.#files.length === PACK_FILES ? this.rest() : null;
  }

  /** What is gathered; may be empty. */
  rest(): File[] {
    const files = this.#files;
    this.#files = [];
    this.#bytes = 0;
    return files;
  }
}

/** Receives what one pack brings; returns the files that must be received by themselves. */
export async function receivePack<File extends IncomingFile>(
  parts: ReceiveParts & { places: PlaceThread },
  files: readonly File[],
): Promise<File[]> {
  if (files.length < 2) return [...files];
  const blobs = await parts.gate.run(() => packOf(parts, files));
  const here = files.filter(({ id }) => blobs.has(id));
  const orders = here.map((file) => ({
    partial: packPartialPath(file),
    target: file.target,
    bytes: blobs.get(file.id)!,
    mtimeMs: file.mtimeMs,
  }));
  const failures = await parts.places.place(orders);
  const failed = new Set(failures.map(({ number }) => here[number]!));
  for (const file of here) {
    if (failed.has(file)) parts.meter.moved(-file.size);
    else parts.touched.add(dirname(file.target));
  }
  return files.filter((file) => !blobs.has(file.id) || failed.has(file));
}

/** Verified bytes by id; empty where the farm gives no packs or a damaged one. */
async function packOf(
  parts: ReceiveParts,
  files: readonly IncomingFile[],
): Promise<ReadonlyMap<BlobId, Uint8Array>> {
  throwIfInterrupted(parts.signal);
  let moved = 0;
  const wanted = new Map<BlobId, number>();
  for (const { id } of files) wanted.set(id, (wanted.get(id) ?? 0) + 1);
  const blobs = new Map<BlobId, Uint8Array>();
  const takeBack = () => {
    parts.meter.moved(-moved);
    moved = 0;
    blobs.clear();
  };
  try {
    await parts.door.pack(
      files.map(({ source }) => source),
      files.reduce((sum, { size }) => sum + size, 0),
      async (pack) => {
        takeBack();
        for await (const { id, bytes } of pack) {
          const times = wanted.get(id);
          if (times === undefined || blobs.has(id)) continue;
          blobs.set(id, bytes);
          moved += bytes.length * times;
          parts.meter.moved(bytes.length * times);
        }
      },
      { signal: parts.signal, limit: parts.limit },
    );
  } catch (thrown) {
    takeBack();
    throwIfInterrupted(parts.signal);
    if (!(thrown instanceof CroftError) || isUnanswered(thrown)) throw thrown;
  }
  return blobs;
}

/** Its own for each process and file: whoever finishes first is replaced by the same bytes. */
function packPartialPath({ target, id }: IncomingFile): string {
  const name = createHash('sha256').update(`${process.pid}\n${target}\n${id}`).digest('hex').slice(0, 24);
  return join(dirname(target), `.croft-${name}.part`);
}
