/** The transfer door as calls: every route of contract's `wire-transfer.ts`, from the asking side. */
import {
  type BlobId,
  CroftError,
  HEADER_BLOB_ID,
  HEADER_BLOB_SIZE,
  HEADER_NAMED,
  HEADER_PART_SHA256,
  isBlobId,
  PACK_TYPE,
  type TreeEntry,
  type TreeRoot,
  type UploadName,
} from '@croft/contract';
import * as z from 'zod';
import { hexOf } from '../../blob-hash.ts';
import { type ChunkPlaces, DELTA_MAX_BYTES, decodeChunks, longestChunkList } from '../../delta/chunk-list.ts';
import { NDJSON_TYPE, writeNdjson } from '../../formats/ndjson.ts';
import { decodePack, PACK_OVERHEAD_BYTES, type PackedBlob } from '../../formats/pack.ts';
import type { CommitBody } from '../entry-spool.ts';
import { ListedEntries } from '../receive/listed-entries.ts';
import { type Differing, ShownQuestion } from './ask-shown.ts';
import { type ByteSource, checkSent, packLineOf, packTargetOf, targetOf } from './byte-source.ts';
import type { DirectLane } from './direct-lane.ts';
import { readAll, readBytes } from './door-answer.ts';
import {
  answerLines,
  type BlobContent,
  contentBody,
  entriesOf,
  gather,
  ignoreBody,
  lineOf,
  queryOf,
} from './door-bodies.ts';
import type { DoorHttp } from './door-http.ts';
import type { DoorRequest } from './door-request.ts';
import { PaidAnswer } from './paid-answer.ts';
import { inPaidRanges } from './paid-ranges.ts';
import { ANSWER_WITHIN_MS } from './sent-body.ts';

/** Lines of one /missing question; about 2 MiB. */
const ASK_AT_ONCE = 20_000;

/** How slowly a busy farm may switch paths, told by the bytes of their lines: a thousand a second. */
const COMMITTED_BYTES_PER_MS = 200;

/** Nothing at the path, nothing of use, or damaged bytes: whatever is sent there comes as it is. */
const NO_BASE_CODES = new Set([
  'TRANSFER_NOT_FOUND',
  'TRANSFER_TOO_LARGE',
  'TRANSFER_BLOB_MISSING',
  'TRANSFER_BLOB_CORRUPT',
]);

/** What every call takes. */
export type CallOptions = Pick<DoorRequest, 'signal' | 'limit' | 'onSent' | 'onTrouble'>;

const uploadSchema = z.object({ parts: z.array(z.int().nonnegative()) });
const storedSchema = z.object({ stored: z.int() });
const versionSchema = z.object({ version: z.int() });

export class DoorClient {
  readonly #http: DoorHttp;
  readonly #direct: DirectLane;
  readonly #shown: ShownQuestion;

  constructor(http: DoorHttp, direct: DirectLane) {
    this.#http = http;
    this.#direct = direct;
    this.#shown = new ShownQuestion(http);
  }

