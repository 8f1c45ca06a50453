/**
 * One request to the transfer door: signed anew at each try, watched for standstill, retried by the table, its errors
 * back as the `CroftError` that the farm threw.
 */
import { createHash } from 'node:crypto';
import { type Clock, CroftError, HEADER_PLAIN_SIZE, KiB, type Log } from '@croft/contract';
import * as z from 'zod';
import { DELTA_TYPE } from '../../delta/delta-body.ts';
import { transferErrors } from '../../errors.ts';
import { ZSTD } from '../../formats/zstd-body.ts';
import { type DoorAnswer, parseJson, readBytes } from './door-answer.ts';
import type { DoorRequest } from './door-request.ts';
import type { HttpAnswer } from './http-answer.ts';
import type { HttpSender } from './http-sender.ts';
import { isPassingStatus, withRetries } from './retry.ts';
import { hashOf, outgoingBody } from './sent-body.ts';
import { type TryWay, tryOnce } from './try-once.ts';
import type { WireCompression } from './wire-compression.ts';

/** Headers that prove who asks. `target` is path and query as the farm gets them, without the prefix of a proxy; called again for every try. */
export type Authorise = (
  method: string,
  target: string,
  bodySha256: string,
) => Record<string, string> | Promise<Record<string, string>>;

export interface DoorHttpOptions {
  /** `https://farm:8443`, with the path prefix of a proxy, without the door's own path. */
  baseUrl: string;
  authorise: Authorise;
  /** How long no byte may move before a connection counts as dead; default 15 s. */
  zeroSpeedMs?: number | undefined;
  clock: Clock;
  log: Log;
}

const ERROR_BODY_MAX_BYTES = 64 * KiB;
const HINT_TOO_LONG =
  'A proxy before the farm limits how long a request may be: client_max_body_size 0 in nginx.';
const EMPTY_SHA256 = createHash('sha256').digest('hex');

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
  /** Path below which a proxy shows the farm; it takes it away, so signatures do not hold it. */
  readonly #prefix: string;
  readonly #options: DoorHttpOptions;
  readonly #sender: HttpSender;
  readonly #wire: WireCompression;
  #hasAnswered = false;

  constructor(options: DoorHttpOptions, sender: HttpSender, wire: WireCompression) {
    this.#base = new URL(options.baseUrl);
    this.#prefix = this.#base.pathname.replace(/\/+$/, '');
    this.#options = options;
    this.#sender = sender;
    this.#wire = wire;
  }

  get zeroSpeedMs(): number | undefined {
    return this.#options.zeroSpeedMs;
  }

  /**
   * Sends until `read` has taken the whole answer. `read` runs again from its start after a failed try, and gets only
   * answers of 200 to 299. Throws the farm's error, what `unansweredError` says after the last try, TRANSFER_INTERRUPTED.
   */
  async ask<Result>(wanted: DoorRequest, read: (answer: DoorAnswer) => Promise<Result>): Promise<Result> {
    const { clock, log } = this.#options;
    const request = await this.#shortened(wanted);
    return withRetries(
      clock,
      request.signal,
      () => this.#try(request, read),
      (error, tried, waitMs) => {
        request.onTrouble?.();
        log.debug(
          { err: error, tried, waitMs, target: request.target },
          'a transfer request failed; trying again',
        );
      },
    );
  }

  async #shortened(request: DoorRequest): Promise<DoorRequest> {
    const { body, limit } = request;
    if (body?.isContent !== true) return request;
    const sha256Hex = body.sha256Hex ?? hashOf(body.pieces);
    return { ...request, body: await this.#wire.shortened({ ...body, sha256Hex }, limit) };
  }

  #try<Result>(request: DoorRequest, read: (answer: DoorAnswer) => Promise<Result>): Promise<Result> {
    return tryOnce(this.#options.clock, {
      origin: this.#base.origin,
      isKnownHost: this.#hasAnswered,
      signal: request.signal,
      zeroSpeedMs: this.zeroSpeedMs,
      limit: request.limit,
      paid: request.paid,
      onSent: request.onSent,
      rate: request.wantsContent === true ? this.#wire.down : undefined,
      start: (way) => this.#send(request, way),
      errorOf: (answer) => errorOf(answer, this.#base.origin),
      read,
    });
  }

  async #send(request: DoorRequest, { watch, sent, signal, onConnected }: TryWay): Promise<HttpAnswer> {
    const target = `/transfer/v1${request.target}`;
    const { body, method } = request;
    const bodySha256 = body === undefined ? EMPTY_SHA256 : (body.sha256Hex ?? hashOf(body.pieces));
    const headers: Record<string, string> = {
      ...request.headers,
      ...this.#wire.headersFor(request),
      ...(await this.#options.authorise(method, target, bodySha256)),
    };
    if (body !== undefined) headers['content-type'] = body.type;
    if (body?.plainBytes !== undefined) {
      headers['content-encoding'] = ZSTD;
      headers[HEADER_PLAIN_SIZE] = String(body.plainBytes);
    }
    const answer = await this.#sender.send({
      url: new URL(this.#prefix + target, this.#base),
      method,
      headers,
      body:
        body &&
        outgoingBody({ ...request, rate: isMeasured(body) ? this.#wire.up : undefined }, body, watch, sent),
      signal,
      onConnected,
    });
    this.#hasAnswered = true;
    this.#wire.notice(answer);
    return request.follow === undefined ? answer : request.follow(answer, signal);
  }
}

async function errorOf(answer: HttpAnswer, origin: string): Promise<Error> {
  const text = await readBytes(answer.body(), ERROR_BODY_MAX_BYTES).catch(() => Buffer.alloc(0));
  const parsed = errorBodySchema.safeParse(parseJson(text.toString('utf8')));
  if (parsed.success) {
    const { apiCode, hint, ...rest } = parsed.data;
    return CroftError.from({
      ...rest,
      ...(apiCode === undefined ? {} : { apiCode }),
      ...(hint === undefined ? {} : { hint }),
    });
  }
  return foreignAnswer(answer, origin);
}

/** An answer that no farm gives: a proxy's before it, another program's. */
function foreignAnswer(answer: HttpAnswer, origin: string): Error {
  const { status } = answer;
  const said = `${origin} answered ${status}`;
  if (isPassingStatus(status)) return transferErrors.TRANSFER_UNREACHABLE(said);
  const elsewhere = status >= 300 && status < 400 ? answer.header('location') : null;
  if (elsewhere !== null)
    return transferErrors.TRANSFER_ANSWER_INVALID(`${said} and points to ${elsewhere.slice(0, 200)}`, {
      hint: 'Give the address that it points to; signed requests are not sent on.',
    });
  return transferErrors.TRANSFER_ANSWER_INVALID(
    `${said}, not as a farm does`,
    status === 413 ? { hint: HINT_TOO_LONG } : {},
  );
}

/** A delta is short: what the buffers of a connection take at once tells nothing about the link. */
function isMeasured({ isContent, type }: NonNullable<DoorRequest['body']>): boolean {
  return isContent === true && type !== DELTA_TYPE;
}
