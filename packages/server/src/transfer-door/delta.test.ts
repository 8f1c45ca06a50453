/** Edited files through the real door: little travels, all arrives, and nobody reads by it what is not theirs. */
import { randomBytes } from 'node:crypto';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BlobId, MiB } from '@croft/contract';
import { blobIdOfBytes, type DeltaRule, type TransferClient, type TransferProgress } from '@croft/transfer';
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
): Promise<{ id: BlobId; movedBytes: number }> {
  const localPath = join(folder.path, 'cache.abc');
  await writeFile(localPath, bytes);
  let last: TransferProgress | null = null;
  const { entries } = await client.upload({
    root: 'input',
    files: [{ localPath, treePath: '/cache.abc' }],
    delta,
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
