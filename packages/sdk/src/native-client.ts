/**
 * A signed caller of the native API, `/api/v1` (contract: wire-native.ts). Replies are checked by the contract's
 * schemas; errors arrive as `ErrorBody` and are thrown as the `CroftError` they were, exit code and hint included.
 */
import { randomUUID } from 'node:crypto';
import {
  type CatalogueView,
  type Clock,
  catalogueViewSchema,
  coerceError,
  createdKeySchema,
  type FarmEvent,
  type FrameRow,
  frameRowSchema,
  LOG_HEADERS,
  MiB,
  type NodeRow,
  nodeCodeSchema,
  nodeRowSchema,
  type Page,
  type PlatformRow,
  pageOf,
  platformRowSchema,
  type ResultRow,
  resultRowSchema,
  SECOND,
  systemClock,
  type TaskDetail,
  type TaskSummary,
  taskDetailSchema,
  taskSummarySchema,
} from '@croft/contract';
import { sha256Hex, signNative } from '@croft/contract/signing';
import { addressOf, type FarmConnection, partsOf } from './connection.ts';
import { sdkErrors } from './errors.ts';
import { eventStream } from './event-stream.ts';
import { exchange, type Fetch, readText } from './http.ts';
import { refusal } from './refusal.ts';
import type { ClientOptions } from './renderbus-client.ts';
import {
  ONCE,
  ONCE_PATIENTLY,
  REPEATABLE,
  REPEATABLE_PATIENTLY,
  type RetryTools,
  retrying,
} from './retry.ts';

const LARGEST_REPLY_BYTES = 64 * MiB;
const ROWS_A_PAGE = 200;
/** The most that a farm gives in one page; lists that are read whole take the fewest requests. */
const LARGEST_PAGE_ROWS = 1000;

/** What reads a reply: a schema of the contract, or anything with its `parse`. */
export interface Reader<T> {
  parse(value: unknown): T;
}

export class NativeClient {
  readonly #connection: FarmConnection;
  readonly #options: ClientOptions;
  readonly #fetch: Fetch;
  readonly #clock: Clock;
  readonly #tools: RetryTools;

