/**
 * A signed caller of the Renderbus API: POST with a JSON object, answered with HTTP 200 and an envelope whose `code`
 * is 200 on success. Each try is signed anew, since a nonce is good for one request only. Paths are those of the
 * current SDK generation (compat-api 3.1, G2).
 */
import { randomInt } from 'node:crypto';
import { type Clock, type CroftError, coerceError, MiB, SECOND, systemClock } from '@croft/contract';
import { signRenderbusHeaders } from '@croft/contract/signing';
import { addressOf, type FarmConnection, partsOf } from './connection.ts';
import { sdkErrors } from './errors.ts';
import { exchange, type Fetch, readText } from './http.ts';
import { type Json, objectOf } from './reading.ts';
import {
  ONCE,
  ONCE_PATIENTLY,
  REPEATABLE,
  REPEATABLE_PATIENTLY,
  type RetryTools,
  retrying,
} from './retry.ts';

const LARGEST_REPLY_BYTES = 64 * MiB;

export interface ClientOptions {
  readonly fetch?: Fetch;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly onRetry?: RetryTools['onRetry'];
  /** Wait for a farm that restarts instead of giving up at once; for long work after a first answer. */
  readonly patient?: boolean;
  /** Platform id of the API, default 2. */
  readonly platform?: number;
  /** Ends whatever is under way. */
  readonly signal?: AbortSignal;
}

export class RenderbusClient {
  readonly platform: number;
  readonly #connection: FarmConnection;
  readonly #options: ClientOptions;
  readonly #fetch: Fetch;
  readonly #tools: RetryTools;

  constructor(connection: FarmConnection, options: ClientOptions = {}) {
    this.#connection = connection;
    this.#options = options;
    this.platform = options.platform ?? 2;
    this.#fetch = options.fetch ?? ((url, init) => fetch(url, init));
    this.#tools = {
      clock: options.clock ?? systemClock,
      random: options.random ?? Math.random,
      ...(options.onRetry ? { onRetry: options.onRetry } : {}),
    };
  }

  /** The same client, but one that waits for a farm that restarts. */
  patiently(): RenderbusClient {
    return new RenderbusClient(this.#connection, { ...this.#options, patient: true });
  }

  /**
   * Calls one endpoint and returns its `data`. `repeatable: false` for calls that must not be done twice.
   * Throws SDK_KEY_REFUSED, SDK_FORBIDDEN, SDK_NOT_FOUND, SDK_API_ERROR, and what `exchange` throws.
   */
  async call(
    path: string,
    body: Json = {},
    { repeatable = true }: { repeatable?: boolean } = {},
  ): Promise<unknown> {
    const patient = this.#options.patient === true;
    const table = repeatable
      ? patient
        ? REPEATABLE_PATIENTLY
        : REPEATABLE
      : patient
        ? ONCE_PATIENTLY
        : ONCE;
    return retrying(table, this.#tools, () => this.#once(path, body), this.#options.signal);
  }

  async #once(path: string, body: Json): Promise<unknown> {
    const url = addressOf(this.#connection, path);
    const { prefix } = partsOf(this.#connection, url);
    const bodyText = JSON.stringify(body);
    const headers = signRenderbusHeaders({
      domain: url.host + prefix,
      path,
      bodyText,
      accessId: this.#connection.accessId,
      secret: this.#connection.accessKey,
      platform: String(this.platform),
      timestampSeconds: Math.floor(this.#tools.clock.now() / SECOND),
      nonce: String(randomInt(100_000, 999_999)),
    });
    const response = await exchange(this.#fetch, url, {
      method: 'POST',
      headers: { ...headers, languageFlag: '0' },
      body: bodyText,
      ...(this.#options.signal ? { signal: this.#options.signal } : {}),
    });
    return dataOf(url, response.status, await readText(response, url, LARGEST_REPLY_BYTES));
  }
}

/** Opens the envelope. The HTTP status counts only where there is no envelope: the API always answers 200. */
function dataOf(url: URL, status: number, text: string): unknown {
  if (status === 502 || status === 503 || status === 504) {
    throw sdkErrors.SDK_SERVER_BUSY(`the farm at ${url.origin} is not ready (HTTP ${status})`);
  }
  let envelope: Json;
  try {
    envelope = objectOf(JSON.parse(text), 'envelope');
  } catch (thrown) {
    throw sdkErrors.SDK_REPLY_INVALID(`${url.origin} does not answer as a Croft farm does (HTTP ${status})`, {
      cause: coerceError(thrown),
    });
  }
  if (envelope.code === 200) return envelope.data ?? null;
  throw apiError(url, envelope);
}

function apiError(url: URL, envelope: Json): CroftError {
  const code = Number(envelope.code);
  const said = sentenceIn(envelope);
  const options = typeof envelope.hint === 'string' ? { hint: envelope.hint } : {};
  switch (code) {
    case 400:
      return sdkErrors.SDK_TOO_MANY_CALLS(`the farm holds the call back: ${said}`, options);
    case 610:
      return sdkErrors.SDK_KEY_REFUSED('the farm refuses the signature as expired', {
        hint: "This machine's clock and the farm's differ by too much; set both by NTP.",
      });
    case 611:
      return sdkErrors.SDK_KEY_REFUSED(`the farm at ${url.origin} does not accept this access key`);
    case 403:
    case 605:
    case 804:
      return sdkErrors.SDK_FORBIDDEN(`the farm does not allow it: ${said}`, options);
    case 404:
      return sdkErrors.SDK_NOT_FOUND(
        said === 'resource_not_found' ? 'the farm knows no such thing' : said,
        options,
      );
    default:
      return sdkErrors.SDK_API_ERROR(`the farm answers ${code}: ${said}`, options);
  }
}

/** The farm's own sentence, which Croft adds to the envelope; else the code's word, which is all that Renderbus says. */
function sentenceIn({ detail, message }: Json): string {
  if (typeof detail === 'string' && detail !== '') return detail;
  return typeof message === 'string' ? message : 'no reason given';
}
