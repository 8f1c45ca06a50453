/**
 * One bucket as the few calls that the store makes. Answers that the caller decides about come as `S3Failure`; what passes by
 * itself is tried again by a short table; everything else is a CroftError. Bodies that are streams are sent once: whoever has
 * the bytes sends them again.
 */
import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { type Clock, GiB, type Log, MINUTE, SECOND } from '@croft/contract';
import type { DirectAddress } from '../blob-store.ts';
import { type RetryPlan, withRetries } from '../client/retry.ts';
import { transferErrors } from '../errors.ts';
import { ExactBody } from './exact-body.ts';
import { asS3Failure, isFailure } from './s3-failure.ts';
import type { S3Place } from './s3-place.ts';

/** A key of the S3 server. Never logged, never part of an address. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Five tries in about three seconds: behind them is a sender who tries again for two minutes. */
const PLAN: RetryPlan = { maxTries: 5, firstWaitMs: 0.1 * SECOND, longestWaitMs: 2 * SECOND };
const CONNECT_WITHIN_MS = 5 * SECOND;
/** A socket on which nothing moved for this long is dead. A disk behind it may take its time to sync. */
const IDLE_MS = MINUTE;
const SOCKETS = 64;
/** S3 copies no longer object in one request. */
const COPY_MAX_BYTES = 5 * GiB;
/** How long an address may be used to begin with; a request under way may end later. */
const ADDRESS_LIFE_MS = 10 * MINUTE;

/** Without one the library prints warnings of its own to the console; what matters of them comes as an error. */
const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** What servers differ in. `probeBucket` finds it out. */
export interface S3Abilities {
  /** Checks SHA-256 of parts and of the whole (composite) and remembers them. */
  readonly compositeSha256: boolean;
  /** Refuses to write over an object that is there already (If-None-Match). */
  readonly onlyNew: boolean;
}

/** A part as the server lists it. */
export interface StoredPart {
  /** From 1, as S3 counts. */
  readonly number: number;
  readonly size: number;
  readonly etag: string;
  /** Base64; null where the server keeps none. */
  readonly sha256: string | null;
  readonly storedMs: number;
}

export interface StoredObject {
  readonly size: number;
  readonly etag: string;
}

export class Bucket {
  readonly #client: S3Client;
  /** Signs addresses as clients reach the server; signing asks nobody. */
  readonly #signer: S3Client;
  readonly #name: string;
  readonly #clock: Clock;
  readonly #log: Log;
  /** What may be asked of this server. */
  abilities: S3Abilities = { compositeSha256: true, onlyNew: true };

  /** Without credentials they are looked for as Amazon's tools do: environment, profile, role of the machine. */
  constructor(place: S3Place, credentials: S3Credentials | null, clock: Clock, log: Log) {
    const clientAt = (endpoint: string | null) =>
      new S3Client({
        region: place.region,
        forcePathStyle: place.pathStyle,
        // Checksums are ours, SHA-256, and the retries are those of the table above.
        requestChecksumCalculation: 'WHEN_REQUIRED',
        responseChecksumValidation: 'WHEN_REQUIRED',
        maxAttempts: 1,
        logger: SILENT,
        requestHandler: {
          connectionTimeout: CONNECT_WITHIN_MS,
          socketTimeout: IDLE_MS,
          httpAgent: { maxSockets: SOCKETS },
          httpsAgent: { maxSockets: SOCKETS },
        },
        ...(endpoint === null ? {} : { endpoint }),
        ...(credentials === null ? {} : { credentials }),
      });
    this.#client = clientAt(place.endpoint);
    this.#signer = place.publicEndpoint === null ? this.#client : clientAt(place.publicEndpoint);
    this.#name = place.bucket;
    this.#clock = clock;
    this.#log = log;
  }

