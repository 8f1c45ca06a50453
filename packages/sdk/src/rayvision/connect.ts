/**
 * One signed POST after the other to one domain (seed 002 "Connect", compat-api 1 and 2). It uses the same HTTP exchange,
 * signing and retries as the SDK's own client and adds what the documented class promises: both generations of paths,
 * the `version` header that goes with them, the code of a refusal as `RayvisionAPIError`.
 *
 * Five attempts with pauses of 1 to 2 s, each signed anew. The rule for when:
 *
 *   - a call that leaves the farm the same when it is done twice is repeated after any failure on the way (no
 *     connection, a broken one, no answer in time, HTTP 502 to 504);
 *   - a call that would do its work twice (`createTask`, the frame restarts) is repeated only where the request certainly
 *     never arrived, that is, no connection was made;
 *   - what a farm has answered is final: asking again gets the same refusal.
 */
import { randomInt } from 'node:crypto';
import { type Clock, coerceError, type Log, MiB, SECOND, systemClock } from '@croft/contract';
import { signRenderbusHeaders } from '@croft/contract/signing';
import { addressOf, type FarmConnection, partsOf } from '../connection.ts';
import { sdkErrors } from '../errors.ts';
import { exchange, type Fetch, readText } from '../http.ts';
import { type Json, objectOf } from '../reading.ts';
import { type RetryTable, retrying } from '../retry.ts';
import { type ApiOperation, apiPath, type Generation } from './api-paths.ts';
import { RayvisionAPIError } from './exceptions.ts';
import { keepAwake } from './keep-awake.ts';

const LARGEST_REPLY_BYTES = 64 * MiB;
const SUCCESS = 200;
const VERSIONS: Readonly<Record<Generation, string>> = { 1: '1.0.0', 2: '2.0.0' };

/** Drawn between half and all of it: 1 to 2 s. */
const PAUSE = { firstMs: 2 * SECOND, mostMs: 2 * SECOND };
const REPEATED: RetryTable = {
  attempts: 5,
  delays: { SDK_FARM_UNREACHABLE: PAUSE, SDK_CONNECTION_LOST: PAUSE, SDK_SERVER_BUSY: PAUSE },
};
const NOT_REPEATED: RetryTable = { attempts: 5, delays: { SDK_FARM_UNREACHABLE: PAUSE } };

export interface ConnectOptions {
  readonly accessId: string;
  readonly accessKey: string;
  /** Host, with port and path prefix where there are some: `task.renderbus.com`, `127.0.0.1:8080`. */
  readonly domain: string;
  /** Platform id as text: `2`. */
  readonly platform: string;
  readonly protocol: 'https' | 'http';
  readonly generation: Generation;
  readonly logger: Log;
  /** How long one answer may take, in ms. */
  readonly timeoutMs: number;
  readonly tools?: ConnectTools;
}

/** What tests replace. */
export interface ConnectTools {
  readonly fetch?: Fetch;
  readonly clock?: Clock;
  /** A number in [0, 1). */
  readonly random?: () => number;
  /** Ends whatever is under way. */
  readonly signal?: AbortSignal;
}

export class Connect {
  readonly domain: string;
  readonly platform: string;
  readonly generation: Generation;
  readonly logger: Log;
  /** The same farm and key for the rest of the SDK: `farmSession(api.connect.connection)`. Secret. */
  readonly connection: FarmConnection;
  readonly #timeoutMs: number;
  readonly #fetch: Fetch;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #signal: AbortSignal | undefined;

  constructor(options: ConnectOptions) {
    const { accessId, accessKey, domain, protocol, tools = {} } = options;
    this.domain = domain;
    this.platform = options.platform;
    this.generation = options.generation;
    this.logger = options.logger;
    this.connection = { url: `${protocol}://${domain}`, accessId, accessKey };
    this.#timeoutMs = options.timeoutMs;
    this.#fetch = tools.fetch ?? ((url, init) => fetch(url, init));
    this.#clock = tools.clock ?? systemClock;
    this.#random = tools.random ?? Math.random;
    this.#signal = tools.signal;
  }

  /** Whether the domain is one of the domestic service (zone 1, Chinese texts). */
  get isDomestic(): boolean {
    return this.domain.toLowerCase().includes('renderbus');
  }

  /** The headers that are the same for every request. */
  get headers(): Readonly<Record<string, string>> {
    return {
      accessId: this.connection.accessId,
      channel: '4',
      platform: this.platform,
      version: VERSIONS[this.generation],
      'Content-Type': 'application/json',
    };
  }

