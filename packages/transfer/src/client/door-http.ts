/**
 * One request to the transfer door: signed anew at each try, watched for standstill, retried by the table, its errors
 * back as the `CroftError` that the farm threw.
 */
import { createHash } from 'node:crypto';
import { type Clock, CroftError, coerceError, KiB, type Log, MINUTE, SECOND } from '@croft/contract';
import * as z from 'zod';
import { transferErrors } from '../errors.ts';
import type { RateLimit } from './rate-limit.ts';
import { throwIfInterrupted, withRetries } from './retry.ts';

/** Headers that prove who asks. `target` is path and query as on the request line; called again for every try. */
export type Authorise = (
  method: string,
  target: string,
  bodySha256: string,
) => Record<string, string> | Promise<Record<string, string>>;

export interface DoorHttpOptions {
  /** `https://farm:8443`, without the door's own path. */
  baseUrl: string;
  authorise: Authorise;
  clock: Clock;
  log: Log;
}

export interface DoorRequest {
  method: 'GET' | 'PUT' | 'POST';
  /** Below `/transfer/v1`, encoded, with its query. */
  target: string;
  headers?: Record<string, string>;
  body?: {
    pieces: readonly Uint8Array[];
    type: string;
    /** Where it is known already; else the pieces are hashed. */
    sha256Hex?: string;
  };
  signal?: AbortSignal | undefined;
  limit?: RateLimit | undefined;
  /** Bytes of the body that went out; a failed try takes its bytes back with a negative call. */
  onSent?: (bytes: number) => void;
}

/** No byte for this long means that the connection is dead, whatever TCP thinks (architecture, section 5). */
export const ZERO_SPEED_MS = 15 * SECOND;
/** Between the last byte sent and the answer the farm may sync a slow disk. */
const ANSWER_WITHIN_MS = MINUTE;
const CHUNK_BYTES = 256 * KiB;
const ERROR_BODY_MAX_BYTES = 64 * KiB;
const EMPTY_SHA256 = createHash('sha256').digest('hex');

/** `duplex` is what the fetch standard wants for a streamed body; the DOM's types do not know it yet. */
type StreamingRequest = RequestInit & { duplex?: 'half' };

const errorBodySchema = z.object({
  code: z.string(),
  message: z.string(),
  status: z.int(),
  exit: z.int(),
  apiCode: z.int().optional(),
  hint: z.string().optional(),
});

export class DoorHttp {
  readonly #base: URL;
  readonly #options: DoorHttpOptions;

  constructor(options: DoorHttpOptions) {
    this.#base = new URL(options.baseUrl);
    this.#options = options;
  }

  /**
   * Sends until `read` has taken the whole answer. `read` runs again from its start after a failed try, and gets only
   * answers of 200 to 299. Throws the farm's error, TRANSFER_UNREACHABLE after the last try, TRANSFER_INTERRUPTED.
   */
  ask<Result>(request: DoorRequest, read: (answer: DoorAnswer) => Promise<Result>): Promise<Result> {
    const { clock, log } = this.#options;
    return withRetries(
      clock,
      request.signal,
      () => this.#try(request, read),
      (error, tried, waitMs) => {
        log.debug(
          { err: error, tried, waitMs, target: request.target },
          'a transfer request failed; trying again',
        );
      },
    );
  }

  async #try<Result>(request: DoorRequest, read: (answer: DoorAnswer) => Promise<Result>): Promise<Result> {
    const stop = new AbortController();
    const interrupted = () => stop.abort();
    request.signal?.addEventListener('abort', interrupted, { once: true });
    const watch = new Standstill(this.#options.clock, () => stop.abort());
    const sent = { bytes: 0 };
    let arrived = false;
    try {
      watch.expect(ANSWER_WITHIN_MS);
      const response = await this.#fetch(request, watch, sent, stop.signal);
      arrived = response.ok;
      watch.expect(ZERO_SPEED_MS);
      if (!response.ok) throw await errorOf(response);
      return await read(new DoorAnswer(response, watch));
    } catch (thrown) {
      throwIfInterrupted(request.signal);
      if (watch.stalled)
        throw transferErrors.TRANSFER_UNREACHABLE(`${this.#base.origin} stood still`, { cause: thrown });
      if (thrown instanceof CroftError) throw thrown;
      throw this.#networkError(coerceError(thrown));
    } finally {
      watch.end();
      request.signal?.removeEventListener('abort', interrupted);
      stop.abort();
      if (!arrived && sent.bytes > 0) request.onSent?.(-sent.bytes);
    }
  }

