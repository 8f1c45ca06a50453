import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { constants, zstdCompressSync } from 'node:zlib';
import { type Clock, MiB, systemClock } from '@croft/contract';
import { blobIdOfBytes, type UploadFile } from '@croft/transfer';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openCuttingProxy } from './cutting-proxy.ts';
import { MemoryFarm, openTestClient, openTestDoor, type TestDoor, tempFolder } from './test-door.ts';

vi.setConfig({ testTimeout: 60_000 });

/** Real time, but waits (of retries and watches) pass fifty times faster. */
const hurriedClock: Clock = {
  now: () => systemClock.now(),
  after: (ms, action) => systemClock.after(ms / 50, action),
};

let folder: Awaited<ReturnType<typeof tempFolder>>;
let door: TestDoor;
beforeEach(async () => {
  folder = await tempFolder();
  door = await openTestDoor(join(folder.path, 'store'), new MemoryFarm(), { sync: 'never' });
});
afterEach(async () => {
  await door.close();
  await folder[Symbol.asyncDispose]();
});

/** Shrinks to about half: 8 random bytes of 16. */
function halfRandom(bytes: number): Buffer {
  const text = Buffer.alloc(bytes);
  const random = randomBytes(Math.ceil(bytes / 2));
  for (let at = 0; at < bytes; at += 16) random.copy(text, at, at / 2, at / 2 + 8);
  return text;
}

async function sources(contents: Record<string, Buffer>): Promise<UploadFile[]> {
  const source = join(folder.path, 'source');
  await mkdir(source, { recursive: true });
  const files: UploadFile[] = [];
  for (const [name, bytes] of Object.entries(contents)) {
    await writeFile(join(source, name), bytes);
    files.push({ localPath: join(source, name), treePath: `/${name}` });
  }
  return files;
}

/** A long file, a whole one, and a pack. */
function allSizes(make: (bytes: number) => Buffer): Record<string, Buffer> {
  const small = Array.from({ length: 50 }, (_, index) => [`small-${index}`, make(10_000 + index)]);
  return { 'long.abc': make(17 * MiB), 'whole.exr': make(2 * MiB), ...Object.fromEntries(small) };
}

async function expectSame(files: readonly UploadFile[], to: string): Promise<void> {
  for (const { localPath, treePath } of files)
    expect(Buffer.compare(await readFile(join(to, treePath)), await readFile(localPath)), treePath).toBe(0);
}

test.each([
  ['what shrinks travels compressed, both ways', 'always' as const, halfRandom, 0.7],
  ['what does not shrink travels as it is', 'always' as const, randomBytes, 1.02],
  ['nothing is compressed over loopback', 'auto' as const, halfRandom, 1.02],
])('%s', async (_what, compress, make, share) => {
  const proxy = await openCuttingProxy(() => door.port, MiB, 1);
  proxy.behave();
  const client = openTestClient(proxy.url, 'account-1', { compress });
  try {
    const contents = allSizes(make);
    const files = await sources(contents);
    const total = Object.values(contents).reduce((sum, { length }) => sum + length, 0);
    let done = 0;
    const wish = { root: 'input' as const, onProgress: (at: { bytesDone: number }) => (done = at.bytesDone) };
    await client.upload({ ...wish, files });
    expect(done, 'progress is of plain bytes').toBeGreaterThanOrEqual(total);
    const sent = proxy.sentBytes();
    expect(sent).toBeLessThan(total * share + 50_000);
    expect(sent).toBeGreaterThan(total * (share - 0.3));
    const to = join(folder.path, 'back');
    await client.download({ ...wish, to });
    expect(proxy.receivedBytes()).toBeLessThan(total * share + 50_000);
    expect(proxy.receivedBytes()).toBeGreaterThan(total * (share - 0.3));
    await expectSame(files, to);
  } finally {
    await client.close();
    await proxy.close();
  }
});

test('a limit below the compressor makes even loopback worth it', async () => {
  const proxy = await openCuttingProxy(() => door.port, MiB, 1);
  proxy.behave();
  const client = openTestClient(proxy.url, 'account-1');
  try {
    const files = await sources({ 'whole.exr': halfRandom(2 * MiB) });
    await client.upload({ root: 'input', files, limitKbps: 20_000 });
    expect(proxy.sentBytes()).toBeLessThan(1.5 * MiB);
    await client.download({ root: 'input', to: join(folder.path, 'back'), limitKbps: 20_000 });
    expect(proxy.receivedBytes()).toBeLessThan(1.5 * MiB);
    await expectSame(files, join(folder.path, 'back'));
  } finally {
    await client.close();
    await proxy.close();
  }
});

test.each([1, 2])('compressed bodies that are cut at random arrive all the same (seed %i)', async (seed) => {
  const proxy = await openCuttingProxy(() => door.port, 14 * MiB, seed);
  const client = openTestClient(proxy.url, 'account-1', { clock: hurriedClock, compress: 'always' });
  try {
    const files = await sources({ ...allSizes(halfRandom), 'other.abc': halfRandom(12 * MiB) });
    await client.upload({ root: 'input', files });
    const to = join(folder.path, 'back');
    await client.download({ root: 'input', to });
    expect(proxy.cuts()).toBeGreaterThan(0);
    await expectSame(files, to);
  } finally {
    await client.close();
    await proxy.close();
  }
});

