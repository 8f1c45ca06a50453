/**
 * The way past the farm: parts to and from the farm's own store, by addresses that the farm signs for one request each.
 *
 * It is an offer. Where the store does not answer here (a firewall, a name that only the farm knows) or refuses, the lane closes
 * for a while and the same bytes go through the farm's door, so no transfer fails for want of it. What is shorter than
 * DIRECT_MIN_BYTES does not use it: the question for an address would cost as much as the bytes.
 */
import {
  type Clock,
  HEADER_BLOB_ID,
  HEADER_DIRECT,
  KiB,
  type Log,
  MINUTE,
  MiB,
  partAddressSchema,
  SECOND,
} from '@croft/contract';
import type * as z from 'zod';
import { transferErrors } from '../../errors.ts';
import type { LinkRate } from '../pace/link-rate.ts';
import { type DoorAnswer, readBytes } from './door-answer.ts';
import type { DoorHttp } from './door-http.ts';
import type { DoorRequest } from './door-request.ts';
import type { HttpAnswer } from './http-answer.ts';
import type { HttpSender } from './http-sender.ts';
import { HEADS_BYTES } from './paid-answer.ts';
import { isUnanswered, type RetryPlan, withRetries } from './retry.ts';
import { outgoingBody } from './sent-body.ts';
import { tryOnce } from './try-once.ts';

/** Blobs above this go straight. Up to here uploads travel in packs. */
export const DIRECT_MIN_BYTES = MiB;
/** Then the farm's door is the better way. */
const PLAN: RetryPlan = { maxTries: 3, firstWaitMs: 0.2 * SECOND, longestWaitMs: SECOND };
const CLOSED_FOR_MS = 5 * MINUTE;
const ANSWER_MAX_BYTES = 64 * KiB;
/** What S3 servers say about bytes that are not those of the checksum. */
const MISMATCH = /<Code>(BadDigest|XAmzContentChecksumMismatch|InvalidDigest)<\/Code>/;

/** The store cannot be used from here, or not for this. Never leaves the lane. */
class LaneClosed extends Error {}

type Options = Pick<DoorRequest, 'signal' | 'limit' | 'onSent' | 'onTrouble'>;

export class DirectLane {
  readonly #http: DoorHttp;
  readonly #sender: HttpSender;
  readonly #rate: LinkRate;
  readonly #clock: Clock;
  readonly #log: Log;
  #isOffered = false;
  #closedUntilMs = 0;

  /** `rate` is told what goes up. */
  constructor(http: DoorHttp, sender: HttpSender, rate: LinkRate, clock: Clock, log: Log) {
    this.#http = http;
    this.#sender = sender;
    this.#rate = rate;
    this.#clock = clock;
    this.#log = log;
  }

  /** Reads from an answer of the farm whether its store has a door of its own. */
  notice(answer: DoorAnswer): void {
    this.#isOffered = answer.header(HEADER_DIRECT) !== null;
  }