  constructor(connection: FarmConnection, options: ClientOptions = {}) {
    this.#connection = connection;
    this.#options = options;
    this.#fetch = options.fetch ?? ((url, init) => fetch(url, init));
    this.#clock = options.clock ?? systemClock;
    this.#tools = {
      clock: this.#clock,
      random: options.random ?? Math.random,
      ...(options.onRetry ? { onRetry: options.onRetry } : {}),
    };
  }

  /** The same client, but one that waits for a farm that restarts. */
  patiently(): NativeClient {
    return new NativeClient(this.#connection, { ...this.#options, patient: true });
  }

  /** One page of the tasks that the account is shown, newest first; pages count from 1. `accountId`: of that account only. */
  tasks(page = 1, size = 50, label?: string, accountId?: number): Promise<Page<TaskSummary>> {
    const filter =
      (label === undefined ? '' : `&label=${encodeURIComponent(label)}`) +
      (accountId === undefined ? '' : `&account=${accountId}`);
    return this.#get(`/api/v1/tasks?page=${page}&size=${size}${filter}`, pageOf(taskSummarySchema));
  }

  /** Throws the farm's 404 for an id it does not know. */
  task(taskId: number): Promise<TaskDetail> {
    return this.#get(`/api/v1/tasks/${taskId}`, taskDetailSchema);
  }

  /** One page of a task's frames; with `statuses` only those in one of them. */
  frames(
    taskId: number,
    page = 1,
    size = ROWS_A_PAGE,
    statuses: readonly number[] = [],
  ): Promise<Page<FrameRow>> {
    const filter = statuses.length === 0 ? '' : `&status=${statuses.join(',')}`;
    const path = `/api/v1/tasks/${taskId}/frames?page=${page}&size=${size}${filter}`;
    return this.#get(path, pageOf(frameRowSchema));
  }

  async *allFrames(taskId: number): AsyncGenerator<FrameRow> {
    yield* this.#all((page) => this.frames(taskId, page));
  }

  /** With `since`, in milliseconds since 1970, only what was published from then on. */
  results(taskId: number, page = 1, size = ROWS_A_PAGE, since?: number): Promise<Page<ResultRow>> {
    const from = since === undefined ? '' : `&since=${since}`;
    const path = `/api/v1/tasks/${taskId}/results?page=${page}&size=${size}${from}`;
    return this.#get(path, pageOf(resultRowSchema));
  }

  /** Every published output file of a task, or those published since a moment. */
  async *allResults(taskId: number, since?: number): AsyncGenerator<ResultRow> {
    yield* this.#all((page) => this.results(taskId, page, LARGEST_PAGE_ROWS, since));
  }

  async nodes(): Promise<NodeRow[]> {
    const rows = await this.#get('/api/v1/nodes', asIs);
    // A list, or a page of one: both are read, since a farm with many nodes may page them.
    const list = Array.isArray(rows) ? rows : (rows as { items?: unknown }).items;
    return nodeRowSchema.array().parse(list);
  }

  /** Pools of nodes by the numbers that tasks are created with. */
  platforms(): Promise<PlatformRow[]> {
    return this.#get('/api/v1/platforms', platformRowSchema.array());
  }

  /** Software, platforms, hardware and packages of nodes. */
  catalogue(): Promise<CatalogueView> {
    return this.#get('/api/v1/catalogue', catalogueViewSchema);
  }

  /**
   * The log of a frame's newest attempt; with `after`, an earlier answer, only what came since. `attempt` is another than
   * there where a new attempt began: then `text` is all of that one's log. Null while none began.
   */
  async log(taskId: number, frameId: number, after?: LogPart): Promise<LogPart> {
    const since =
      after === undefined || after.attempt === null ? '' : `&attempt=${after.attempt}&from=${after.end}`;
    return this.#repeat(true, async () => {
      const path = `/api/v1/tasks/${taskId}/log?frame=${frameId}${since}`;
      const { response, url } = await this.#send('GET', path);
      const text = await readText(response, url, LARGEST_REPLY_BYTES);
      if (!response.ok) throw refusal(url, response.status, text);
      return {
        text,
        attempt: numberIn(response.headers.get(LOG_HEADERS.attempt)),
        end: numberIn(response.headers.get(LOG_HEADERS.end)) ?? 0,
      };
    });
  }

  /** A new access key of the caller's account. The secret is shown this once. */
  createKey(name: string): Promise<{ accessId: string; accessKey: string; accountId: number }> {
    return this.#post('/api/v1/keys', { name }, createdKeySchema);
  }

  /** A code with which one node may join; `expiresAt` in ms since 1970, `url` where other machines reach the farm. */
  createNodeCode(): Promise<{ code: string; expiresAt: number; url?: string | null | undefined }> {
    return this.#post('/api/v1/node-codes', {}, nodeCodeSchema);
  }

  /**
   * The farm's live events, without end. After a lost connection it connects again and yields `null` once, since events
   * may have been missed: whoever listens then reads the truth again.
   */
  events(signal: AbortSignal): AsyncGenerator<FarmEvent | null> {
    return eventStream({
      clock: this.#clock,
      random: this.#tools.random,
      signal,
      connect: async () => {
        const { response, url } = await this.#send(
          'GET',
          '/api/v1/events',
          undefined,
          signal,
          'text/event-stream',
        );
        if (!response.ok) throw refusal(url, response.status, await readText(response, url, MiB));
        if (!response.body) throw sdkErrors.SDK_REPLY_INVALID(`${url.origin} sends no events`);
        return response.body;
      },
    });
  }

  async *#all<Row>(read: (page: number) => Promise<Page<Row>>): AsyncGenerator<Row> {
    for (let page = 1; ; page++) {
      const { items, size, total } = await read(page);
      yield* items;
      if (items.length === 0 || page * size >= total) return;
    }
  }

  /** Any GET below /api/v1, for what has a client of its own (`native-accounts.ts`). */
  read<T>(path: string, reader: Reader<T>): Promise<T> {
    return this.#get(`/api/v1${path}`, reader);
  }

  /** Any POST below /api/v1. */
  send<T>(path: string, body: object, reader: Reader<T>): Promise<T> {
    return this.#post(`/api/v1${path}`, body, reader);
  }

  /** A POST below /api/v1 whose answer comes for as long as it takes. */
  async stream(path: string, body: object, signal?: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const ended = this.#options.signal;
    const either = signal && ended ? AbortSignal.any([signal, ended]) : (signal ?? ended);
    const { response, url } = await this.#send('POST', `/api/v1${path}`, body, either);
    if (!response.ok) throw refusal(url, response.status, await readText(response, url, MiB));
    if (!response.body) throw sdkErrors.SDK_REPLY_INVALID(`${url.origin} sends nothing`);
    return response.body;
  }

  #get<T>(path: string, reader: Reader<T>): Promise<T> {
    return this.#repeat(true, () => this.#json('GET', path, undefined, reader));
  }

  #post<T>(path: string, body: object, reader: Reader<T>): Promise<T> {
    return this.#repeat(false, () => this.#json('POST', path, body, reader));
  }

  #repeat<T>(repeatable: boolean, action: () => Promise<T>): Promise<T> {
    const patient = this.#options.patient === true;
    const table = repeatable
      ? patient
        ? REPEATABLE_PATIENTLY
        : REPEATABLE
      : patient
        ? ONCE_PATIENTLY
        : ONCE;
    return retrying(table, this.#tools, action, this.#options.signal);
  }

  async #json<T>(method: string, path: string, body: object | undefined, reader: Reader<T>): Promise<T> {
    const { response, url } = await this.#send(method, path, body);
    const text = await readText(response, url, LARGEST_REPLY_BYTES);
    if (!response.ok) throw refusal(url, response.status, text);
    try {
      return reader.parse(JSON.parse(text));
    } catch (thrown) {
      throw sdkErrors.SDK_REPLY_INVALID(`the reply of ${url.pathname} is not what it should be`, {
        cause: coerceError(thrown),
      });
    }
  }

  async #send(
    method: string,
    path: string,
    body?: object,
    signal = this.#options.signal,
    accept = 'application/json',
  ) {
    const url = addressOf(this.#connection, path);
    const text = body === undefined ? '' : JSON.stringify(body);
    const signed = signNative({
      method,
      host: url.host,
      target: partsOf(this.#connection, url).target,
      accessId: this.#connection.accessId,
      secret: this.#connection.accessKey,
      timestampSeconds: Math.floor(this.#clock.now() / SECOND),
      nonce: randomUUID(),
      bodySha256: sha256Hex(text),
    });
    const response = await exchange(this.#fetch, url, {
      method,
      headers: { ...signed, accept, ...(text === '' ? {} : { 'content-type': 'application/json' }) },
      ...(text === '' ? {} : { body: text }),
      ...(signal ? { signal } : {}),
    });
    return { response, url };
  }
}

/** Text of a log, and where it ends. */
export interface LogPart {
  readonly text: string;
  readonly attempt: number | null;
  /** Byte offset in the attempt's log. */
  readonly end: number;
}

function numberIn(header: string | null): number | null {
  return header === null || !/^\d{1,15}$/.test(header) ? null : Number(header);
}

const asIs: Reader<unknown> = { parse: (value) => value };
