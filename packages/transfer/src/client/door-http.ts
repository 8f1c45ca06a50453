/**
 * One request to the transfer door: signed anew at each try, watched for standstill, retried by the table, its errors
 * back as the `CroftError` that the farm threw.
 */
import { createHash } from 'node:crypto';
import { type Clock, CroftError, coerceError, KiB, type Log } from '@croft/contract';
import * as z from 'zod';
import { transferErrors } from '../errors.ts';
import type { RateLimit } from './rate-limit.ts';
import { throwIfInterrupted, withRetries } from './retry.ts';
import { ANSWER_WITHIN_MS, hashOf, paced, streamOf } from './sent-body.ts';
import { Standstill, ZERO_SPEED_MS } from './standstill.ts';

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
    if (!isNetworkError(error)) return error;
    const why = error.cause === undefined ? error.message : coerceError(error.cause).message;
    return transferErrors.TRANSFER_UNREACHABLE(`${this.#base.origin} cannot be reached: ${why}`, {
      cause: error,
    });
  }
}

/** Codes of sockets and names. A full disk has a code as well, and must not be waited for as if the farm were away. */
const NETWORK_CODES =
  /^(UND_ERR_.*|ECONN.*|EPIPE|ETIMEDOUT|EHOST.*|ENET.*|ENOTFOUND|EAI_.*|EPROTO|ERR_SSL_.*|ERR_TLS_.*|HPE_.*)$/;

function isNetworkError(error: Error): boolean {
  if (error.name === 'AbortError') return true;
  if (error instanceof TypeError && error.cause !== undefined) return true;
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' && NETWORK_CODES.test(code);
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

  header(name: string): string | null {
    return this.#response.headers.get(name);
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
