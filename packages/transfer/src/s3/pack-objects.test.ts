import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type Clock, MiB, silentLog, systemClock } from '@croft/contract';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { atEnd, temporaryFolder } from '../../../../tests/support/cleanup.ts';
import {
  S3_BUILD_MS,
  S3_SERVER_NAMES,
  type S3Server,
  startS3Server,
  whyNoS3Servers,
} from '../../../../tests/support/s3-servers.ts';
import { blobIdOfBytes } from '../blob-hash.ts';
import type { PackedBlob } from '../formats/pack.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { Bucket } from './bucket.ts';
import { PackObjects } from './pack-objects.ts';
import { S3Connection } from './s3-connection.ts';
import { BUCKET, clientOf, packsIn, placeIn, readAll } from './test-places.ts';

vi.setConfig({ testTimeout: 60_000 });

const why = whyNoS3Servers();

/** Real time, but waits (of retries) pass fifty times faster. */
const hurriedClock: Clock = {
  now: () => systemClock.now(),
  after: (ms, action) => systemClock.after(ms / 50, action),
};

function someBlobs(count: number, sizeBytes = 1000): PackedBlob[] {
  return Array.from({ length: count }, () => randomBytes(sizeBytes)).map((bytes) => ({
    id: blobIdOfBytes(bytes),
    bytes,
  }));
}

const idsOf = (blobs: readonly PackedBlob[]) => blobs.map(({ id }) => id);

/** All of them are there, and come back one by one and together. */
async function expectThere(store: BlobStore, blobs: readonly PackedBlob[]): Promise<void> {
  expect(await store.has(idsOf(blobs))).toEqual(new Set(idsOf(blobs)));
  const [first] = blobs;
  expect((await readAll(store, first!.id)).equals(first!.bytes)).toBe(true);
  const together = new Map((await store.readSmall(idsOf(blobs))).map(({ id, bytes }) => [id, bytes]));
  for (const { id, bytes } of blobs) expect(Buffer.compare(together.get(id)!, bytes)).toBe(0);
}