  /** Calls an operation by name, in this connection's generation; see `post`. */
  call(operation: ApiOperation, data: Json = {}, options: CallOptions = {}): Promise<unknown> {
    return this.post(apiPath(operation, this.generation), data, options);
  }

  /**
   * Sends one request and gives the answer's `data`. Throws RayvisionAPIError for a code other than 200, and the
   * CroftErrors SDK_FARM_UNREACHABLE, SDK_CONNECTION_LOST, SDK_SERVER_BUSY and SDK_REPLY_INVALID.
   */
  post(apiUrl: string, data: Json = {}, { repeatable = true }: CallOptions = {}): Promise<unknown> {
    const tools = {
      clock: this.#clock,
      random: this.#random,
      onRetry: (err: Error, attempt: number, waitMs: number) =>
        this.logger.warn({ path: apiUrl, attempt, waitMs, err: err.message }, 'the call is tried again'),
    };
    const table = repeatable ? REPEATED : NOT_REPEATED;
    return keepAwake(() => retrying(table, tools, () => this.#once(apiUrl, data), this.#signal));
  }

  async #once(path: string, data: Json): Promise<unknown> {
    const url = addressOf(this.connection, path);
    const { prefix } = partsOf(this.connection, url);
    const bodyText = JSON.stringify(data);
    const headers = signRenderbusHeaders({
      // What arrives as Host, so that a checker can know it: lower case, no default port.
      domain: url.host + prefix,
      path,
      bodyText,
      accessId: this.connection.accessId,
      secret: this.connection.accessKey,
      platform: this.platform,
      version: VERSIONS[this.generation],
      timestampSeconds: Math.floor(this.#clock.now() / SECOND),
      nonce: String(randomInt(100_000, 999_999)),
    });
    const fromMs = this.#clock.now();
    const envelope = await this.#inTime(url, async (signal) => {
      const init = { method: 'POST', body: bodyText, timeoutMs: this.#timeoutMs, signal };
      const languageFlag = this.isDomestic ? '0' : '1';
      const response = await exchange(this.#fetch, url, { ...init, headers: { ...headers, languageFlag } });
      return envelopeOf(url, response.status, await readText(response, url, LARGEST_REPLY_BYTES));
    });
    // Bodies are not logged: they hold keys, names and whole files.
    this.logger.debug({ path, code: envelope.code, ms: this.#clock.now() - fromMs }, 'called the API');
    if (envelope.code === SUCCESS) return envelope.data ?? null;
    const said = typeof envelope.message === 'string' ? envelope.message : 'no reason given';
    throw new RayvisionAPIError(Number(envelope.code), said, url.href);
  }

  /** Bounds a whole exchange: an answer that begins and then trickles is one that does not come. */
  async #inTime<T>(url: URL, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const deadline = AbortSignal.timeout(this.#timeoutMs);
    try {
      return await work(this.#signal ? AbortSignal.any([this.#signal, deadline]) : deadline);
    } catch (thrown) {
      if (this.#signal?.aborted) throw this.#signal.reason;
      if (!deadline.aborted) throw thrown;
      const said = `${url.origin} gives no whole answer in ${this.#timeoutMs / SECOND} s`;
      throw sdkErrors.SDK_CONNECTION_LOST(said, { cause: coerceError(thrown) });
    }
  }
}

export interface CallOptions {
  /** False for calls that would do their work twice; default true. */
  readonly repeatable?: boolean;
}

/** The HTTP status counts only where there is no envelope: the API always answers 200. */
function envelopeOf(url: URL, status: number, text: string): Json {
  try {
    const envelope = objectOf(JSON.parse(text), 'envelope');
    if (typeof envelope.code === 'number') return envelope;
  } catch (thrown) {
    if (status < 502 || status > 504) throw foreignReply(url, status, coerceError(thrown));
  }
  if (status >= 502 && status <= 504)
    throw sdkErrors.SDK_SERVER_BUSY(`the farm at ${url.origin} is not ready (HTTP ${status})`);
  throw foreignReply(url, status);
}

function foreignReply(url: URL, status: number, cause?: Error) {
  return sdkErrors.SDK_REPLY_INVALID(
    `${url.origin} does not answer as a Renderbus API does (HTTP ${status})`,
    { cause },
  );
}
