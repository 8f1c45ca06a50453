/** The engine over TLS: a private certificate is refused until the process trusts it, as the command line's `--ca` does. */
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { type Clock, systemClock } from '@croft/contract';
import { generate } from 'selfsigned';
import { expect, test } from 'vitest';
import { openTestClient } from './test-door.ts';

const hurriedClock: Clock = {
  now: () => systemClock.now(),
  after: (ms, action) => systemClock.after(ms / 1000, action),
};

test('a private certificate is refused, and taken once the process trusts it', {
  timeout: 60_000,
}, async () => {
  // By number: a machine need not know the name localhost.
  const { cert, private: key } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  const server = createServer({ cert, key }, (_request, response) => response.end('')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = openTestClient(
    `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    'account-1',
    hurriedClock,
  );
  const before = getCACertificates('default');
  try {
    await expect(client.list('input')).rejects.toMatchObject({
      code: 'TRANSFER_UNREACHABLE',
      message: expect.stringMatching(/certificate/),
    });
    setDefaultCACertificates([...before, cert]);
    expect(await client.list('input')).toEqual([]);
  } finally {
    setDefaultCACertificates(before);
    await client.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});
