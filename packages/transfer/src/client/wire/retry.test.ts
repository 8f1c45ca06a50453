/** The table of retries, each row through the client that users have: how often is it tried, and what is the user told. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, silentLog, systemClock } from '@croft/contract';
import { expect, test } from 'vitest';
import { TransferClient } from '../transfer-client.ts';

/** Real time, but waits pass a thousand times faster. */
const hurriedClock: Clock = {
  now: () => systemClock.now(),
  after: (ms, action) => systemClock.after(ms / 1000, action),
};

/** What listing a storage there ends with, and how often it was tried. */
async function outcomeAt(baseUrl: string) {
  let retries = 0;
  const log = { ...silentLog, debug: () => void retries++ };
  const client = new TransferClient({ baseUrl, authorise: () => ({}), clock: hurriedClock, log });
  try {
    const error = await client.list('input').then(
      () => null,
      (thrown: { code: string; message: string; hint?: string }) => thrown,
    );
    return {
      code: error?.code ?? 'ok',
      message: error?.message ?? '',
      hint: error?.hint,
      tries: retries + 1,
    };
  } finally {
    await client.close();
  }
}

async function listening(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const catalogued = (code: string, status: number) => JSON.stringify({ code, message: code, status, exit: 1 });

test.each([
  [408, '', 'TRANSFER_UNREACHABLE', 12],
  [425, '', 'TRANSFER_UNREACHABLE', 12],
  [429, '', 'TRANSFER_UNREACHABLE', 12],
  [500, '', 'TRANSFER_UNREACHABLE', 12],
  [502, '<html>bad gateway</html>', 'TRANSFER_UNREACHABLE', 12],
  [503, '', 'TRANSFER_UNREACHABLE', 12],
  [504, '', 'TRANSFER_UNREACHABLE', 12],
  [503, catalogued('FARM_STARTING', 503), 'FARM_STARTING', 12],
  [409, catalogued('TRANSFER_PART_SUPERSEDED', 409), 'TRANSFER_PART_SUPERSEDED', 12],
  [503, catalogued('TRANSFER_STORE_LOCKED', 503), 'TRANSFER_STORE_LOCKED', 1],
  [502, catalogued('TRANSFER_STORE_REFUSED', 502), 'TRANSFER_STORE_REFUSED', 1],
  [500, catalogued('TRANSFER_BLOB_CORRUPT', 500), 'TRANSFER_BLOB_CORRUPT', 1],
  [507, catalogued('TRANSFER_NO_SPACE', 507), 'TRANSFER_NO_SPACE', 1],
  [403, catalogued('TRANSFER_NOT_ALLOWED', 403), 'TRANSFER_NOT_ALLOWED', 1],
  [301, '', 'TRANSFER_ANSWER_INVALID', 1],
  [400, '', 'TRANSFER_ANSWER_INVALID', 1],
  [401, '', 'TRANSFER_ANSWER_INVALID', 1],
  [403, '', 'TRANSFER_ANSWER_INVALID', 1],
  [404, '<html>nothing here</html>', 'TRANSFER_ANSWER_INVALID', 1],
  [413, '', 'TRANSFER_ANSWER_INVALID', 1],
  [501, '', 'TRANSFER_ANSWER_INVALID', 1],
])('an answer of %i %s ends in %s after %i tries', async (status, body, code, tries) => {
  await using server = await listening((_request, response) => response.writeHead(status).end(body));
  expect(await outcomeAt(`http://${server.host}`)).toMatchObject({ code, tries });
});

test('what a proxy answers in place of the farm is told with its address and what to do', async () => {
  await using tooLong = await listening((_request, response) => response.writeHead(413).end());
  const refused = await outcomeAt(`http://${tooLong.host}`);
  expect(refused.message).toBe(`http://${tooLong.host} answered 413, not as a farm does`);
  expect(refused.hint).toMatch(/client_max_body_size/);
  const location = 'https://farm.example/croft';
  await using moved = await listening((_request, response) => response.writeHead(308, { location }).end());
  expect((await outcomeAt(`http://${moved.host}`)).message).toMatch(
    /308 and points to https:\/\/farm\.example\/croft$/,
  );
});

test('a connection that breaks, and a port on which nobody listens, are tried for two minutes and told with their address', async () => {
  const broken = await listening((request) => request.socket.destroy());
  expect(await outcomeAt(`http://${broken.host}`)).toMatchObject({ code: 'TRANSFER_UNREACHABLE', tries: 12 });
  await broken[Symbol.asyncDispose]();
  const refused = await outcomeAt(`http://${broken.host}`);
  expect(refused).toMatchObject({ code: 'TRANSFER_UNREACHABLE', tries: 12 });
  expect(refused.message).toMatch(new RegExp(`^http://${broken.host} cannot be reached: .*ECONNREFUSED`));
});

test('a name that means no host is tried a few times only', async () => {
  const outcome = await outcomeAt('http://farm.invalid:8420');
  expect(outcome.message).toMatch(/^http:\/\/farm\.invalid:8420 cannot be reached: /);
  // Without any name server the system says that it may know the name later.
  if (outcome.code === 'TRANSFER_HOST_UNKNOWN') expect(outcome.tries).toBe(4);
  else expect(outcome).toMatchObject({ code: 'TRANSFER_UNREACHABLE', tries: 12 });
});

test('TLS where none is spoken is told at once', async () => {
  await using server = await listening((_request, response) => response.end());
  const outcome = await outcomeAt(`https://${server.host}`);
  expect(outcome).toMatchObject({ code: 'TRANSFER_ANSWER_INVALID', tries: 1 });
  expect(outcome.hint).toMatch(/http:\/\//);
});
