/** Edited files through the real door: little travels, all arrives, and nobody reads by it what is not theirs. */
import { randomBytes } from 'node:crypto';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BlobId, type Clock, MiB, systemClock } from '@croft/contract';
import {
  blobIdOfBytes,
  CollectableStore,
  type DeltaRule,
  type TransferClient,
  type TransferProgress,
  type UnverifiedBlob,
} from '@croft/transfer';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MemoryFarm, openTestClient, openTestDoor, type TestDoor, tempFolder } from './test-door.ts';

let folder: Awaited<ReturnType<typeof tempFolder>>;
let farm: MemoryFarm;
let door: TestDoor;
let client: TransferClient;
beforeEach(async () => {
  folder = await tempFolder();
  farm = new MemoryFarm();
  door = await openTestDoor(join(folder.path, 'store'), farm);
  client = openTestClient(door.url, 'account-1');
});
afterEach(async () => {
  await client.close();
  await door.close();
  await folder[Symbol.asyncDispose]();
});

/** Uploads the bytes to one path; how many went over the wire. */
async function upload(
  bytes: Uint8Array,
  delta: DeltaRule = 'always',
  limitKbps?: number,
): Promise<{ id: BlobId; movedBytes: number }> {
  const localPath = join(folder.path, 'cache.abc');
  await writeFile(localPath, bytes);
  let last: TransferProgress | null = null;
  const { entries } = await client.upload({
    root: 'input',
    files: [{ localPath, treePath: '/cache.abc' }],
    delta,
    limitKbps,
    onProgress: (progress) => {
      if (progress.phase === 'sending') last = progress;
    },
  });
  return { id: entries[0]!.id, movedBytes: last!.bytesDone };
}

async function stored(id: BlobId): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await door.blobs.read(id)).body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function put(who: string, bytes: Buffer, base: string, body: Buffer) {
  const id = blobIdOfBytes(bytes);
  const answer = await fetch(`${door.url}/transfer/v1/blobs/${id}?size=${bytes.length}&base=${base}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${who}`, 'content-type': 'application/x-croft-delta' },
    body: new Uint8Array(body),
  });
  return { status: answer.status, code: ((await answer.json()) as { code?: string }).code };
}

for (const [kind, size] of [
  ['whole', 9 * MiB],
  ['long', 20 * MiB],
] as const) {
  test(`of an edited ${kind} file only what changed travels`, async () => {
    const before = randomBytes(size);
    expect((await upload(before)).movedBytes).toBe(size);
    const after = Buffer.concat([
      before.subarray(0, 3 * MiB),
      randomBytes(5000),
      before.subarray(3 * MiB, 6 * MiB),
      before.subarray(7 * MiB),
    ]);
    const { id, movedBytes } = await upload(after);
    expect(movedBytes).toBeLessThan(MiB);
    expect((await stored(id)).equals(after)).toBe(true);
  });
}

test('without delta, or where nothing is the same, all of it travels', async () => {
  const before = randomBytes(6 * MiB);
  await upload(before);
  before[0]! ^= 1;
  expect((await upload(before, 'never')).movedBytes).toBe(before.length);
  const other = randomBytes(6 * MiB);
  expect((await upload(other)).movedBytes).toBe(other.length);
});

test('by itself it is done where a limit makes it worth it, not over loopback', async () => {
  const before = randomBytes(6 * MiB);
  await upload(before, 'auto');
  const after = Buffer.concat([randomBytes(100), before]);
  expect((await upload(after, 'auto')).movedBytes).toBe(after.length);
  const third = Buffer.concat([randomBytes(100), after]);
  expect((await upload(third, 'auto', 100_000)).movedBytes).toBeLessThan(MiB);
});

test('a farm that is long at the chunks of a base shows that it is still there', async () => {
  const { promise: letGo, resolve: release } = Promise.withResolvers<void>();
  class SlowStore extends CollectableStore {
    /** The other door closes the store itself. */
    override async close(): Promise<void> {}
    override async unverified(id: BlobId): Promise<UnverifiedBlob | null> {
      const blob = (await super.unverified(id))!;
      return {
        size: blob.size,
        path: null,
        async *read(range) {
          await letGo;
          yield* blob.read(range);
        },
      };
    }
  }
  const { id } = await upload(randomBytes(5 * MiB));
  const clock: Clock = { now: systemClock.now, after: (ms, action) => systemClock.after(ms / 500, action) };
  const blobs = new SlowStore(door.blobs, systemClock);
  const slow = await openTestDoor(folder.path, farm, { blobs, clock });
  const answer = await fetch(`${slow.url}/transfer/v1/trees/input/chunks?path=/cache.abc`, {
    headers: { authorization: 'Bearer account-1' },
  });
  expect(answer.headers.get('croft-blob-id')).toBe(id);
  let list = Buffer.alloc(0);
  for await (const bytes of answer.body!) {
    if (list.length === 0) release();
    list = Buffer.concat([list, bytes]);
  }
  const lengths = Array.from({ length: list.length / 12 }, (_, index) => list.readUInt32BE(index * 12));
  expect(lengths[0]).toBe(0);
  expect(lengths.reduce((sum, length) => sum + length)).toBe(5 * MiB);
  await slow.close();
});

test('a new version arrives whatever became of the old one: damaged, or gone', async () => {
  const before = randomBytes(6 * MiB);
  const { id } = await upload(before);
  const place = join(folder.path, 'store', 'blobs', id.slice(-64, -62), id);
  const file = await open(place, 'r+');
  await file.write('damage', 3 * MiB);
  await file.close();
  const after = Buffer.concat([randomBytes(100), before]);
  const second = await upload(after);
  expect((await stored(second.id)).equals(after)).toBe(true);
  await door.blobs.delete(second.id);
  const third = await upload(Buffer.concat([randomBytes(100), after]));
  expect(third.movedBytes).toBe(after.length + 100);
});

test('a base that the account does not have gives nothing, whoever else has it', async () => {
  const secret = randomBytes(1000);
  const id = blobIdOfBytes(secret);
  await door.blobs.put(
    id,
    secret.length,
    (async function* () {
      yield secret;
    })(),
  );
  await farm.blobsArrived(2, [{ id, size: secret.length }]);
  const copy = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, 0, 3, 232]);
  expect(await put('account-1', secret, id, copy)).toEqual({ status: 409, code: 'TRANSFER_BLOB_MISSING' });
  expect(await put('account-2', secret, id, copy)).toEqual({ status: 200, code: undefined });
  const grant = { attemptId: 1, nodeId: 'n', taskId: 1, accountId: 2, inputVersion: 1 };
  farm.attempts.set('token', grant as never);
  expect((await put('token', secret, id, copy)).code).toBe('TRANSFER_NOT_ALLOWED');
  expect((await put('account-2', secret, 'no-id', copy)).code).toBe('TRANSFER_BAD_REQUEST');
});

test('a delta that makes other bytes than it promised stores nothing', async () => {
  const base = randomBytes(1000);
  const baseId = blobIdOfBytes(base);
  await door.blobs.put(
    baseId,
    base.length,
    (async function* () {
      yield base;
    })(),
  );
  await farm.blobsArrived(1, [{ id: baseId, size: base.length }]);
  const promised = randomBytes(1000);
  const copy = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, 0, 3, 232]);
  expect((await put('account-1', promised, baseId, copy)).code).toBe('TRANSFER_HASH_MISMATCH');
  expect(await door.blobs.stat(blobIdOfBytes(promised))).toBeNull();
});