  /** Sends a part to the store; false when it must go through the farm. TRANSFER_HASH_MISMATCH as the farm would say. */
  async sendPart(
    blob: { id: string; size: number },
    part: number,
    bytes: Uint8Array,
    sha256Hex: string,
    options: Options,
  ): Promise<boolean> {
    if (!this.#isOffered || !this.#isOpen || blob.size <= DIRECT_MIN_BYTES) return false;
    const target = `/uploads/${blob.id}/${part}/address?size=${blob.size}&sha256=${sha256Hex}`;
    const asking: DoorRequest = { method: 'POST', target, signal: options.signal };
    const address = await this.#http.ask(asking, (answer) => answer.json(partAddressSchema));
    try {
      const send = () => this.#put(address, bytes, options);
      await withRetries(this.#clock, options.signal, send, () => options.onTrouble?.(), PLAN);
      return true;
    } catch (thrown) {
      if (!isLaneTrouble(thrown)) throw thrown;
      this.#close(thrown);
      return false;
    }
  }

  /**
   * Asks the farm for bytes, and takes them from its store where it points there. `check` sees the id of the blob that the farm
   * names. `read` gets the answer that has the bytes, and starts over when a try fails.
   */
  async read<Result>(
    request: DoorRequest,
    how: { viaFarm: boolean; check: (blobId: string | null) => void },
    read: (answer: DoorAnswer) => Promise<Result>,
  ): Promise<Result> {
    const viaFarm = () =>
      this.#http.ask(request, (answer) => {
        how.check(answer.header(HEADER_BLOB_ID));
        return read(answer);
      });
    if (how.viaFarm || !this.#isOpen) return viaFarm();
    const follow = async (answer: HttpAnswer, signal: AbortSignal): Promise<HttpAnswer> => {
      if (answer.ok || answer.status === 307) how.check(answer.header(HEADER_BLOB_ID));
      if (answer.status !== 307) return answer;
      answer.drop();
      request.limit?.owe(HEADS_BYTES);
      return this.#get(answer.header('location') ?? '', request.headers?.range, signal);
    };
    const headers = { ...request.headers, [HEADER_DIRECT]: '1' };
    try {
      return await this.#http.ask({ ...request, headers, follow }, read);
    } catch (thrown) {
      if (!(thrown instanceof LaneClosed)) throw thrown;
      this.#close(thrown);
      return viaFarm();
    }
  }

  get #isOpen(): boolean {
    return this.#clock.now() >= this.#closedUntilMs;
  }

  #close(thrown: unknown): void {
    this.#closedUntilMs = this.#clock.now() + CLOSED_FOR_MS;
    this.#log.warn(
      { err: thrown },
      "the farm's store cannot be used straight from here: bytes go through the farm",
    );
  }

  async #put(address: z.infer<typeof partAddressSchema>, bytes: Uint8Array, options: Options): Promise<void> {
    const url = new URL(address.url);
    await tryOnce(this.#clock, {
      origin: url.origin,
      signal: options.signal,
      zeroSpeedMs: this.#http.zeroSpeedMs,
      limit: options.limit,
      onSent: options.onSent,
      start: ({ watch, sent, signal, onConnected }) =>
        this.#sender.send({
          url,
          method: 'PUT',
          headers: address.headers,
          body: outgoingBody({ ...options, rate: this.#rate }, { pieces: [bytes] }, watch, sent),
          signal,
          onConnected,
        }),
      errorOf: (answer) => refusalOf(answer, url.origin),
      read: async (answer) => {
        await readBytes(answer.body(), ANSWER_MAX_BYTES);
      },
    });
  }

  /** A store that cannot be reached, or refuses, closes the lane; one that breaks off in the middle is asked again. */
  async #get(address: string, range: string | undefined, signal: AbortSignal): Promise<HttpAnswer> {
    if (!URL.canParse(address)) throw new LaneClosed('the farm pointed nowhere');
    const url = new URL(address);
    const headers: Record<string, string> = range === undefined ? {} : { range };
    let answer: HttpAnswer;
    try {
      answer = await this.#sender.send({ url, method: 'GET', headers, signal });
    } catch (cause) {
      if (signal.aborted) throw cause;
      throw new LaneClosed('the store cannot be reached', { cause });
    }
    if (answer.ok) return answer;
    answer.drop();
    throw new LaneClosed(`the store answered ${answer.status}`);
  }
}

function isLaneTrouble(thrown: unknown): boolean {
  return thrown instanceof LaneClosed || isUnanswered(thrown);
}

async function refusalOf(answer: HttpAnswer, origin: string): Promise<Error> {
  const text = await readBytes(answer.body(), ANSWER_MAX_BYTES).catch(() => Buffer.alloc(0));
  if (MISMATCH.test(text.toString('utf8')))
    return transferErrors.TRANSFER_HASH_MISMATCH('the bytes sent do not hash to what was promised');
  const mayPass = answer.status >= 500 || answer.status === 429 || answer.status === 408;
  return mayPass
    ? transferErrors.TRANSFER_UNREACHABLE(`${origin} answered ${answer.status}`)
    : new LaneClosed(`the store answered ${answer.status}`);
}