  async #fetch(
    request: DoorRequest,
    watch: Standstill,
    sent: { bytes: number },
    signal: AbortSignal,
  ): Promise<Response> {
    const target = `/transfer/v1${request.target}`;
    const { body } = request;
    const bodySha256 = body === undefined ? EMPTY_SHA256 : (body.sha256Hex ?? hashOf(body.pieces));
    const headers: Record<string, string> = {
      ...request.headers,
      ...(await this.#options.authorise(request.method, target, bodySha256)),
    };
    const init: StreamingRequest = { method: request.method, headers, signal, redirect: 'error' };
    if (body !== undefined) {
      headers['content-type'] = body.type;
      init.body = streamOf(paced(request, body.pieces, watch, sent));
      init.duplex = 'half';
    }
    return fetch(new URL(target, this.#base), init);
  }

  /** `fetch` says "fetch failed" for anything below HTTP; the useful word is in its cause. Bugs stay bugs. */
  #networkError(error: Error): Error {
    const isNetwork = error instanceof TypeError || error.name === 'AbortError' || 'code' in error;
    if (!isNetwork) return error;
    const why = error.cause === undefined ? error.message : coerceError(error.cause).message;
    return transferErrors.TRANSFER_UNREACHABLE(`${this.#base.origin} cannot be reached: ${why}`, {
      cause: error,
    });
  }
}

/** The answer of the door; its body feeds the standstill watch. */
export class DoorAnswer {
  readonly #response: Response;
  readonly #watch: Standstill;

  constructor(response: Response, watch: Standstill) {
    this.#response = response;
    this.#watch = watch;
  }

  get status(): number {
    return this.#response.status;
  }

  async *body(): AsyncGenerator<Uint8Array> {
    if (this.#response.body === null) return;
    for await (const chunk of this.#response.body) {
      this.#watch.expect(ZERO_SPEED_MS);
      yield chunk;
    }
  }

  /** A short JSON answer, checked. */
  async json<Schema extends z.ZodType>(schema: Schema, maxBytes = 1024 * KiB): Promise<z.infer<Schema>> {
    const parsed = schema.safeParse(parseJson((await readBytes(this.body(), maxBytes)).toString('utf8')));
    if (!parsed.success)
      throw transferErrors.TRANSFER_ANSWER_INVALID('the farm gave an answer that is not in the protocol');
    return parsed.data;
  }
}

/** Calls `onStall` when nothing was expected anew for as long as was said. */
class Standstill {
  stalled = false;
  readonly #clock: Clock;
  readonly #onStall: () => void;
  #deadline = 0;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, onStall: () => void) {
    this.#clock = clock;
    this.#onStall = onStall;
  }

  /** Something moved; the next thing must within `ms`. Cheap: one timer serves many calls. */
  expect(ms: number): void {
    this.#deadline = this.#clock.now() + ms;
    if (this.#cancel === null) this.#arm(ms);
  }
  end(): void {
    this.#cancel?.();
    this.#cancel = () => undefined;
  }
  #arm(ms: number): void {
    this.#cancel = this.#clock.after(Math.min(ms, ZERO_SPEED_MS), () => {
      const left = this.#deadline - this.#clock.now();
      if (left > 0) return this.#arm(left);
      this.stalled = true;
      this.#onStall();
    });
  }
}

/** The body in chunks: waits for the limit, counts, and tells the watch after each one. */
async function* paced(
  request: DoorRequest,
  pieces: readonly Uint8Array[],
  watch: Standstill,
  sent: { bytes: number },
): AsyncGenerator<Uint8Array> {
  const chunkBytes = request.limit?.chunkBytes ?? CHUNK_BYTES;
  for (const chunk of chunked(pieces, chunkBytes)) {
    await request.limit?.take(chunk.length, request.signal);
    watch.expect(ZERO_SPEED_MS);
    yield chunk;
    sent.bytes += chunk.length;
    request.onSent?.(chunk.length);
  }
  watch.expect(ANSWER_WITHIN_MS);
}

/** Cuts long pieces and joins short ones, so that a pack of 4,096 small blobs is not 12,288 writes. */
function* chunked(pieces: readonly Uint8Array[], chunkBytes: number): Generator<Uint8Array> {
  let short: Uint8Array[] = [];
  let shortBytes = 0;
  for (const piece of pieces) {
    if (piece.length + shortBytes <= chunkBytes) {
      short.push(piece);
      shortBytes += piece.length;
      continue;
    }
    if (shortBytes > 0) yield Buffer.concat(short, shortBytes);
    short = [];
    shortBytes = 0;
    for (let at = 0; at < piece.length; at += chunkBytes) yield piece.subarray(at, at + chunkBytes);
  }
  if (shortBytes > 0) yield Buffer.concat(short, shortBytes);
}

function hashOf(pieces: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
}

/** Pulls only what the socket takes, so that counting and limiting happen when bytes really go. */
function streamOf(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await chunks.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await chunks.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

async function errorOf(response: Response): Promise<Error> {
  const text = await readBytes(response.body ?? [], ERROR_BODY_MAX_BYTES).catch(() => Buffer.alloc(0));
  const parsed = errorBodySchema.safeParse(parseJson(text.toString('utf8')));
  if (parsed.success) {
    const { apiCode, hint, ...rest } = parsed.data;
    return CroftError.from({
      ...rest,
      ...(apiCode === undefined ? {} : { apiCode }),
      ...(hint === undefined ? {} : { hint }),
    });
  }
  const message = `the farm answered ${response.status}`;
  const passing = [408, 425, 429, 500, 502, 503, 504].includes(response.status);
  return passing
    ? transferErrors.TRANSFER_UNREACHABLE(message)
    : transferErrors.TRANSFER_ANSWER_INVALID(message);
}

/** All bytes of a stream, at most `maxBytes`. */
export async function readBytes(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of body) {
    total += chunk.length;
    if (total > maxBytes)
      throw transferErrors.TRANSFER_ANSWER_INVALID('the farm gave an answer that is far too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
