import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, KiB, MiB } from '@croft/contract';
import { expect, test } from 'vitest';
import { ConnectionBroke } from './connection-broke.ts';
import { readBytes } from './door-answer.ts';
import { HttpSender, type OutgoingBody } from './http-sender.ts';
import { tryOnce } from './try-once.ts';

async function openServer(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sender = new HttpSender();
  let connections = 0;
  server.on('connection', () => connections++);
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/x`),
    sender,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      sender.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const never = new AbortController().signal;

/** `pulled` counts chunks that the sender asked for. */
function bodyOf(chunkCount: number, chunkBytes: number): OutgoingBody & { pulled: number } {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (; body.pulled < chunkCount; body.pulled++) yield Buffer.alloc(chunkBytes, body.pulled);
  }
  const body = { length: chunkCount * chunkBytes, pulled: 0, chunks: chunks() };
  return body;
}

test('a body arrives whole with its length, the answer is read, and the connection is used again', async () => {
  await using server = await openServer((request, response) => {
    readBytes(request, 8 * MiB).then((bytes) =>
      response.end(JSON.stringify([bytes.length, bytes.at(-1), request.headers['content-length']])),
    );
  });
  for (let round = 0; round < 5; round++) {
    const body = bodyOf(20, 256 * KiB);
    const asked = { url: server.url, method: 'PUT', headers: {}, body, signal: never };
    const answer = await server.sender.send(asked);
    expect(answer.ok).toBe(true);
    const told = JSON.parse((await readBytes(answer.body(), KiB)).toString());
    expect(told).toEqual([5 * MiB, 19, String(5 * MiB)]);
  }
  expect(server.connections()).toBe(1);
});

test('a refusal that comes before the body is out is heard, and the rest stays here', async () => {
  await using server = await openServer((_request, response) => {
    response.writeHead(507).end('full');
  });
  const body = bodyOf(4096, 256 * KiB);
  const answer = await server.sender.send({
    url: server.url,
    method: 'PUT',
    headers: {},
    body,
    signal: never,
  });
  expect(answer.status).toBe(507);
  expect((await readBytes(answer.body(), KiB)).toString()).toBe('full');
  expect(body.pulled).toBeLessThan(400);
});

test('a receiver that does not read is not drowned: only what the socket takes is pulled', async () => {
  await using server = await openServer(() => undefined);
  const stop = new AbortController();
  const body = bodyOf(1024, 256 * KiB);
  const asked = server.sender.send({
    url: server.url,
    method: 'PUT',
    headers: {},
    body,
    signal: stop.signal,
  });
  await expect.poll(() => body.pulled).toBeGreaterThan(0);
  let before = -1;
  await expect
    .poll(() => {
      const isStill = before === body.pulled;
      before = body.pulled;
      return isStill;
    })
    .toBe(true);
  expect(body.pulled).toBeLessThan(256);
  stop.abort();
  await expect(asked).rejects.toBeInstanceOf(ConnectionBroke);
});

test('an answer that is cut, nobody there, and an aborted one are broken connections', async () => {
  await using server = await openServer((_request, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('half', () => response.destroy());
  });
  const asked = { method: 'GET', headers: {}, signal: never };
  const answer = await server.sender.send({ ...asked, url: server.url });
  await expect(readBytes(answer.body(), KiB)).rejects.toBeInstanceOf(ConnectionBroke);
  const nobody = server.sender.send({ ...asked, url: new URL('http://127.0.0.1:9/') });
  await expect(nobody).rejects.toThrow(/ECONNREFUSED/);
  const aborted = server.sender.send({ ...asked, url: server.url, signal: AbortSignal.abort() });
  await expect(aborted).rejects.toBeInstanceOf(ConnectionBroke);
});

test('what the chunks of a body throw is thrown as it is', async () => {
  await using server = await openServer((request) => request.resume());
  const bug = new TypeError('a bug');
  const chunks = (async function* () {
    yield Buffer.alloc(10);
    throw bug;
  })();
  const body = { length: 20, chunks };
  const asked = server.sender.send({ url: server.url, method: 'PUT', headers: {}, body, signal: never });
  await expect(asked).rejects.toBe(bug);
});

test('a host that does not answer is given up after a minute of its clock', async () => {
  await using server = await openServer(() => undefined);
  const timers = new Set<() => void>();
  let nowMs = 0;
  const clock: Clock = {
    now: () => nowMs,
    after(delayMs, action) {
      const dueMs = nowMs + delayMs;
      const timer = () => {
        if (nowMs < dueMs) return;
        timers.delete(timer);
        action();
      };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
  };
  let isConnected = false;
  const asked = tryOnce(clock, {
    origin: server.url.origin,
    signal: undefined,
    limit: undefined,
    onSent: undefined,
    start: ({ signal, onConnected }) =>
      server.sender.send({
        url: server.url,
        method: 'GET',
        headers: {},
        signal,
        onConnected() {
          onConnected();
          isConnected = true;
        },
      }),
    errorOf: async () => new Error('refused'),
    read: async () => undefined,
  });
  const outcome = asked.catch((thrown: unknown) => thrown);
  await expect.poll(() => isConnected).toBe(true);
  for (; timers.size > 0; nowMs += 1000) for (const timer of [...timers]) timer();
  expect(await outcome).toMatchObject({ code: 'TRANSFER_UNREACHABLE', message: /stood still/ });
  expect(nowMs).toBeGreaterThanOrEqual(60_000);
});