  /** Size and etag; null where there is no such object. */
  async head(key: string): Promise<StoredObject | null> {
    const answer = await this.#orAbsent('looking for an object', () =>
      this.#client.send(new HeadObjectCommand({ Bucket: this.#name, Key: key })),
    );
    return answer && { size: answer.ContentLength ?? 0, etag: answer.ETag ?? '' };
  }

  /** The object or a range of it (end exclusive), only while it is still the one of `etag`; null where it is gone. */
  async read(
    key: string,
    options: { start?: number; end?: number; etag?: string } = {},
  ): Promise<AsyncIterable<Uint8Array> | null> {
    const { start, end, etag } = options;
    const answer = await this.#get({
      Key: key,
      ...(start === undefined || end === undefined ? {} : { Range: `bytes=${start}-${end - 1}` }),
      ...(etag === undefined ? {} : { IfMatch: etag }),
    });
    return answer && translated(answer.Body as Readable);
  }

  /** Like `head`, in the same request with the bytes of an object that has at most `maxBytes`; of a longer one they are null. */
  async peek(key: string, maxBytes: number): Promise<(StoredObject & { bytes: Buffer | null }) | null> {
    const answer = await this.#get({ Key: key });
    if (answer === null) return null;
    const body = answer.Body as Readable;
    const object = { size: answer.ContentLength ?? 0, etag: answer.ETag ?? '' };
    if (object.size <= maxBytes) return { ...object, bytes: await gathered(translated(body), maxBytes) };
    body.destroy();
    return { ...object, bytes: null };
  }

  /** A short object; null where there is none. */
  async readAll(key: string, maxBytes: number): Promise<Buffer | null> {
    const body = await this.read(key);
    return body && gathered(body, maxBytes);
  }

  /** Writes a short object whose bytes have this SHA-256. S3Failure `exists` where `onlyNew` and it is there. */
  async put(key: string, bytes: Uint8Array, sha256Hex: string, options: { onlyNew: boolean }): Promise<void> {
    await this.#call('writing an object', () =>
      this.#client.send(
        withPayloadHash(
          new PutObjectCommand({
            Bucket: this.#name,
            Key: key,
            Body: bytes,
            ...this.#checksum(sha256Hex),
            ...(options.onlyNew ? this.#onlyNew() : {}),
          }),
          sha256Hex,
        ),
      ),
    );
  }

  /** Writes an object from a stream of exactly `size` bytes. S3Failure `exists`, `mismatch`. */
  async putStream(key: string, size: number, sha256Hex: string, body: AsyncIterable<Uint8Array>) {
    await this.#sendStream('writing an object', size, body, (stream, abortSignal) =>
      this.#client.send(
        withPayloadHash(
          new PutObjectCommand({
            Bucket: this.#name,
            Key: key,
            Body: stream,
            ContentLength: size,
            ...this.#checksum(sha256Hex),
            ...this.#onlyNew(),
          }),
          sha256Hex,
        ),
        { abortSignal },
      ),
    );
  }

  async remove(key: string): Promise<void> {
    await this.#orAbsent('removing an object', () =>
      this.#client.send(new DeleteObjectCommand({ Bucket: this.#name, Key: key })),
    );
  }

  /** Every object below a prefix, in the order of keys. */
  async *list(prefix: string): AsyncGenerator<{ key: string; size: number; storedMs: number }> {
    let after: string | undefined;
    do {
      const answer = await this.#call('listing objects', () =>
        this.#client.send(
          new ListObjectsV2Command({ Bucket: this.#name, Prefix: prefix, ContinuationToken: after }),
        ),
      );
      for (const { Key, Size, LastModified } of answer.Contents ?? [])
        if (Key !== undefined) yield { key: Key, size: Size ?? 0, storedMs: LastModified?.getTime() ?? 0 };
      after = answer.NextContinuationToken;
    } while (after !== undefined);
  }

  /** Copies inside the server, only while the source is the object of `etag`; in parts where it is long. */
  async copy(from: string, to: string, source: StoredObject, partBytes: number): Promise<void> {
    const what = { Bucket: this.#name, Key: to };
    const where = {
      CopySource: `${this.#name}/${from.split('/').map(encodeURIComponent).join('/')}`,
      CopySourceIfMatch: source.etag,
    };
    if (source.size <= COPY_MAX_BYTES) {
      await this.#call('copying', () => this.#client.send(new CopyObjectCommand({ ...what, ...where })));
      return;
    }
    const uploadId = await this.createUpload(to);
    const parts: { PartNumber: number; ETag: string }[] = [];
    for (let start = 0; start < source.size; start += partBytes) {
      const end = Math.min(start + partBytes, source.size);
      const part = { PartNumber: parts.length + 1, CopySourceRange: `bytes=${start}-${end - 1}` };
      const answer = await this.#call('copying', () =>
        this.#client.send(new UploadPartCopyCommand({ ...what, ...where, ...part, UploadId: uploadId })),
      );
      parts.push({ PartNumber: part.PartNumber, ETag: answer.CopyPartResult?.ETag ?? '' });
    }
    const MultipartUpload = { Parts: parts };
    await this.#call('copying', () =>
      this.#client.send(new CompleteMultipartUploadCommand({ ...what, UploadId: uploadId, MultipartUpload })),
    );
  }

  /** Begins a multipart upload whose parts, and the whole, are checked by SHA-256. Returns its id. */
  async createUpload(key: string): Promise<string> {
    const { UploadId } = await this.#call('beginning an upload', () =>
      this.#client.send(
        new CreateMultipartUploadCommand({
          Bucket: this.#name,
          Key: key,
          ...(this.abilities.compositeSha256
            ? { ChecksumAlgorithm: 'SHA256', ChecksumType: 'COMPOSITE' }
            : {}),
        }),
      ),
    );
    if (UploadId === undefined) throw new Error('the S3 server began an upload without an id');
    return UploadId;
  }

  /** S3Failure `absent` where the upload is gone, `mismatch`. `number` counts from 1. */
  async putPart(
    upload: { key: string; uploadId: string },
    part: { number: number; size: number; sha256Hex: string },
    body: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    await this.#sendStream('writing a part', part.size, body, (stream, abortSignal) =>
      this.#client.send(withPayloadHash(this.#partCommand(upload, part, stream), part.sha256Hex), {
        abortSignal,
      }),
    );
  }

  /** The parts that arrived, by number; null where the upload is gone. */
  async listParts(upload: { key: string; uploadId: string }): Promise<StoredPart[] | null> {
    const parts: StoredPart[] = [];
    for (let after: string | undefined; ; ) {
      const answer = await this.#orAbsent('listing parts', () =>
        this.#client.send(
          new ListPartsCommand({
            Bucket: this.#name,
            Key: upload.key,
            UploadId: upload.uploadId,
            ...(after === undefined ? {} : { PartNumberMarker: after }),
          }),
        ),
      );
      if (answer === null) return null;
      for (const part of answer.Parts ?? [])
        parts.push({
          number: part.PartNumber ?? 0,
          size: part.Size ?? 0,
          etag: part.ETag ?? '',
          sha256: part.ChecksumSHA256 ?? null,
          storedMs: part.LastModified?.getTime() ?? 0,
        });
      after = answer.NextPartNumberMarker;
      if (answer.IsTruncated !== true || after === undefined) return parts;
    }
  }

  /**
   * Makes the object of its parts; returns the composite SHA-256 that the server found (base64), null where it tells none.
   * With `sha256` (base64) the server refuses any other (`mismatch`); `exists` where the object is there already.
   */
  async completeUpload(
    upload: { key: string; uploadId: string },
    parts: readonly StoredPart[],
    sha256?: string,
  ): Promise<string | null> {
    const answer = await this.#call('completing an upload', () =>
      this.#client.send(
        new CompleteMultipartUploadCommand({
          Bucket: this.#name,
          Key: upload.key,
          UploadId: upload.uploadId,
          MultipartUpload: {
            Parts: parts.map((part) => ({
              PartNumber: part.number,
              ETag: part.etag,
              ...(part.sha256 === null ? {} : { ChecksumSHA256: part.sha256 }),
            })),
          },
          ...(sha256 === undefined
            ? {}
            : {
                ChecksumSHA256: `${sha256}-${parts.length}`,
                ChecksumType: 'COMPOSITE',
                ...this.#onlyNew(),
              }),
        }),
      ),
    );
    return answer.ChecksumSHA256?.replace(/-\d+$/, '') ?? null;
  }

  /** An upload that is gone already is fine. */
  async abortUpload(upload: { key: string; uploadId: string }): Promise<void> {
    await this.#orAbsent('dropping an upload', () =>
      this.#client.send(
        new AbortMultipartUploadCommand({ Bucket: this.#name, Key: upload.key, UploadId: upload.uploadId }),
      ),
    );
  }

  /** An address that takes this part only: its key, its length and its SHA-256 are signed. */
  async partAddress(
    upload: { key: string; uploadId: string },
    part: { number: number; size: number; sha256Hex: string },
  ): Promise<DirectAddress> {
    const checksum = 'x-amz-checksum-sha256';
    const url = await getSignedUrl(this.#signer, this.#partCommand(upload, part), {
      expiresIn: ADDRESS_LIFE_MS / SECOND,
      unhoistableHeaders: new Set([checksum]),
      signableHeaders: new Set(['host', 'content-length', checksum]),
    }).catch(failed('signing an address'));
    const sum: Record<string, string> = this.abilities.compositeSha256
      ? { [checksum]: base64Of(part.sha256Hex) }
      : {};
    return { url, headers: { 'content-length': String(part.size), ...sum } };
  }

  async readAddress(key: string): Promise<DirectAddress> {
    const url = await getSignedUrl(this.#signer, new GetObjectCommand({ Bucket: this.#name, Key: key }), {
      expiresIn: ADDRESS_LIFE_MS / SECOND,
    }).catch(failed('signing an address'));
    return { url, headers: {} };
  }

  close(): void {
    this.#client.destroy();
    this.#signer.destroy();
  }

  #partCommand(
    upload: { key: string; uploadId: string },
    part: { number: number; size: number; sha256Hex: string },
    body?: ExactBody['stream'],
  ): UploadPartCommand {
    return new UploadPartCommand({
      Bucket: this.#name,
      Key: upload.key,
      UploadId: upload.uploadId,
      PartNumber: part.number,
      ContentLength: part.size,
      ...this.#checksum(part.sha256Hex),
      ...(body === undefined ? {} : { Body: body }),
    });
  }

  async #get(asking: Omit<GetObjectCommandInput, 'Bucket'>) {
    try {
      return await this.#orAbsent('reading', () =>
        this.#client.send(new GetObjectCommand({ Bucket: this.#name, ...asking })),
      );
    } catch (thrown) {
      if (!isFailure(thrown, 'exists')) throw thrown;
      const why = `${asking.Key} was stored anew while it was read`;
      throw transferErrors.TRANSFER_STORE_UNREACHABLE(why, { cause: thrown });
    }
  }

  #checksum(sha256Hex: string): { ChecksumSHA256?: string } {
    return this.abilities.compositeSha256 ? { ChecksumSHA256: base64Of(sha256Hex) } : {};
  }

  #onlyNew(): { IfNoneMatch?: string } {
    return this.abilities.onlyNew ? { IfNoneMatch: '*' } : {};
  }

  #call<Answer>(what: string, send: () => Promise<Answer>): Promise<Answer> {
    return withRetries(
      this.#clock,
      undefined,
      () => send().catch(failed(what)),
      (err, tried, waitMs) => this.#log.warn({ err, tried, waitMs }, 'the S3 server is asked again'),
      PLAN,
    );
  }

  async #orAbsent<Answer>(what: string, send: () => Promise<Answer>): Promise<Answer | null> {
    try {
      return await this.#call(what, send);
    } catch (thrown) {
      if (isFailure(thrown, 'absent')) return null;
      throw thrown;
    }
  }

  async #sendStream(
    what: string,
    size: number,
    body: AsyncIterable<Uint8Array>,
    send: (stream: ExactBody['stream'], signal: AbortSignal) => Promise<unknown>,
  ): Promise<void> {
    const exact = new ExactBody(body, size);
    try {
      await send(exact.stream, exact.signal);
      // A server that took less than all would have to be wrong about the checksum as well.
      if (exact.failure !== null) throw exact.failure;
    } catch (thrown) {
      throw exact.failure ?? asS3Failure(thrown, what);
    } finally {
      exact.end();
    }
  }
}

/** S3 writes hashes in base64. */
export function base64Of(sha256Hex: string): string {
  return Buffer.from(sha256Hex, 'hex').toString('base64');
}

/** Signs the hash of the body, so that also a server without checksums checks it; the client would hash it once more. */
function withPayloadHash<Command extends PutObjectCommand | UploadPartCommand>(
  command: Command,
  sha256Hex: string,
): Command {
  const stack = command.middlewareStack as PutObjectCommand['middlewareStack'];
  stack.add(
    (next) => (args) => {
      (args.request as { headers: Record<string, string> }).headers['x-amz-content-sha256'] = sha256Hex;
      return next(args);
    },
    { step: 'build', name: 'croftPayloadHash' },
  );
  return command;
}

function failed(what: string): (thrown: unknown) => never {
  return (thrown) => {
    throw asS3Failure(thrown, what);
  };
}

async function gathered(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of body) {
    total += chunk.length;
    if (total > maxBytes) throw new Error(`an object has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function* translated(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (thrown) {
    throw asS3Failure(thrown, 'reading');
  }
}
