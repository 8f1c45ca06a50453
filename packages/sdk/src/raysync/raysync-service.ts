/**
 * The local HTTP service behind `engine_type="raysyncproxy"` of rayvision_sync, on 127.0.0.1 only.
 *
 * The SDK posts JSON and names the service as its own HTTP proxy, so request lines hold whole addresses; plain paths are
 * taken, too. Every answer is JSON with `code` 0, or another one and a `message`. `/croft-service` is ours: what runs here,
 * and with `{"end": true}` the end of the service unless something still depends on it.
 *
 * Its user's files are at stake, so three kinds of callers get nothing: other users of the machine, whose connections are
 * cut without an answer (the SDK's start then goes on waiting instead of taking this service for its own); pages in a
 * browser, which cannot send JSON without being asked first, and name another host or an origin; and everything that is
 * no POST.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, coerceError, HOUR, type Log, SECOND } from '@croft/contract';
import { ANSWERS } from './answers.ts';
import { RaysyncFailure, raysyncFailure } from './failures.ts';
import { MOST_BODY_BYTES, readBody } from './orders.ts';
import { isSameUser } from './same-user.ts';
import { TaskBoard } from './task-board.ts';

/** rayvision_sync objects that live longer between two transfers are rare, and cannot start the service again. */
const IDLE_MS = 72 * HOUR;
const REQUEST_TIMEOUT_MS = 60 * SECOND;
/** An SDK object that has just looked whether the service runs creates its task next. */
const FRESH_MS = 2 * SECOND;
const INTERNAL = 500;
/** Path of our own question. */
export const RAYSYNC_SERVICE_PATH = '/croft-service';

export interface RaysyncServiceParts {
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly scheme: 'http' | 'https' | null;
}

export interface RaysyncService {
  readonly port: number;
  /** Resolves when the service has ended: by `close`, by `/croft-service`, or because nothing asked it for 72 hours. */
  readonly ended: Promise<void>;
  /** Ends what is being moved, at the last finished part, and then itself. */
  close(): Promise<void>;
}

/** Listens on 127.0.0.1; port 0 picks a free one. Rejects with Node's EADDRINUSE and the like. */
export async function startRaysyncService(
  port: number,
  { version, clock, log, scheme }: RaysyncServiceParts,
): Promise<RaysyncService> {
  const ending = new AbortController();
  const board = new TaskBoard({ clock, log, scheme, signal: ending.signal });
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS });
  let askedAt = Number.NEGATIVE_INFINITY;
  let isEnding = false;
  const isBusy = () => board.isBusy || clock.now() - askedAt < FRESH_MS;

  server.on('request', (request, response) => {
    answer(request, response).catch((thrown: unknown) => {
      log.error({ err: coerceError(thrown) }, 'a request failed');
      response.destroy();
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!(await isSameUser(request.socket))) {
      log.warn({}, 'another user of this machine was refused');
      request.socket.destroy();
      return;
    }
    try {
      const path = pathOf(request);
      const body = readBody(await bodyOf(request));
      send(response, { code: 0, message: 'success', ...answerOf(path, body) });
    } catch (thrown) {
      const error = coerceError(thrown);
      if (!(error instanceof RaysyncFailure)) log.error({ err: error }, 'a request failed');
      const code = error instanceof RaysyncFailure ? error.code : INTERNAL;
      send(response, { code, message: error.message });
    }
    if (isEnding) void close();
  }

  function answerOf(path: string, body: unknown): Readonly<Record<string, unknown>> {
    if (path === RAYSYNC_SERVICE_PATH) {
      isEnding ||= wantsEnd(body) && !isBusy();
      return { service: 'croft', version, pid: process.pid, busy: isBusy(), ending: isEnding };
    }
    askedAt = clock.now();
    const known = Object.hasOwn(ANSWERS, path) ? ANSWERS[path] : undefined;
    if (known === undefined) throw raysyncFailure(404, `there is no ${path.slice(0, 100)}`);
    return known(body, board);
  }

  function lookIdle(): void {
    if (clock.now() - Math.max(askedAt, startedAt) >= IDLE_MS && !board.isBusy) void close();
    else cancelIdle = clock.after(HOUR, lookIdle);
  }
  const startedAt = clock.now();
  let cancelIdle = clock.after(HOUR, lookIdle);

  const ended = new Promise<void>((resolve) => server.once('close', () => resolve()));
  function close(): Promise<void> {
    cancelIdle();
    ending.abort(new Error('the transfer service ends'));
    server.close();
    server.closeIdleConnections();
    return ended;
  }

  await listen(server, port);
  return { port: (server.address() as AddressInfo).port, ended, close };
}

function wantsEnd(body: unknown): boolean {
  return typeof body === 'object' && body !== null && (body as { end?: unknown }).end === true;
}

/** The path of either form of request line. Throws code 403 for what a page in a browser could send. */
function pathOf(request: IncomingMessage): string {
  const { method, headers, socket, url = '' } = request;
  const isJson = /^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '');
  if (method !== 'POST' || !isJson || headers.origin !== undefined)
    throw raysyncFailure(403, 'the service takes JSON from programs of this machine');
  const address = URL.parse(url, `http://${headers.host ?? ''}`);
  const isHere = (host: string) =>
    [`127.0.0.1:${socket.localPort}`, `localhost:${socket.localPort}`].includes(host);
  if (address === null || !isHere(address.host) || !isHere(headers.host ?? ''))
    throw raysyncFailure(403, 'the service has another address');
  return address.pathname;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BODY_BYTES) throw raysyncFailure(413, 'the body is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Connections are not kept: the SDK opens one for each call, and an ended service shall hold none. */
function send(response: ServerResponse, body: Readonly<Record<string, unknown>>): void {
  const text = JSON.stringify(body);
  response
    .writeHead(200, { 'content-type': 'application/json; charset=utf-8', connection: 'close' })
    .end(text);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
