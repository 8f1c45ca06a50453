/** Uploads of files that a sender remembers. */
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type BlobId, silentLog, systemClock } from '@croft/contract';
import { TransferClient } from '@croft/transfer';
import { expect, test } from 'vitest';
import { MemoryFarm, openTestClient, openTestDoor, tempFolder } from './test-door.ts';

const QUESTION = 'POST /trees/input/differing';

/** A farm whose door answers the question so, as older and other ones may; all else reaches the real one. */
async function openOtherFarm(url: string, status: number, body: string) {
  const asked: string[] = [];
  const server = createServer((incoming, reply) => {
    const { method, headers, url: target = '' } = incoming;
    asked.push(`${method} ${target.replace('/transfer/v1', '')}`);
    if (target.endsWith('/differing')) return void reply.writeHead(status).end(body);
    const passed = request(`${url}${target}`, { method, headers }, (answer) => {
      reply.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(reply);
    });
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

test('an upload that changes nothing is one question; what the farm lost, or shows otherwise, comes again', async () => {
  await using work = await tempFolder();
  const door = await openTestDoor(join(work.path, 'store'), new MemoryFarm());
  const client = openTestClient(door.url, 'account-1');
  const folder = join(work.path, 'from');
  await mkdir(folder);
  const write = async (name: string, bytes: Uint8Array, treePath = `/${name}`) => {
    const localPath = join(folder, name);
    await writeFile(localPath, bytes);
    return { localPath, treePath };
  };
  const wish = [
    await write('a.txt', Buffer.from('one')),
    await write('b.bin', randomBytes(1000)),
    await write('c.bin', randomBytes(100_000)),
  ];
  const first = await client.upload({ root: 'input', files: wish });
  const asked: string[] = [];
  const telling = new TransferClient({
    baseUrl: door.url,
    clock: systemClock,
    log: silentLog,
    authorise(method, target) {
      asked.push(`${method} ${target.replace('/transfer/v1', '')}`);
      return { authorization: 'Bearer account-1' };
    },
  });
  const files = wish.map((file, index) => ({
    ...file,
    remembered: { ...first.entries[index]!, isLookedAt: true },
  }));
  const again = async () => {
    asked.length = 0;
    const { entries, version } = await telling.upload({ root: 'input', files });
    expect(entries).toEqual(first.entries);
    return { version, asked: [...asked] };
  };
  expect(await again()).toEqual({ version: first.version, asked: [QUESTION] });

  // Another sender put other bytes there.
  const theirs = await write('theirs.txt', Buffer.from('two'), '/a.txt');
  await client.upload({ root: 'input', files: [theirs] });
  const version = first.version + 2;
  expect(await again()).toEqual({ version, asked: [QUESTION, 'POST /missing', 'POST /trees/input/commit'] });
  expect(await again()).toEqual({ version, asked: [QUESTION] });

  // The tree shows them, but their bytes are gone: one lies in a pack file, one by itself.
  for (const { id } of first.entries.slice(1)) {
    await door.blobs.delete(id);
    expect((await again()).asked).toEqual([
      QUESTION,
      'POST /missing',
      'POST /packs',
      'POST /trees/input/commit',
    ]);
    expect((await again()).asked).toEqual([QUESTION]);
  }

  // Of two files for one path the last counts, though the tree shows the first.
  const { entries } = await telling.upload({ root: 'input', files: [files[0]!, theirs] });
  const there = await telling.list('input', { prefix: '/a.txt' });
  expect(there).toEqual([entries[1]]);

  // Nobody learns of an account's files by asking as another.
  const stranger = await fetch(`${door.url}/transfer/v1/trees/input/differing`, {
    method: 'POST',
    headers: { authorization: 'Bearer account-2', 'content-type': 'application/x-ndjson' },
    body: first.entries.map((entry) => JSON.stringify(entry)).join('\n'),
  });
  expect(await stranger.json()).toEqual({ version: 0, differing: [0, 1, 2] });
  await Promise.all([client.close(), telling.close()]);
  await door.close();
});

test.each([
  [404, '{"code":"TRANSFER_NOT_FOUND","message":"there is nothing at this address","status":404,"exit":4}'],
  [404, '<html>'],
  [405, ''],
  [413, '{"code":"TRANSFER_TOO_LARGE","message":"too many lines","status":413,"exit":2}'],
  [501, ''],
  [200, '"what?"'],
])(
  'a farm that answers the question with %i %s gets the full one, and is not asked again',
  async (status, body) => {
    await using work = await tempFolder();
    const door = await openTestDoor(join(work.path, 'store'), new MemoryFarm());
    const other = await openOtherFarm(door.url, status, body);
    const client = openTestClient(other.url, 'account-1');
    const localPath = join(work.path, 'a.bin');
    await writeFile(localPath, randomBytes(100_000));
    const file = { localPath, treePath: '/a.bin' };
    const { entries } = await client.upload({ root: 'input', files: [file] });
    const files = [{ ...file, remembered: { ...entries[0]!, isLookedAt: true } }];
    other.asked.length = 0;
    const again = ['POST /missing', 'POST /trees/input/commit'];
    expect((await client.upload({ root: 'input', files })).entries).toEqual(entries);
    expect(other.asked).toEqual([QUESTION, ...again]);
    expect(await client.differing('input', entries, {})).toEqual(new Set([0]));
    await client.upload({ root: 'input', files });
    expect(other.asked).toEqual([QUESTION, ...again, ...again]);
    await client.close();
    other.close();
    await door.close();
  },
);

test('who may not ask is told so', async () => {
  await using work = await tempFolder();
  const door = await openTestDoor(join(work.path, 'store'), new MemoryFarm());
  const client = openTestClient(door.url, 'nobody');
  const entry = { path: '/a', id: `sha256-${'0'.repeat(64)}` as BlobId, size: 1, mtimeMs: 1 };
  await expect(client.differing('input', [entry], {})).rejects.toMatchObject({
    code: 'TRANSFER_NOT_SIGNED_IN',
  });
  await client.close();
  await door.close();
});
