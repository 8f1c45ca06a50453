/**
 * The way to one bucket: clients of the S3 library, what this server can do, and how a request is made. Answers that the caller
 * decides about come as `S3Failure`; what passes by itself is tried again by a short table; everything else is a CroftError.
 * Bodies that are streams are sent once: whoever has the bytes sends them again.
 */
import { type PutObjectCommand, S3Client, type UploadPartCommand } from '@aws-sdk/client-s3';
import { type Clock, type Log, MINUTE, SECOND } from '@croft/contract';
import { type RetryPlan, withRetries } from '../client/wire/retry.ts';
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
/** Without one the library prints warnings of its own to the console; what matters of them comes as an error. */
const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** What servers differ in. `probeBucket` finds it out. */
export interface S3Abilities {
  /** Checks SHA-256 of parts and of the whole (composite) and remembers them. */
  readonly compositeSha256: boolean;
  /** Refuses to write over an object that is there already (If-None-Match). */
  readonly onlyNew: boolean;
}

export class S3Connection {
  readonly client: S3Client;
  /** Signs addresses as clients reach the server; signing asks nobody. */
  readonly signer: S3Client;
  readonly bucket: string;
  /** What may be asked of this server. */
  abilities: S3Abilities = { compositeSha256: true, onlyNew: true };
  readonly #clock: Clock;
  readonly #log: Log;

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
    this.client = clientAt(place.endpoint);
    this.signer = place.publicEndpoint === null ? this.client : clientAt(place.publicEndpoint);
    this.bucket = place.bucket;
    this.#clock = clock;
    this.#log = log;
  }

  /** The header by which the server checks bytes, where it can. */
  checksum(sha256Hex: string): { ChecksumSHA256?: string } {
    return this.abilities.compositeSha256 ? { ChecksumSHA256: base64Of(sha256Hex) } : {};
  }

  /** The condition by which the server refuses to write over an object, where it can. */
  onlyNew(): { IfNoneMatch?: string } {
    return this.abilities.onlyNew ? { IfNoneMatch: '*' } : {};
  }

  /** Makes a request, again where that may help. */
  call<Answer>(what: string, send: () => Promise<Answer>): Promise<Answer> {
    return withRetries(
      this.#clock,
      undefined,
      () => send().catch(failed(what)),
      (err, tried, waitMs) => this.#log.warn({ err, tried, waitMs }, 'the S3 server is asked again'),
      PLAN,
    );
  }

  /** null where what is asked for is not there. */
  async orAbsent<Answer>(what: string, send: () => Promise<Answer>): Promise<Answer | null> {
    try {
      return await this.call(what, send);
    } catch (thrown) {
      if (isFailure(thrown, 'absent')) return null;
      throw thrown;
    }
  }

  /** Sends a body of exactly `size` bytes, once. */
  async sendStream(
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

  close(): void {
    this.client.destroy();
    this.signer.destroy();
  }
}

/** S3 writes hashes in base64. */
export function base64Of(sha256Hex: string): string {
  return Buffer.from(sha256Hex, 'hex').toString('base64');
}

/** Signs the hash of the body, so that also a server without checksums checks it; the client would hash it once more. */
export function withPayloadHash<Command extends PutObjectCommand | UploadPartCommand>(
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

/** For what is not asked of the server but may fail all the same: finding the key, signing. */
export function failed(what: string): (thrown: unknown) => never {
  return (thrown) => {
    throw asS3Failure(thrown, what);
  };
}