/** Flips one bit, once, so many bytes into what the client sends, or gets. */
async function openFlippingProxy(way: 'up' | 'down', atByte: number) {
  const open = new Set<Socket>();
  let seen = 0;
  let flips = 0;
  const spoiled = (chunk: Buffer) => {
    const at = atByte - seen;
    seen += chunk.length;
    if (at < 0 || at >= chunk.length) return chunk;
    flips++;
    const copy = Buffer.from(chunk);
    copy[at]! ^= 8;
    return copy;
  };
  const server = createServer((client) => {
    const farm = connect(door.port, '127.0.0.1');
    for (const [from, to, isSpoiled] of [
      [client, farm, way === 'up'],
      [farm, client, way === 'down'],
    ] as const) {
      open.add(from);
      from.on('data', (chunk) => to.write(isSpoiled ? spoiled(chunk) : chunk));
      from.on('close', () => to.destroy());
      from.on('error', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    flips: () => flips,
    close: () => {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}

test.each(['up', 'down'] as const)(
  'a bit that flips inside a compressed body, %s, spoils nothing',
  async (way) => {
    const proxy = await openFlippingProxy(way, 600_000);
    const there = openTestClient(door.url, 'account-1');
    const client = openTestClient(proxy.url, 'account-1', { clock: hurriedClock, compress: 'always' });
    try {
      const files = await sources({ 'whole.exr': halfRandom(2 * MiB) });
      await (way === 'up' ? client : there).upload({ root: 'input', files });
      const to = join(folder.path, 'back');
      await (way === 'down' ? client : there).download({ root: 'input', to });
      expect(proxy.flips()).toBe(1);
      await expectSame(files, to);
    } finally {
      await client.close();
      await there.close();
      proxy.close();
    }
  },
);

async function put(plain: Buffer, body: Uint8Array, plainSize: string, encoding = 'zstd') {
  const id = blobIdOfBytes(plain);
  const answer = await fetch(`${door.url}/transfer/v1/blobs/${id}?size=${plain.length}`, {
    method: 'PUT',
    headers: {
      authorization: 'Bearer account-1',
      'content-type': 'application/octet-stream',
      'content-encoding': encoding,
      'croft-plain-size': plainSize,
      'croft-content-sha256': createHash('sha256').update(plain).digest('hex'),
    },
    body: Buffer.from(body),
  });
  const { code } = (await answer.json()) as { code?: string };
  return { status: answer.status, code, isThere: (await door.blobs.has([id])).size === 1 };
}

test('bodies that lie about themselves are refused, and leave nothing', async () => {
  const plain = halfRandom(300_000);
  const body = zstdCompressSync(plain);
  const mismatch = { status: 422, code: 'TRANSFER_HASH_MISMATCH', isThere: false };
  const bad = { status: 400, code: 'TRANSFER_BAD_REQUEST', isThere: false };
  const flipped = Buffer.from(body);
  flipped[flipped.length >> 1]! ^= 1;
  const size = String(plain.length);
  expect(await put(plain, body, '299999'), 'says less').toEqual(mismatch);
  expect(await put(plain, body, '300001'), 'says more').toEqual(mismatch);
  expect(await put(plain, body, 'many'), 'says nothing').toEqual(bad);
  expect(await put(plain, body, size, 'gzip'), 'another encoding').toEqual(bad);
  expect(await put(plain, plain, size), 'not compressed').toEqual(mismatch);
  expect(await put(plain, flipped, size), 'flipped bit').toEqual(mismatch);
  expect(await put(plain, body.subarray(0, -10), size), 'cut short').toEqual(mismatch);
  expect(await put(plain, zstdCompressSync(halfRandom(300_000)), size), 'other bytes').toEqual(mismatch);
  expect(await put(plain, body, size)).toEqual({ status: 200, code: undefined, isThere: true });
});

test('bombs are refused where they exceed what they said, or what their address takes; wide windows too', async () => {
  const bomb = zstdCompressSync(Buffer.alloc(256 * MiB));
  expect(bomb.length).toBeLessThan(100_000);
  const plain = Buffer.alloc(1000);
  const mismatch = { status: 422, code: 'TRANSFER_HASH_MISMATCH', isThere: false };
  const before = process.memoryUsage().rss;
  expect(await put(plain, bomb, '1000')).toEqual(mismatch);
  expect(await put(plain, bomb, String(256 * MiB))).toEqual(mismatch);
  const wide = zstdCompressSync(randomBytes(17 * MiB), {
    params: { [constants.ZSTD_c_windowLog]: 25, [constants.ZSTD_c_contentSizeFlag]: 0 },
  });
  expect(await put(plain, wide, '1000')).toEqual(mismatch);
  expect(process.memoryUsage().rss - before).toBeLessThan(150 * MiB);
});