  /** Which of the blobs the farm wants. */
  async missing(blobs: readonly { id: BlobId; size: number }[], options: CallOptions): Promise<Set<BlobId>> {
    const wanted = new Set<BlobId>();
    for (let first = 0; first < blobs.length; first += ASK_AT_ONCE) {
      const some = blobs.slice(first, first + ASK_AT_ONCE);
      const lines = some.map(({ id, size }) => [id, size]);
      const body = { pieces: await gather(writeNdjson(lines)), type: NDJSON_TYPE };
      await this.#http.ask({ method: 'POST', target: '/missing', body, ...options }, async (answer) => {
        this.#direct.notice(answer);
        for await (const line of answerLines(answer, some.length)) wanted.add(lineOf(some, line).id);
      });
    }
    return wanted;
  }

  /** Those of the sizes that blobs of the account have; all where the farm does not know the question. */
  async sizes(
    sizes: readonly number[],
    options: CallOptions,
  ): Promise<{ referred: Set<number>; takesNames: boolean }> {
    const referred = new Set<number>();
    let takesNames = false;
    for (let first = 0; first < sizes.length; first += ASK_AT_ONCE) {
      const some = sizes.slice(first, first + ASK_AT_ONCE);
      const body = { pieces: await gather(writeNdjson(some)), type: NDJSON_TYPE };
      try {
        await this.#http.ask({ method: 'POST', target: '/sizes', body, ...options }, async (answer) => {
          this.#direct.notice(answer);
          takesNames = answer.header(HEADER_NAMED) !== null;
          for await (const line of answerLines(answer, some.length)) referred.add(lineOf(some, line));
        });
      } catch (thrown) {
        if (!(thrown instanceof CroftError) || thrown.code !== 'TRANSFER_NOT_FOUND') throw thrown;
        return { referred: new Set(sizes), takesNames: false };
      }
    }
    return { referred, takesNames };
  }

  /** A pack as `encodePack` makes them, with the hash of all of it. */
  async putPack(pack: { bytes: Uint8Array; sha256Hex: string }, options: CallOptions): Promise<void> {
    const { bytes, sha256Hex } = pack;
    const body = { pieces: [bytes], sha256Hex, type: PACK_TYPE, isContent: true };
    await this.#http.ask({ method: 'POST', target: '/packs', body, ...options }, (answer) =>
      answer.json(storedSchema),
    );
  }

  async putBlob(id: BlobId, content: BlobContent, options: CallOptions): Promise<void> {
    const { size, baseId } = content;
    if (await this.#sentStraight({ id, size }, 0, content, hexOf(id), options))
      return this.complete(id, size, { signal: options.signal });
    const body = { ...contentBody(content), sha256Hex: hexOf(id) };
    const target = `/blobs/${id}${queryOf({ size, base: baseId })}`;
    await this.#http.ask({ method: 'PUT', target, body, ...options }, ignoreBody);
  }

  /**
   * What the newest bytes at a path consist of; null where the farm has none that a delta can be made of. `onFound` is called as
   * soon as the farm says that there are some, while it looks at them.
   */
  async chunks(
    root: TreeRoot,
    path: string,
    onFound: () => void,
    options: CallOptions,
  ): Promise<{ id: BlobId; places: ChunkPlaces } | null> {
    const request: DoorRequest = {
      method: 'GET',
      target: `/trees/${root}/chunks${queryOf({ path })}`,
      ...options,
    };
    try {
      return await this.#http.ask(request, async (answer) => {
        const id = answer.header(HEADER_BLOB_ID);
        const size = Number(answer.header(HEADER_BLOB_SIZE));
        if (!isBlobId(id) || !(size > 0 && size <= DELTA_MAX_BYTES)) return null;
        onFound();
        const list = await readBytes(answer.body(), longestChunkList(size));
        return { id, places: decodeChunks(list, size) };
      });
    } catch (thrown) {
      if (thrown instanceof CroftError && NO_BASE_CODES.has(thrown.code)) return null;
      throw thrown;
    }
  }

  async partsArrived(id: BlobId | UploadName, size: number, options: CallOptions): Promise<Set<number>> {
    const target = `/uploads/${id}?size=${size}`;
    const { parts } = await this.#http.ask({ method: 'GET', target, ...options }, (answer) =>
      answer.json(uploadSchema),
    );
    return new Set(parts);
  }

  async putPart(
    blob: { id: BlobId | UploadName; size: number },
    part: number,
    content: BlobContent,
    sha256Hex: string,
    options: CallOptions,
  ): Promise<void> {
    if (await this.#sentStraight(blob, part, content, sha256Hex, options)) return;
    const target = `/uploads/${blob.id}/${part}${queryOf({ size: blob.size, base: content.baseId })}`;
    const headers = { [HEADER_PART_SHA256]: sha256Hex };
    const body = { ...contentBody(content), sha256Hex };
    await this.#http.ask({ method: 'PUT', target, headers, body, ...options }, ignoreBody);
  }

  async complete(id: BlobId, size: number, options: CallOptions): Promise<void> {
    await this.#http.ask(
      { method: 'POST', target: `/uploads/${id}/complete?size=${size}`, ...options },
      ignoreBody,
    );
  }

  /** Says which blob the parts sent by that name make. TRANSFER_HASH_MISMATCH where they do not. */
  async completeNamed(name: UploadName, size: number, id: BlobId, options: CallOptions): Promise<void> {
    const target = `/uploads/${name}/complete${queryOf({ size, id })}`;
    await this.#http.ask({ method: 'POST', target, ...options }, ignoreBody);
  }

  /** Drops what was sent by that name. */
  async forgetNamed(name: UploadName, size: number, options: CallOptions): Promise<void> {
    const target = `/uploads/${name}${queryOf({ size })}`;
    await this.#http.ask({ method: 'DELETE', target, ...options }, ignoreBody);
  }

  /** Switches the paths of the entries, all or none; gives the version that shows them. */
  async commit(root: TreeRoot, entries: CommitBody, options: CallOptions): Promise<number> {
    const body = { ...entries, type: NDJSON_TYPE };
    const answerWithinMs = ANSWER_WITHIN_MS + body.bytes / COMMITTED_BYTES_PER_MS;
    const target = `/trees/${root}/commit`;
    const request: DoorRequest = { method: 'POST', target, body, answerWithinMs, ...options };
    const { version } = await this.#http.ask(request, (answer) => answer.json(versionSchema));
    return version;
  }

  /** Those of the entries that the tree does not show exactly so, or whose bytes are gone. */
  differing(root: TreeRoot, entries: readonly TreeEntry[], options: CallOptions): Promise<Differing> {
    return this.#shown.ask(root, entries, options);
  }

  tree(
    root: TreeRoot,
    prefix: string | undefined,
    version: number | undefined,
    options: CallOptions & { ownerId?: number | undefined },
  ): Promise<ListedEntries> {
    const query = queryOf({ prefix, version, account: options.ownerId });
    return this.#listed(`/trees/${root}${query}`, options);
  }

  inputs(options: CallOptions): Promise<ListedEntries> {
    return this.#listed('/attempts/inputs', options);
  }

  #listed(target: string, options: CallOptions): Promise<ListedEntries> {
    return this.#http.ask({ method: 'GET', target, ...options }, (answer) =>
      ListedEntries.of(entriesOf(answer)),
    );
  }

  /**
   * Reads bytes `start` to `end` (exclusive); `read` starts over when a try fails. With a slow limit they are asked for little by
   * little, each piece when it is paid. TRANSFER_SOURCE_CHANGED where the path means other bytes by now than the source says.
   */
  bytes<Result>(
    source: ByteSource,
    start: number,
    end: number,
    read: (body: AsyncIterable<Uint8Array>) => Promise<Result>,
    options: CallOptions,
  ): Promise<Result> {
    const { limit, signal } = options;
    const mostBytes = limit?.askBytes ?? null;
    if (limit === undefined || mostBytes === null) return this.#range(source, start, end, read, options);
    const piece = (from: number, to: number, paid: PaidAnswer) =>
      this.#range(source, from, to, (body) => readAll(body, to - from), { ...options, paid });
    return read(inPaidRanges({ limit, mostBytes, signal }, start, end, piece));
  }

  #range<Result>(
    source: ByteSource,
    start: number,
    end: number,
    read: (body: AsyncIterable<Uint8Array>) => Promise<Result>,
    options: CallOptions & Pick<DoorRequest, 'paid'>,
  ): Promise<Result> {
    // An empty range cannot be asked for; an empty file is asked for whole.
    const headers: Record<string, string> = end > start ? { range: `bytes=${start}-${end - 1}` } : {};
    const request: DoorRequest = {
      method: 'GET',
      target: targetOf(source),
      headers,
      wantsContent: true,
      ...options,
    };
    const check = (sent: string | null) => checkSent(source, sent);
    return this.#direct.read(request, { viaFarm: source.viaFarm === true, check }, (answer) =>
      read(answer.body()),
    );
  }

  /**
   * Asks for the blobs of short sources together, all of one tree or all inputs, and lets `read` take what comes, each
   * proven to hash to its id; `read` starts over when a try fails. `bytes`: of all of them.
   */
  async pack(
    sources: readonly ByteSource[],
    bytes: number,
    read: (pack: AsyncIterable<PackedBlob>) => Promise<void>,
    options: CallOptions,
  ): Promise<void> {
    const [first] = sources;
    if (first === undefined) return;
    const target = packTargetOf(first);
    const lines = sources.map(packLineOf);
    const body = { pieces: await gather(writeNdjson(lines)), type: NDJSON_TYPE };
    const { limit, signal } = options;
    const paid = limit && new PaidAnswer(limit, bytes + sources.length * PACK_OVERHEAD_BYTES, signal);
    const request: DoorRequest = { method: 'POST', target, body, wantsContent: true, paid, ...options };
    await this.#http.ask(request, (answer) => read(decodePack(answer.body())));
  }

  /** A delta is shorter than any way past the farm. */
  async #sentStraight(
    { id, size }: { id: BlobId | UploadName; size: number },
    part: number,
    { pieces, baseId }: BlobContent,
    sha256Hex: string,
    options: CallOptions,
  ): Promise<boolean> {
    const [bytes] = pieces;
    if (baseId !== undefined || bytes === undefined) return false;
    return this.#direct.sendPart({ id, size }, part, bytes, sha256Hex, options);
  }
}
