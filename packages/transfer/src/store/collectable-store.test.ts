import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, MINUTE, silentLog } from '@croft/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { blobIdOfBytes } from '../blob-hash.ts';
import { openFsBlobStore } from '../fs-blob-store/fs-blob-store.ts';
import type { BlobStore } from './blob-store.ts';
import { CollectableStore } from './collectable-store.ts';

let folder: string;
let inner: BlobStore;
let store: CollectableStore;
let now = 0;
const clock: Clock = { now: () => now, after: () => () => undefined };
const bytes = Buffer.alloc(200_000, 'bytes of a texture');
const id = blobIdOfBytes(bytes);
const all = async (ids: (typeof id)[]) => ids;

async function* body(): AsyncGenerator<Uint8Array> {
  yield bytes;
}
const put = () => store.put(id, bytes.length, body());

beforeEach(async () => {
  now = 1_000_000;
  folder = await mkdtemp(join(tmpdir(), 'croft-collect-'));
  inner = await openFsBlobStore({ home: folder, log: silentLog, keepFreeBytes: 0 });
  store = new CollectableStore(inner, clock);
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

test('leaves alone what was stored a moment ago, and takes it later', async () => {
  await put();
  expect(await store.collect([id], all)).toEqual([]);
  now += 10 * MINUTE;
  expect(await store.collect([id], all)).toEqual([]);
  now += 10 * MINUTE;
  expect(await store.collect([id], all)).toEqual([id]);
  expect(await store.stat(id)).toBeNull();
});

test('deletes only what is let go', async () => {
  await put();
  now += 60 * MINUTE;
  expect(await store.collect([id], async () => [])).toEqual([]);
  expect(await store.stat(id)).toEqual({ size: bytes.length });
});

test('who stores bytes that are just being collected gets them stored', async () => {
  await put();
  now += 60 * MINUTE;
  const asked = Promise.withResolvers<void>();
  const letGo = Promise.withResolvers<void>();
  const collecting = store.collect([id], async (ids) => {
    asked.resolve();
    await letGo.promise;
    return ids;
  });
  await asked.promise;
  const again = put();
  letGo.resolve();
  expect(await collecting).toEqual([id]);
  await again;
  expect(await store.stat(id)).toEqual({ size: bytes.length });
});

test('what is being stored is not collected', async () => {
  await put();
  now += 60 * MINUTE;
  const more = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  async function* slowBody(): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(0, 1000);
    begun.resolve();
    await more.promise;
    yield bytes.subarray(1000);
  }
  const storing = store.put(id, bytes.length, slowBody());
  await begun.promise;
  expect(await store.collect([id], all)).toEqual([]);
  more.resolve();
  await storing;
  expect(await store.stat(id)).toEqual({ size: bytes.length });
});
