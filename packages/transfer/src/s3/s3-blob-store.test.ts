import { createHash, hash, randomBytes, randomUUID } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DeleteObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { type BlobId, MiB, silentLog, systemClock, type UploadName } from '@croft/contract';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../../../tests/support/cleanup.ts';
import {
  S3_BUILD_MS,
  S3_SERVER_NAMES,
  type S3Server,
  type S3ServerName,
  startS3Server,
  whyNoS3Servers,
} from '../../../../tests/support/s3-servers.ts';
import { blobIdOfBytes } from '../blob-hash.ts';
import { inLanes } from '../client/lanes.ts';
import { blobStoreSuite, longBlob } from '../store/blob-store-suite.ts';
import { Bucket } from './bucket.ts';
import { presentBlobs } from './present-blobs.ts';
import { S3Connection } from './s3-connection.ts';
import { BUCKET, clientOf, once, packWith, placeIn, readAll } from './test-places.ts';

vi.setConfig({ testTimeout: 60_000 });

const why = whyNoS3Servers();

describe.each(S3_SERVER_NAMES)('%s', (name: S3ServerName) => {
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

  /** Other bytes under the same name, as a disk that forgets would give. */
  const damaging = (settings: string) => async () => {
    const { keys, open } = placeIn(server, temporaryFolder(), settings);
    return {
      open: () => open(),
      async damage(id: BlobId, at: number) {
        const store = await open();
        const bytes = await readAll(store, id);
        await store.close();
        const pack = await packWith(client, keys, bytes);
        const damaged = pack ?? { key: keys.blob(id), object: bytes, start: 0 };
        damaged.object[damaged.start + at]! ^= 1;
        await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: damaged.key, Body: damaged.object }));
      },
      async [Symbol.asyncDispose]() {},
    };
  };
  blobStoreSuite('bucket', damaging(''));
  // The other way to check differs in our own steps, not in the server's: one of them is enough.
  if (name === 'versitygw') blobStoreSuite('bucket whose uploads are read back', damaging('&read-back=on'));

  test('a second write under a key, and bytes of another hash, are refused by the server itself', async () => {
    const { keys, open } = placeIn(server, temporaryFolder());
    const store = await open();
    const bytes = randomBytes(1000);
    const id = blobIdOfBytes(bytes);
    await store.putPack([{ id, bytes }]);
    const put = (key: string, body: Uint8Array, of: Uint8Array) =>
      client.send(
        new PutObjectCommand({
          Bucket: BUCKET,
          Key: key,
          Body: body,
          IfNoneMatch: '*',
          ChecksumSHA256: createHash('sha256').update(of).digest('base64'),
        }),
      );
    await expect(put(keys.blob(id), bytes, bytes)).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(put(`${keys.blob(id)}x`, bytes, randomBytes(3))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 400 },
    });
    // The store itself asks for it: what somebody else has written meanwhile stays, and is taken for what it is.
    const other = randomBytes(1000);
    const object = { Bucket: BUCKET, Key: keys.blob(blobIdOfBytes(other)) };
    await client.send(new PutObjectCommand({ ...object, Body: other, ContentType: 'text/plain' }));
    await store.putPack([{ id: blobIdOfBytes(other), bytes: other }]);
    expect(await client.send(new HeadObjectCommand(object))).toMatchObject({ ContentType: 'text/plain' });
    expect(await readAll(store, blobIdOfBytes(other))).toEqual(other);
    await store.close();
  });

  test('an address takes that part only: its bytes, its length, its place', async () => {
    const { open } = placeIn(server, temporaryFolder());
    const store = await open();
    const long = longBlob(17 * MiB);
    const [first, last] = long.parts;
    const sum = first!.sha256.toString('hex');
    const address = await store.direct!.partAddress(long.upload, 0, sum);
    const send = async (url: string, headers: Record<string, string>, bytes: Uint8Array) => {
      // A server may hang up on bytes that it refuses before it has read them all.
      const answer = await fetch(url, { method: 'PUT', headers, body: new Uint8Array(bytes) }).catch(
        () => null,
      );
      await answer?.arrayBuffer().catch(() => undefined);
      return answer?.status ?? 400;
    };
    const flipped = Buffer.from(first!.bytes);
    flipped[7]! ^= 1;
    const refused = [
      await send(address.url, address.headers, flipped),
      await send(address.url, {}, flipped),
      await send(address.url, { ...address.headers, 'x-amz-checksum-sha256': sha(flipped) }, flipped),
      await send(address.url, { 'x-amz-checksum-sha256': sha(last!.bytes) }, last!.bytes),
      await send(address.url.replace('partNumber=1', 'partNumber=2'), address.headers, first!.bytes),
    ];
    for (const status of refused) expect([400, 403]).toContain(status);
    expect(await store.partsArrived(long.upload)).toEqual([]);
    expect(Number(new URL(address.url).searchParams.get('X-Amz-Expires'))).toBeLessThanOrEqual(900);
    // Length and checksum are of what is signed, so a server that takes no checksums holds to the length.
    const signed = new URL(address.url).searchParams.get('X-Amz-SignedHeaders')?.split(';');
    expect(signed).toEqual(expect.arrayContaining(['content-length', 'x-amz-checksum-sha256']));
    expect(await send(address.url, address.headers, first!.bytes)).toBe(200);
    expect(await store.partsArrived(long.upload)).toEqual([0]);
    await long.send(store, 1);
    await store.complete(long.upload);
    const read = await store.direct!.blobAddress(long.upload.id);
    const answer = await fetch(read!.url, { headers: { range: 'bytes=5-1004' } });
    expect(Buffer.from(await answer.arrayBuffer()).equals(long.bytes.subarray(5, 1005))).toBe(true);
    await store.close();
  });

  test('a short blob may come straight too, as an upload of one part', async () => {
    const { open } = placeIn(server, temporaryFolder());
    const store = await open();
    const bytes = randomBytes(3 * MiB);
    const id = blobIdOfBytes(bytes);
    const upload = { owner: 'account-1', id, size: bytes.length };
    const { url, headers } = await store.direct!.partAddress(upload, 0, id.slice('sha256-'.length));
    await fetch(url, { method: 'PUT', headers, body: bytes });
    await store.complete(upload);
    expect((await readAll(store, id)).equals(bytes)).toBe(true);
    await store.close();
  });

  test('a long blob that came by a name is not copied, and a crash at any step loses and leaves nothing', async () => {
    const { keys, open } = placeIn(server, temporaryFolder());
    let store = await open();
    const long = longBlob(17 * MiB);
    const { owner, id, size } = long.upload;
    const upload = { owner, name: `named-${'a'.repeat(64)}` as UploadName, size };
    const send = async (part: number, bytes: Uint8Array) => {
      const hex = long.parts[part]!.sha256.toString('hex');
      const { url, headers } = await store.direct!.partAddress(upload, part, hex);
      const answer = await fetch(url, { method: 'PUT', headers, body: new Uint8Array(bytes) }).catch(
        () => null,
      );
      await answer?.arrayBuffer().catch(() => undefined);
      return answer?.status ?? 400;
    };
    expect([400, 403]).toContain(await send(0, randomBytes(long.parts[0]!.bytes.length)));
    const keysBelow = async (prefix: string) => {
      const { Contents = [] } = await client.send(
        new ListObjectsV2Command({ Bucket: BUCKET, Prefix: prefix }),
      );
      return Contents.map(({ Key = '' }) => Key);
    };
    const longs = keys.long('');
    const sendAll = async () => {
      for (const part of [0, 1]) expect(await send(part, long.parts[part]!.bytes)).toBe(200);
    };
    await sendAll();
    await store.named!.complete(upload, id);
    const made = await keysBelow(longs);
    expect(made).toHaveLength(1);
    expect(await keysBelow(keys.blobs)).toEqual([]);
    const address = await store.direct!.blobAddress(id);
    const answer = await fetch(address!.url, { headers: { range: 'bytes=5-1004' } });
    expect(Buffer.from(await answer.arrayBuffer()).equals(long.bytes.subarray(5, 1005))).toBe(true);
    // As if the farm had died when the object was there and its place was not.
    const unplace = async () => {
      await store.close();
      for (const Key of await keysBelow(keys.places))
        await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
      store = await open();
      expect(await store.has([id])).toEqual(new Set());
    };
    await unplace();
    expect(await store.named!.partsArrived(upload)).toEqual([0, 1]);
    await expect(store.named!.complete(upload, longBlob(17 * MiB).upload.id)).rejects.toMatchObject({
      code: 'TRANSFER_HASH_MISMATCH',
    });
    expect(await keysBelow(longs)).toEqual([]);
    await sendAll();
    await store.named!.complete(upload, id);
    await unplace();
    await store.named!.complete(upload, id);
    await store.named!.forget(upload);
    expect((await readAll(store, id)).equals(long.bytes)).toBe(true);
    expect(await keysBelow(longs)).toHaveLength(1);
    await store.close();
    store = await open();
    const absent = Array.from({ length: 501 }, () => `sha256p-${randomBytes(32).toString('hex')}` as BlobId);
    expect(await store.has([id, ...absent])).toEqual(new Set([id]));
    // Bytes that somebody took away are no blob, whatever its place says.
    for (const Key of await keysBelow(longs))
      await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
    await expect(store.read(id)).rejects.toMatchObject({ code: 'TRANSFER_NOT_FOUND' });
    await store.delete(id);
    expect(await keysBelow(keys.places)).toEqual([]);
    await store.close();
  });

  test('who only knows a hash gets nothing by it, whatever became of an upload', async () => {
    const { keys, open } = placeIn(server, temporaryFolder());
    const store = await open();
    const long = longBlob(17 * MiB);
    const thief = { ...long.upload, owner: 'account-2' };
    await store.direct!.partAddress(thief, 0, long.parts[0]!.sha256.toString('hex'));
    for (const part of [0, 1]) await long.send(store, part);
    await store.complete(long.upload);
    await expect(store.complete(thief)).rejects.toMatchObject({ code: 'TRANSFER_UPLOAD_INCOMPLETE' });
    // An operator's rule drops the unfinished upload; the thief's record stays.
    const { AbortMultipartUploadCommand, GetObjectCommand } = await import('@aws-sdk/client-s3');
    const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: keys.upload(thief) }));
    const { uploadId } = JSON.parse(await Body!.transformToString());
    const gone = { Bucket: BUCKET, Key: keys.blob(long.upload.id), UploadId: uploadId };
    await client.send(new AbortMultipartUploadCommand(gone));
    expect(await store.partsArrived(thief)).toEqual([]);
    await expect(store.complete(thief)).rejects.toMatchObject({ code: 'TRANSFER_UPLOAD_INCOMPLETE' });
    // The same for a short blob: wrong bytes under the name of right ones.
    const bytes = randomBytes(MiB);
    await store.putPack([{ id: blobIdOfBytes(bytes), bytes }]);
    await expect(store.put(blobIdOfBytes(bytes), bytes.length, once(randomBytes(MiB)))).rejects.toMatchObject(
      { code: 'TRANSFER_HASH_MISMATCH' },
    );
    await store.close();
  });

  test('a question about many blobs is answered by lists, and right where these are given up', async () => {
    const { place, keys } = placeIn(server, temporaryFolder());
    const s3 = new S3Connection(place, server.credentials, systemClock, silentLog);
    const bucket = new Bucket(s3);
    const blobs = Array.from({ length: 400 }, () => randomBytes(20));
    const there = new Set(blobs.map(blobIdOfBytes));
    await inLanes(blobs, 16, (bytes) =>
      bucket.put(keys.blob(blobIdOfBytes(bytes)), bytes, hash('sha256', bytes, 'hex'), { onlyNew: true }),
    );
    const absent = Array.from({ length: 400 }, () => blobIdOfBytes(randomBytes(20)));
    const asked = [...absent, ...there];
    for (const plan of [
      { fewIds: 1000, leastKeys: 1000, keysPerId: 125 },
      { fewIds: 10, leastKeys: 1000, keysPerId: 125 },
      { fewIds: 10, leastKeys: 1, keysPerId: 0.2 },
    ])
      expect(await presentBlobs(bucket, keys, asked, () => {}, plan)).toEqual(there);
    // The lists tell of the neighbours as well, which are asked for next.
    const listed = new Set<string>();
    const plan = { fewIds: 10, leastKeys: 1000, keysPerId: 125 };
    const every2nd = asked.filter((_, index) => index % 2 === 0);
    const found = await presentBlobs(bucket, keys, every2nd, (id) => void listed.add(id), plan);
    expect(found).toEqual(new Set(every2nd.filter((id) => there.has(id))));
    expect([...found].every((id) => listed.has(id))).toBe(true);
    expect(listed.size).toBeGreaterThan(found.size);
    expect([...listed].every((id) => there.has(id as BlobId))).toBe(true);
    s3.close();
  });

  test('an empty blob, and one that two send at once', async () => {
    const { open } = placeIn(server, temporaryFolder());
    const store = await open();
    const none = blobIdOfBytes(new Uint8Array(0));
    await store.put(none, 0, once(new Uint8Array(0)));
    expect((await readAll(store, none)).length).toBe(0);
    const bytes = randomBytes(4 * MiB);
    const id = blobIdOfBytes(bytes);
    const sent = await Promise.allSettled([1, 2].map(() => store.put(id, bytes.length, once(bytes))));
    for (const one of sent)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'TRANSFER_PART_SUPERSEDED' });
    expect(sent.some(({ status }) => status === 'fulfilled')).toBe(true);
    expect((await readAll(store, id)).equals(bytes)).toBe(true);
    await store.close();
  });

  test('a server that crashes amid an upload loses no part that it answered', async () => {
    const { open } = placeIn(server, temporaryFolder());
    let store = await open();
    const long = longBlob(33 * MiB);
    await long.send(store, 1);
    await server.kill();
    await expect(long.send(store, 0)).rejects.toMatchObject({ code: 'TRANSFER_STORE_UNREACHABLE' });
    await server.start();
    await store.close();
    store = await open();
    expect(await store.partsArrived(long.upload)).toEqual([1]);
    for (const part of [0, 2]) await long.send(store, part);
    await store.complete(long.upload);
    expect((await readAll(store, long.upload.id)).equals(long.bytes)).toBe(true);
    await store.close();
  });

  test('another farm, a wrong key and a lost bucket are told before anything is stored', async () => {
    const { place, open } = placeIn(server, temporaryFolder());
    await (await open()).close();
    await (await open()).close();
    await expect(open({ storeId: randomUUID() })).rejects.toMatchObject({ code: 'TRANSFER_STORE_OTHER' });
    const wrongKey = { ...server.credentials, secretAccessKey: 'wrong' };
    await expect(open({ credentials: wrongKey })).rejects.toMatchObject({ code: 'TRANSFER_STORE_REFUSED' });
    await expect(open({ place: { ...place, bucket: 'not-there' } })).rejects.toMatchObject({
      code: 'TRANSFER_STORE_REFUSED',
    });
  });

  test('a bit that flips on the disk of the server is found', async () => {
    const { open } = placeIn(server, temporaryFolder());
    const store = await open();
    const bytes = randomBytes(2 * MiB);
    const id = blobIdOfBytes(bytes);
    await store.putPack([{ id, bytes }]);
    await flipBitBelow(server.folder, bytes.subarray(MiB, MiB + 64));
    // MinIO keeps sums of its own and breaks off; it heals from its other disks, where it has some.
    const code = name === 'minio' ? 'TRANSFER_STORE_UNREACHABLE' : 'TRANSFER_BLOB_CORRUPT';
    await expect(readAll(store, id)).rejects.toMatchObject({ code });
    if (name !== 'minio') expect(await store.has([id])).toEqual(new Set());
    await store.close();
  });

  test('part hashes that got lost are found again', async () => {
    const { keys, open } = placeIn(server, temporaryFolder());
    const store = await open();
    const long = longBlob(17 * MiB);
    for (const part of [0, 1]) await long.send(store, part);
    await store.complete(long.upload);
    const key = keys.hashes(long.upload.id);
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: randomBytes(64) }));
    expect((await readAll(store, long.upload.id)).equals(long.bytes)).toBe(true);
    await store.close();
  });
});

/** Flips a bit of the one file that holds these bytes. */
async function flipBitBelow(folder: string, needle: Uint8Array): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const content = await readFile(path);
    const at = content.indexOf(needle);
    if (at < 0) continue;
    content[at]! ^= 1;
    await writeFile(path, content);
    return;
  }
  throw new Error('the bytes lie in no file of the server');
}

function sha(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}
