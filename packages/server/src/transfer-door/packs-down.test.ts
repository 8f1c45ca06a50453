import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { silentLog, systemClock } from '@croft/contract';
import { blobIdOfBytes, TransferClient, TrustedBlobs } from '@croft/transfer';
import { expect, test } from 'vitest';
import { MemoryFarm, openTestClient, openTestDoor, tempFolder } from './test-door.ts';

const SIZES = [0, 1, 10_000, 64 * 1024 + 1, 300_000];
const FILES = 60;

async function someFiles(folder: string) {
  await mkdir(folder);
  const files = Array.from({ length: FILES }, (_, number) => ({
    localPath: join(folder, `${number}.bin`),
    treePath: `/folder ${number % 3}/${number}.bin`,
    bytes: randomBytes(SIZES[number % SIZES.length]!),
  }));
  for (const { localPath, bytes } of files) await writeFile(localPath, bytes);
  return files;
}

test('many short files come in a pack, and a damaged one is named', async () => {
  await using work = await tempFolder();
  const door = await openTestDoor(join(work.path, 'store'), new MemoryFarm());
  const files = await someFiles(join(work.path, 'from'));
  const uploader = openTestClient(door.url, 'account-1');
  const { entries } = await uploader.upload({ root: 'input', files });
  const asked: string[] = [];
  const client = new TransferClient({
    baseUrl: door.url,
    clock: systemClock,
    log: silentLog,
    authorise: (_method, target, sha256) => {
      asked.push(target.replace(/\?.*/, ''));
      return { authorization: 'Bearer account-1', 'croft-content-sha256': sha256 };
    },
  });
  const told: string[] = [];
  const to = join(work.path, 'to');
  await client.download({ root: 'input', to, onFile: ({ path }) => told.push(path) });
  expect(asked).toEqual(['/transfer/v1/trees/input', '/transfer/v1/trees/input/pack']);
  expect(told).toHaveLength(FILES);
  for (const { treePath, bytes } of files)
    expect((await readFile(join(to, treePath))).equals(bytes)).toBe(true);
  expect((await readdir(to, { recursive: true })).filter((name) => name.includes('.croft'))).toEqual([]);

  const damaged = entries.find(({ size }) => size === 300_000)!;
  const { id } = damaged;
  const stored = (await readdir(join(work.path, 'store'), { recursive: true })).find((name) =>
    name.endsWith(id),
  );
  await truncate(join(work.path, 'store', stored!), 299_999);
  await expect(client.download({ root: 'input', to: join(work.path, 'again') })).rejects.toMatchObject({
    code: 'TRANSFER_BLOB_CORRUPT',
  });
  await Promise.all([client.close(), uploader.close(), door.close()]);
});

test("a node's inputs come in a pack; what a power cut tore in its cache is fetched again", async () => {
  await using work = await tempFolder();
  const farm = new MemoryFarm();
  const door = await openTestDoor(join(work.path, 'store'), farm);
  const files = await someFiles(join(work.path, 'from'));
  const uploader = openTestClient(door.url, 'account-1');
  const { version } = await uploader.upload({ root: 'input', files });
  farm.attempts.set('token-1', {
    attemptId: 1,
    nodeId: 'node-1',
    taskId: 1,
    accountId: 1,
    inputAccountId: 1,
    inputVersion: version,
  });
  const node = openTestClient(door.url, 'token-1');
  const cacheFolder = join(work.path, 'cache');
  const trusted = new TrustedBlobs();
  await node.fetchInputs({ cacheFolder, workFolder: join(work.path, 'a'), trusted });
  const torn = blobIdOfBytes(files.find(({ bytes }) => bytes.length === 10_000)!.bytes);
  await writeFile(join(cacheFolder, torn.slice(7, 9), torn), Buffer.alloc(10_000));
  await node.fetchInputs({ cacheFolder, workFolder: join(work.path, 'b'), trusted: new TrustedBlobs() });
  for (const { treePath, bytes } of files) {
    for (const folder of ['a', 'b'])
      expect((await readFile(join(work.path, folder, treePath))).equals(bytes)).toBe(true);
  }
  await Promise.all([node.close(), uploader.close(), door.close()]);
});
