/**
 * The contract suite of the BlobStore port: every implementation runs it. Not in the index: it needs vitest.
 * `home` is a name that opens the same store again, so that durability can be tested by closing and opening.
 */
import { createHash, randomBytes } from 'node:crypto';
import { type BlobId, KiB, MiB, partCountOf, type UploadName } from '@croft/contract';
import { describe, expect, test } from 'vitest';
import { blobIdOfBytes, compositeId, partSpan } from '../blob-hash.ts';
import type { BlobStore, ByteRange, UploadRef } from './blob-store.ts';

/** A store under test that can be closed and opened again with the same content, and damaged on its medium. */
export interface StoreUnderTest extends AsyncDisposable {
  open(): Promise<BlobStore>;
  /** Flips a byte of a stored blob, `at` bytes from its start. */
  damage(id: BlobId, at: number): Promise<void>;
}

async function* chunksOf(bytes: Uint8Array, chunkBytes = 64 * KiB): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

async function readAll(store: BlobStore, id: BlobId, range?: ByteRange): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await store.read(id, range)).body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function readUnverified(store: BlobStore, id: BlobId, range: ByteRange): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await store.unverified(id))!.read(range)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A long blob with its upload and the hashes of its parts. */
export function longBlob(sizeBytes: number, owner = 'account-1') {
  const bytes = randomBytes(sizeBytes);
  const parts = Array.from({ length: partCountOf(sizeBytes) }, (_, part) => {
    const { start, length } = partSpan(sizeBytes, part);
    const piece = bytes.subarray(start, start + length);
    return { bytes: piece, sha256: createHash('sha256').update(piece).digest() };
  });
  const upload: UploadRef = { owner, id: compositeId(parts.map(({ sha256 }) => sha256)), size: sizeBytes };
  const send = (store: BlobStore, part: number, as: UploadRef = upload) =>
    store.putPart(as, part, parts[part]!.sha256.toString('hex'), chunksOf(parts[part]!.bytes));
  return { bytes, parts, upload, send };
}