describe.each(S3_SERVER_NAMES)('%s', (name) => {
  if (why !== null) {
    test.skip(`skipped: ${why}`, () => {});
    return;
  }
  let server: S3Server;
  let client: S3Client;

  beforeAll(async () => {
    server = await startS3Server(name, [BUCKET]);
    client = clientOf(server);
  }, S3_BUILD_MS);
  afterAll(async () => {
    client?.destroy();
    await server?.close();
  });

  /** The packs of a place beside a store that is open there. */
  function packsAt({ place, keys, indexFile }: ReturnType<typeof placeIn>): PackObjects {
    const s3 = new S3Connection(place, server.credentials, systemClock, silentLog);
    const packs = new PackObjects(new Bucket(s3), keys, indexFile, silentLog);
    atEnd(() => {
      packs.close();
      s3.close();
    });
    return packs;
  }

  test('blobs that arrive together are one object, and deleting the last of them removes it', async () => {
    const there = placeIn(server, temporaryFolder());
    const store = await there.open();
    const blobs = [...someBlobs(200), ...someBlobs(2, MiB)];
    await store.putPack(blobs);
    await store.putPack([...blobs, ...blobs]);
    expect(await packsIn(client, there.keys)).toHaveLength(1);
    await expectThere(store, blobs);
    expect(await store.direct!.blobAddress(blobs[0]!.id)).toBeNull();
    for (const { id } of blobs.slice(1)) await store.delete(id);
    expect(await store.has(idsOf(blobs))).toEqual(new Set([blobs[0]!.id]));
    expect(await packsIn(client, there.keys)).toHaveLength(1);
    await store.delete(blobs[0]!.id);
    expect(await packsIn(client, there.keys)).toEqual([]);
    await store.close();
  });

  test('an index that got lost, or missed the last pack, is made right when the store opens', async () => {
    const there = placeIn(server, temporaryFolder());
    const older = await there.open();
    const [early, late] = [someBlobs(50), someBlobs(50)];
    await older.putPack(early);
    // A farm that dies between the answer of the S3 server and its note knows as little as this index of another one.
    const other = await there.open({ indexFile: join(temporaryFolder(), 'index.sqlite') });
    await other.putPack(late);
    await other.close();
    expect(await older.has(idsOf(late))).toEqual(new Set());
    await older.close();
    for (const lost of [false, true]) {
      const indexFile = lost ? join(temporaryFolder(), 'index.sqlite') : there.indexFile;
      const store = await there.open({ indexFile });
      await expectThere(store, [...early, ...late]);
      const listed = await Array.fromAsync(store.list());
      expect(new Set(listed.map(({ id }) => id))).toEqual(new Set(idsOf([...early, ...late])));
      await store.close();
    }
  });

  test('what is mostly garbage is rewritten, what is wholly so removed, and readers notice nothing', async () => {
    const there = placeIn(server, temporaryFolder());
    const store = await there.open();
    const packs = [someBlobs(50), someBlobs(50), someBlobs(50)];
    for (const blobs of packs) await store.putPack(blobs);
    const [first, second, third] = packs as [PackedBlob[], PackedBlob[], PackedBlob[]];
    for (const { id } of [...first.slice(10), ...second.slice(10), ...third.slice(40)])
      await store.delete(id);
    const left = [...first.slice(0, 10), ...second.slice(0, 10), ...third.slice(0, 40)];
    const before = await packsIn(client, there.keys);
    const tidying = packsAt(there);
    let isOver = false;
    const reading = (async () => {
      while (!isOver) await expectThere(store, left);
    })();
    expect(await tidying.tidy()).toBe(2);
    isOver = true;
    await reading;
    const after = await packsIn(client, there.keys);
    expect(after).toHaveLength(2);
    expect(after.filter((key) => before.includes(key))).toHaveLength(1);
    expect(await tidying.tidy()).toBe(0);
    await expectThere(store, left);
    expect(await store.has(idsOf([...first.slice(10), ...second.slice(10)]))).toEqual(new Set());
    await store.close();
    const again = await there.open();
    await expectThere(again, left);
    await again.close();
  });

  test('a pack of which another one has everything is removed', async () => {
    const there = placeIn(server, temporaryFolder());
    const store = await there.open();
    const blobs = someBlobs(20);
    const other = await there.open({ indexFile: join(temporaryFolder(), 'index.sqlite') });
    await store.putPack(blobs);
    await other.putPack(blobs);
    await other.close();
    expect(await packsIn(client, there.keys)).toHaveLength(2);
    const packs = packsAt(there);
    await packs.lookThrough();
    expect(await packs.tidy()).toBe(1);
    expect(await packsIn(client, there.keys)).toHaveLength(1);
    await expectThere(store, blobs);
    await store.close();
  });

  test("a pack that somebody took away, or wrote over, is nobody's any more", async () => {
    const there = placeIn(server, temporaryFolder());
    let store = await there.open();
    const [taken, lost, spoilt] = [someBlobs(20), someBlobs(20), someBlobs(20)];
    const keys: string[] = [];
    for (const blobs of [taken, lost, spoilt]) {
      await store.putPack(blobs);
      keys.push((await packsIn(client, there.keys)).find((key) => !keys.includes(key))!);
    }
    await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: keys[0] }));
    await expect(store.read(taken[0]!.id)).rejects.toMatchObject({ code: 'TRANSFER_NOT_FOUND' });
    expect(await store.has(idsOf(taken))).toEqual(new Set());
    await store.putPack(taken);
    await expectThere(store, taken);
    await store.close();
    await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: keys[1] }));
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: keys[2], Body: randomBytes(30) }));
    store = await there.open();
    expect(await store.has(idsOf([...taken, ...lost]))).toEqual(new Set(idsOf(taken)));
    await expect(store.read(spoilt[0]!.id)).rejects.toMatchObject({ code: 'TRANSFER_BLOB_CORRUPT' });
    expect(await store.readSmall(idsOf(spoilt.slice(1, 3)))).toEqual([]);
    await store.close();
    // Without an index, nothing says what such an object holds: it is left alone.
    store = await there.open({ indexFile: join(temporaryFolder(), 'index.sqlite') });
    expect(await store.has(idsOf(spoilt))).toEqual(new Set());
    expect(await packsIn(client, there.keys)).toContain(keys[2]);
    await store.close();
  });

  test('a server that crashes leaves nothing of a pack that it did not answer', async () => {
    const there = placeIn(server, temporaryFolder());
    const store = await there.open({ clock: hurriedClock });
    const blobs = someBlobs(100);
    await server.kill();
    await expect(store.putPack(blobs)).rejects.toMatchObject({ code: 'TRANSFER_STORE_UNREACHABLE' });
    await server.start();
    expect(await store.has(idsOf(blobs))).toEqual(new Set());
    await store.putPack(blobs);
    await expectThere(store, blobs);
    await store.close();
  });
});
