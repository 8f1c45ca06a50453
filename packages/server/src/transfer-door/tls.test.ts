/**
 * The engine over TLS: a private certificate is refused until the process trusts it, as the command line's `--ca` does. A refusal is
 * final at once, and says what to do; where only the farm's store is not trusted, bytes go through the farm.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { type Clock, MiB, silentLog, systemClock } from '@croft/contract';
import { type BlobStore, openFsBlobStore } from '@croft/transfer';
import { generate } from 'selfsigned';
import { expect, test, vi } from 'vitest';
import { MemoryFarm, openTestClient, openTestDoor, tempFolder } from './test-door.ts';

vi.setConfig({ testTimeout: 60_000 });

const hurriedClock: Clock = {
  now: () => systemClock.now(),
  after: (ms, action) => systemClock.after(ms / 1000, action),
};

// By number: a machine need not know the name localhost.
async function certificateFor(ip: string, dates: { notBeforeDate?: Date; notAfterDate?: Date } = {}) {
  const { cert, private: key } = await generate([{ name: 'commonName', value: ip }], {
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip }] }],
    ...dates,
  });
  return { cert, key };
}

/** Answers nothing but an end, and counts who dialled and who was served. */
async function tlsServer(options: ServerOptions) {
  let dialled = 0;
  let served = 0;
  const server = createServer(options, (_request, response) => {
    served++;
    response.end('');
  }).listen(0, '127.0.0.1');
  server.on('connection', () => dialled++);
  await once(server, 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    dialled: () => dialled,
    served: () => served,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

test('a private certificate is refused at once, and taken once the process trusts it', async () => {
  const certificate = await certificateFor('127.0.0.1');
  await using server = await tlsServer(certificate);
  const client = openTestClient(server.url, 'account-1', { clock: hurriedClock });
  const before = getCACertificates('default');
  try {
    await expect(client.list('input')).rejects.toMatchObject({
      code: 'TRANSFER_NOT_TRUSTED',
      exit: 5,
      message: `the certificate of ${server.url} is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)`,
      hint: expect.stringMatching(/--ca FILE or CROFT_CA/),
    });
    expect(server.dialled()).toBe(1);
    setDefaultCACertificates([...before, certificate.cert]);
    expect(await client.list('input')).toEqual([]);
  } finally {
    setDefaultCACertificates(before);
    await client.close();
  }
});

test.each([
  ['is for another name', '127.0.0.2', {}, /--public-host/],
  ['has expired', '127.0.0.1', { notAfterDate: new Date('2025-01-01') }, /expired/],
  ['is not valid yet', '127.0.0.1', { notBeforeDate: new Date('2090-01-01') }, /clocks/],
])('one that %s is refused at once, with what helps', async (_what, ip, dates, hint) => {
  const certificate = await certificateFor(ip, {
    notBeforeDate: new Date('2024-01-01'),
    notAfterDate: new Date('2095-01-01'),
    ...dates,
  });
  await using server = await tlsServer(certificate);
  const client = openTestClient(server.url, 'account-1', { clock: hurriedClock });
  const before = getCACertificates('default');
  try {
    setDefaultCACertificates([...before, certificate.cert]);
    await expect(client.list('input')).rejects.toMatchObject({
      code: 'TRANSFER_NOT_TRUSTED',
      hint: expect.stringMatching(hint),
    });
    expect([server.dialled(), server.served()]).toEqual([1, 0]);
  } finally {
    setDefaultCACertificates(before);
    await client.close();
  }
});

test('where only the store behind the farm is not trusted, bytes go through the farm both ways', async () => {
  await using folder = await tempFolder();
  await using store = await tlsServer(await certificateFor('127.0.0.1'));
  const own = await openFsBlobStore({ home: folder.path, log: silentLog, keepFreeBytes: 0, sync: 'never' });
  const blobs = pointingTo(`${store.url}/bucket/key?signed`, own);
  const door = await openTestDoor(folder.path, new MemoryFarm(), { blobs });
  const client = openTestClient(door.url, 'account-1', { clock: hurriedClock });
  const reader = openTestClient(door.url, 'account-1', { clock: hurriedClock });
  try {
    const localPath = join(folder.path, 'scene.abc');
    await writeFile(localPath, randomBytes(20 * MiB));
    await client.upload({ root: 'input', files: [{ localPath, treePath: '/scene.abc' }] });
    // Two parts were under way; each was refused once.
    expect(store.dialled()).toBeGreaterThan(0);
    expect(store.dialled()).toBeLessThanOrEqual(2);
    const dialledUp = store.dialled();
    const to = join(folder.path, 'back');
    await reader.download({ root: 'input', to });
    expect(store.dialled()).toBeGreaterThan(dialledUp);
    expect(store.served()).toBe(0);
    expect(Buffer.compare(await readFile(join(to, 'scene.abc')), await readFile(localPath))).toBe(0);
  } finally {
    await client.close();
    await reader.close();
    await door.close();
  }
});

/** The store, saying that it has a door of its own. */
function pointingTo(url: string, store: BlobStore): BlobStore {
  const address = async () => ({ url, headers: {} });
  const instead: Partial<BlobStore> = { named: null, direct: { partAddress: address, blobAddress: address } };
  return new Proxy(store, {
    get(target, name) {
      if (name in instead) return instead[name as keyof BlobStore];
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