export function blobStoreSuite(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`blob store: ${name}`, () => {
    test('blobs of every kind come back, also after opening again, and by range', async () => {
      await using place = await make();
      let store = await place.open();
      const sizes = [0, 1, 64 * KiB, 64 * KiB + 1, 3 * MiB];
      const blobs = sizes
        .map((size) => randomBytes(size))
        .map((bytes) => ({ id: blobIdOfBytes(bytes), bytes }));
      const whole = randomBytes(16 * MiB);
      await store.putPack(blobs);
      await store.put(blobIdOfBytes(whole), whole.length, chunksOf(whole));
      for (let opened = 0; opened < 2; opened++) {
        const absent = blobIdOfBytes(randomBytes(5));
        const together = await store.readSmall([...blobs.map(({ id }) => id), absent]);
        expect(new Map(together.map(({ id, bytes }) => [id, Buffer.from(bytes).toString('hex')]))).toEqual(
          new Map(blobs.map(({ id, bytes }) => [id, bytes.toString('hex')])),
        );
        for (const { id, bytes } of [...blobs, { id: blobIdOfBytes(whole), bytes: whole }]) {
          expect(await store.stat(id)).toEqual({ size: bytes.length });
          expect(Buffer.compare(await readAll(store, id), bytes)).toBe(0);
          const range = { start: 10, end: bytes.length - 10 };
          expect(
            Buffer.compare(
              await readAll(store, id, range),
              bytes.subarray(10, Math.max(10, bytes.length - 10)),
            ),
          ).toBe(0);
          expect((await store.unverified(id))?.size).toBe(bytes.length);
          if (bytes.length > 20)
            expect((await readUnverified(store, id, range)).equals(bytes.subarray(10, -10))).toBe(true);
        }
        expect(await store.unverified(absent)).toBeNull();
        await store.close();
        store = await place.open();
      }
      const listed = new Map<string, number>();
      for await (const { id, size } of store.list()) listed.set(id, size);
      expect(listed.size).toBe(blobs.length + 1);
      expect([...listed.values()].sort((a, b) => a - b)).toEqual([...sizes, 16 * MiB]);
      await store.close();
    });

    test('has names what is there; delete is idempotent and makes room for the same blob again', async () => {
      await using place = await make();
      const store = await place.open();
      const small = randomBytes(100);
      const large = randomBytes(100_000);
      const ids = [small, large].map(blobIdOfBytes);
      const absent = blobIdOfBytes(randomBytes(5));
      for (let round = 0; round < 2; round++) {
        await store.putPack([small, large].map((bytes) => ({ id: blobIdOfBytes(bytes), bytes })));
        expect(await store.has([...ids, absent])).toEqual(new Set(ids));
        for (const id of [...ids, ...ids, absent]) await store.delete(id);
        expect(await store.has(ids)).toEqual(new Set());
        await expect(store.read(ids[0]!)).rejects.toMatchObject({ code: 'TRANSFER_NOT_FOUND' });
      }
      await store.close();
    });

    test('bytes that are too short, too long or wrong are refused and not kept', async () => {
      await using place = await make();
      const store = await place.open();
      for (const size of [1000, 100_000]) {
        const bytes = randomBytes(size);
        const id = blobIdOfBytes(bytes);
        for (const sent of [bytes.subarray(1), Buffer.concat([bytes, bytes]), randomBytes(size)]) {
          await expect(store.put(id, size, chunksOf(sent))).rejects.toMatchObject({
            code: 'TRANSFER_HASH_MISMATCH',
          });
        }
        expect(await store.stat(id)).toBeNull();
      }
      await store.close();
    });

    test('parts arrive in any order, outlive the process, and make the blob once', async () => {
      await using place = await make();
      let store = await place.open();
      const long = longBlob(40 * MiB + 5);
      await Promise.all([long.send(store, 2), long.send(store, 0)]);
      await expect(store.complete(long.upload)).rejects.toMatchObject({ code: 'TRANSFER_UPLOAD_INCOMPLETE' });
      await store.close();
      store = await place.open();
      expect(await store.partsArrived(long.upload)).toEqual([0, 2]);
      expect(await store.partsArrived({ ...long.upload, owner: 'account-2' })).toEqual([]);
      await long.send(store, 2);
      await long.send(store, 1);
      await Promise.all([store.complete(long.upload), store.complete(long.upload)]);
      expect(await store.partsArrived(long.upload)).toEqual([0, 1, 2]);
      await store.complete(long.upload);
      await store.forget(long.upload);
      expect(await store.partsArrived(long.upload)).toEqual([]);
      expect(Buffer.compare(await readAll(store, long.upload.id), long.bytes)).toBe(0);
      const border = { start: 16 * MiB - 3, end: 16 * MiB + 3 };
      expect(
        Buffer.compare(
          await readAll(store, long.upload.id, border),
          long.bytes.subarray(border.start, border.end),
        ),
      ).toBe(0);
      // A second owner sends the same bytes: received, checked, dropped.
      const second = { ...long.upload, owner: 'account-2' };
      for (const part of [0, 1, 2]) await long.send(store, part, second);
      await store.complete(second);
      await store.close();
    });

    test('wrong parts are refused, and parts that make another blob are dropped', async () => {
      await using place = await make();
      const store = await place.open();
      const long = longBlob(17 * MiB);
      const other = longBlob(17 * MiB);
      const sha = long.parts[0]!.sha256.toString('hex');
      for (const [part, bytes] of [
        [0, other.parts[0]!.bytes],
        [0, long.bytes],
        [0, long.bytes.subarray(0, 5)],
      ] as const) {
        await expect(store.putPart(long.upload, part, sha, chunksOf(bytes))).rejects.toMatchObject({
          code: 'TRANSFER_HASH_MISMATCH',
        });
      }
      await expect(store.putPart(long.upload, 2, sha, chunksOf(long.bytes))).rejects.toMatchObject({
        code: 'TRANSFER_BAD_REQUEST',
      });
      expect(await store.partsArrived(long.upload)).toEqual([]);
      await long.send(store, 0);
      await other.send(store, 1, long.upload);
      await expect(store.complete(long.upload)).rejects.toMatchObject({ code: 'TRANSFER_HASH_MISMATCH' });
      expect(await store.partsArrived(long.upload)).toEqual([]);
      expect(await store.stat(long.upload.id)).toBeNull();
      await store.close();
    });

    test('a long blob may come by a name, and is what its parts make', async () => {
      await using place = await make();
      let store = await place.open();
      if (store.named === null) return store.close();
      const long = longBlob(33 * MiB);
      const { id, owner, size } = long.upload;
      const upload = { owner, name: `named-${'7'.repeat(64)}` as UploadName, size };
      const send = (part: number, as = upload) =>
        store.named!.putPart(
          as,
          part,
          long.parts[part]!.sha256.toString('hex'),
          chunksOf(long.parts[part]!.bytes),
        );
      await Promise.all([send(2), send(0)]);
      await expect(store.named.complete(upload, id)).rejects.toMatchObject({
        code: 'TRANSFER_UPLOAD_INCOMPLETE',
      });
      await store.close();
      store = await place.open();
      expect(await store.named!.partsArrived(upload)).toEqual([0, 2]);
      expect(await store.named!.partsArrived({ ...upload, owner: 'account-2' })).toEqual([]);
      // Who says that it is another blob gets nothing, also while it becomes the right one.
      const other = longBlob(33 * MiB, owner).upload.id;
      await send(1);
      const [right, wrong] = await Promise.allSettled([
        store.named!.complete(upload, id),
        store.named!.complete(upload, other),
      ]);
      expect(right.status).toBe('fulfilled');
      expect(wrong.status).toBe('rejected');
      expect(await store.has([id, other])).toEqual(new Set([id]));
      await store.named!.forget(upload);
      expect(await store.named!.partsArrived(upload)).toEqual([]);
      await store.close();
      store = await place.open();
      expect(Buffer.compare(await readAll(store, id), long.bytes)).toBe(0);
      expect(await store.stat(id)).toEqual({ size });
      expect(await Array.fromAsync(store.list())).toEqual([{ id, size }]);
      // Others send the same: by its id, and by a name. Both are received, checked and dropped.
      const second = { ...long.upload, owner: 'account-2' };
      const third = { ...upload, owner: 'account-3' };
      for (const part of [0, 1, 2]) {
        await long.send(store, part, second);
        await send(part, third);
      }
      await store.complete(second);
      await store.named!.complete(third, id);
      await store.forget(second);
      await store.named!.forget(third);
      expect(Buffer.compare(await readAll(store, id), long.bytes)).toBe(0);
      expect(await Array.fromAsync(store.list())).toEqual([{ id, size }]);
      // Parts that make another blob are dropped.
      for (const part of [0, 1, 2]) await send(part);
      await expect(store.named!.complete(upload, other)).rejects.toMatchObject({
        code: 'TRANSFER_HASH_MISMATCH',
      });
      expect(await store.named!.partsArrived(upload)).toEqual([]);
      await store.delete(id);
      expect(await store.has([id])).toEqual(new Set());
      expect(await Array.fromAsync(store.list())).toEqual([]);
      await store.close();
    });

    test('a part sent twice at once belongs to the newer sender', async () => {
      await using place = await make();
      const store = await place.open();
      const long = longBlob(17 * MiB);
      const sha = long.parts[1]!.sha256.toString('hex');
      const { promise: go, resolve: release } = Promise.withResolvers<void>();
      const slow = (async function* () {
        yield long.parts[1]!.bytes.subarray(0, 10);
        await go;
        yield long.parts[1]!.bytes.subarray(10);
      })();
      const older = store.putPart(long.upload, 1, sha, slow);
      const told = expect(older).rejects.toMatchObject({ code: 'TRANSFER_PART_SUPERSEDED' });
      const newer = long.send(store, 1);
      release();
      await told;
      await newer;
      expect(await store.partsArrived(long.upload)).toEqual([1]);
      await store.close();
    });

    test('damage is found before its part is delivered, and storing again heals it', async () => {
      await using place = await make();
      const store = await place.open();
      const small = randomBytes(500);
      const other = randomBytes(600);
      const whole = randomBytes(2 * MiB);
      await store.putPack([small, other, whole].map((bytes) => ({ id: blobIdOfBytes(bytes), bytes })));
      for (const bytes of [small, whole]) {
        const id = blobIdOfBytes(bytes);
        await place.damage(id, bytes.length - 1);
        await expect(store.read(id, { start: 0, end: 1 })).rejects.toMatchObject({
          code: 'TRANSFER_BLOB_CORRUPT',
        });
        expect(await store.has([id])).toEqual(new Set());
        await expect(store.read(id)).rejects.toMatchObject({ code: 'TRANSFER_BLOB_CORRUPT' });
        const found = await store.readSmall([blobIdOfBytes(other), id]);
        expect(found.map((one) => one.id)).toEqual([blobIdOfBytes(other)]);
        await store.putPack([{ id, bytes }]);
        expect(Buffer.compare(await readAll(store, id), bytes)).toBe(0);
      }
      const long = longBlob(33 * MiB);
      for (const part of [0, 1, 2]) await long.send(store, part);
      await store.complete(long.upload);
      await place.damage(long.upload.id, 20 * MiB);
      const { body } = await store.read(long.upload.id);
      let delivered = 0;
      const reading = (async () => {
        for await (const chunk of body) delivered += chunk.length;
      })();
      await expect(reading).rejects.toMatchObject({ code: 'TRANSFER_BLOB_CORRUPT' });
      expect(delivered).toBe(16 * MiB);
      await store.close();
    });
  });
}
