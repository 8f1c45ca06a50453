import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BlobId, type Clock, KiB, MiB, silentLog, systemClock } from '@croft/contract';
import {
  blobIdOfBytes,
  openS3BlobStore,
  parseS3Place,
  type TransferProgress,
  type UploadFile,
} from '@croft/transfer';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  S3_BUILD_MS,
  S3_SERVER_NAMES,
  type S3Server,
  startS3Server,
  whyNoS3Servers,
} from '../../../../tests/support/s3-servers.ts';
import { type CuttingProxy, openCuttingProxy } from './cutting-proxy.ts';
import { MemoryFarm, openTestClient, openTestDoor, tempFolder } from './test-door.ts';

vi.setConfig({ testTimeout: 60_000 });

const BUCKET = 'croft-bytes';
const why = whyNoS3Servers();
const LONG_BYTES = 34 * MiB + 3;

/** Real time, but waits (of retries and watches) pass fifty times faster. */
const hurriedClock: Clock = {
  now: () => systemClock.now(),
  after: (ms, action) => systemClock.after(ms / 50, action),
};

async function makeSources(
  folder: string,
  longBytes = LONG_BYTES,
): Promise<(UploadFile & { size: number })[]> {
  await mkdir(folder);
  const sizes: [string, number][] = [
    ['long.abc', longBytes],
    ['whole.exr', 3 * MiB],
    ...Array.from({ length: 50 }, (_, index): [string, number] => [`small-${index}`, 1000 + index * 37]),
  ];
  const files = [];
  for (const [name, size] of sizes) {
    const localPath = join(folder, name);
    await writeFile(localPath, randomBytes(size));
    files.push({ localPath, treePath: `/${name}`, size });
  }
  return files;
}

async function expectSame(files: UploadFile[], folder: string): Promise<void> {
  for (const { localPath, treePath } of files)
    expect(Buffer.compare(await readFile(join(folder, treePath)), await readFile(localPath)), treePath).toBe(
      0,
    );
  expect((await readdir(folder)).length).toBe(files.length);
}

describe.each(S3_SERVER_NAMES)('%s', (name) => {
  if (why !== null) {
    test.skip(`skipped: ${why}`, () => {});
    return;
  }
  let server: S3Server;

  beforeAll(async () => {
    server = await startS3Server(name, [BUCKET]);
  }, S3_BUILD_MS);
  afterAll(() => server?.close());

  /** A farm's door over a bucket. Clients reach the door by one proxy and the S3 server by another, both of which count. */
  async function openFarm(options: { meanBytes?: number; seed?: number; storeUrl?: string } = {}) {
    const folder = await tempFolder();
    const s3Port = Number(new URL(server.endpoint).port);
    const toStore = await openCuttingProxy(() => s3Port, options.meanBytes ?? MiB, options.seed ?? 1);
    if (options.meanBytes === undefined) toStore.behave();
    const publicEndpoint = options.storeUrl ?? toStore.url;
    const storeFolder = randomUUID().slice(0, 8);
    const blobs = await openS3BlobStore({
      place: parseS3Place(
        `s3://${BUCKET}/${storeFolder}?endpoint=${server.endpoint}&public-endpoint=${publicEndpoint}`,
      ),
      credentials: server.credentials,
      storeId: randomUUID(),
      indexFile: join(folder.path, 'bucket-index.sqlite'),
      log: silentLog,
      clock: hurriedClock,
    });
    const door = await openTestDoor(folder.path, new MemoryFarm(), { blobs });
    const toDoor: CuttingProxy = await openCuttingProxy(() => door.port, MiB, 1);
    toDoor.behave();
    const client = openTestClient(toDoor.url, 'account-1', { clock: hurriedClock });
    return {
      folder: folder.path,
      toStore,
      toDoor,
      client,
      storeFolder,
      async [Symbol.asyncDispose]() {
        await client.close();
        await toDoor.close();
        await toStore.close();
        await door.close();
        await folder[Symbol.asyncDispose]();
      },
    };
  }

  test('connections to the store cut at random: everything arrives, and the farm sees none of the long bytes', async () => {
    await using farm = await openFarm({ meanBytes: 20 * MiB, seed: 3 });
    const files = await makeSources(join(farm.folder, 'src'));
    const phases = new Set<string>();
    const onProgress = ({ phase, bytesDone }: TransferProgress) => {
      if (bytesDone > 0) phases.add(phase);
    };
    await farm.client.upload({ root: 'input', files, onProgress });
    // New files are hashed while they are sent, never before.
    expect(phases).not.toContain('hashing');
    const cuts = farm.toStore.cuts();
    expect(farm.toStore.sentBytes()).toBeGreaterThan(LONG_BYTES);
    // What a cut costs is the part under way.
    expect(farm.toStore.sentBytes()).toBeLessThan((LONG_BYTES + 3 * MiB) * 1.01 + (cuts + 1) * 16 * MiB);
    // A part whose three tries were all cut goes through the farm; with this seed none does.
    expect(farm.toDoor.sentBytes()).toBeLessThan(MiB);
    const to = join(farm.folder, 'back');
    await farm.client.download({ root: 'input', to });
    await expectSame(files, to);
    expect(farm.toStore.cuts()).toBeGreaterThan(0);
  });

  test('connections between farm and store cut at random: packs of short blobs are there whole or not at all', async () => {
    const folder = await tempFolder();
    const s3Port = Number(new URL(server.endpoint).port);
    const proxy = await openCuttingProxy(() => s3Port, 600 * KiB, 5);
    const blobs = await openS3BlobStore({
      place: parseS3Place(`s3://${BUCKET}/${randomUUID().slice(0, 8)}?endpoint=${proxy.url}`),
      credentials: server.credentials,
      storeId: randomUUID(),
      indexFile: join(folder.path, 'bucket-index.sqlite'),
      log: silentLog,
      clock: hurriedClock,
    });
    const sent = new Set<BlobId>();
    for (let pack = 0; pack < 6; pack++) {
      const some = Array.from({ length: 20 }, () => randomBytes(8 * KiB)).map((bytes) => ({
        id: blobIdOfBytes(bytes),
        bytes,
      }));
      // Whoever sends tries again while the store says that this may help.
      for (let isStored = false; !isStored; )
        isStored = await blobs.putPack(some).then(
          () => true,
          (thrown: unknown) => {
            expect(thrown).toMatchObject({ code: 'TRANSFER_STORE_UNREACHABLE' });
            return false;
          },
        );
      for (const { id } of some) sent.add(id);
    }
    expect(proxy.cuts()).toBeGreaterThan(0);
    proxy.behave();
    const back = await blobs.readSmall([...sent]);
    expect(new Set(back.map(({ bytes }) => blobIdOfBytes(bytes)))).toEqual(sent);
    await blobs.close();
    await proxy.close();
    await folder[Symbol.asyncDispose]();
  });

  test('of an edited file only what changed travels: the farm takes the rest from the store', async () => {
    await using farm = await openFarm();
    const localPath = join(farm.folder, 'cache.abc');
    const files = [{ localPath, treePath: '/cache.abc' }];
    for (const size of [9 * MiB, LONG_BYTES]) {
      const before = randomBytes(size);
      await writeFile(localPath, before);
      await farm.client.upload({ root: 'input', files, delta: 'never' });
      const sentBefore = { door: farm.toDoor.sentBytes(), store: farm.toStore.sentBytes() };
      await writeFile(localPath, Buffer.concat([randomBytes(5000), before.subarray(100, -MiB)]));
      await farm.client.upload({ root: 'input', files, delta: 'always' });
      expect(farm.toDoor.sentBytes() - sentBefore.door).toBeLessThan(300 * KiB);
      expect(farm.toStore.sentBytes()).toBe(sentBefore.store);
      const to = join(farm.folder, `back-${size}`);
      await farm.client.download({ root: 'input', to });
      await expectSame(files, to);
    }
  });

  test('a sender that was killed goes on by what the store lists', async () => {
    await using farm = await openFarm();
    const localPath = join(farm.folder, 'long.abc');
    await writeFile(localPath, randomBytes(80 * MiB));
    const program = new URL('./upload-program.ts', import.meta.url).pathname;
    const sender = spawn(process.execPath, [program, farm.toDoor.url, localPath], { stdio: 'inherit' });
    const ended = new Promise<NodeJS.Signals | null>((done) =>
      sender.on('exit', (_code, signal) => done(signal)),
    );
    // Four parts are under way at once: when more than they hold was sent, at least one is in the store.
    await Promise.race([farm.toStore.holdAt(66 * MiB), ended]);
    sender.kill('SIGKILL');
    expect(await ended).toBe('SIGKILL');
    farm.toStore.behave();
    const sentBefore = farm.toStore.sentBytes();
    await farm.client.upload({ root: 'input', files: [{ localPath, treePath: '/long.abc' }] });
    const sentAgain = farm.toStore.sentBytes() - sentBefore;
    expect(sentAgain).toBeLessThan((4 * 16 + 2) * MiB);
    expect(sentAgain).toBeGreaterThan(0);
    expect(farm.toDoor.sentBytes()).toBeLessThan(MiB);
    const to = join(farm.folder, 'back');
    await farm.client.download({ root: 'input', to });
    await expectSame([{ localPath, treePath: '/long.abc' }], to);
  });

  test('a store that this machine cannot reach: the same bytes go through the farm', async () => {
    await using farm = await openFarm({ storeUrl: 'http://127.0.0.1:9' });
    const files = await makeSources(join(farm.folder, 'src'), 18 * MiB);
    await farm.client.upload({ root: 'input', files });
    expect(farm.toDoor.sentBytes()).toBeGreaterThan(18 * MiB);
    const to = join(farm.folder, 'back');
    await farm.client.download({ root: 'input', to });
    await expectSame(files, to);
  });

  test('a store that crashes and comes back is waited for', async () => {
    await using farm = await openFarm();
    const files = await makeSources(join(farm.folder, 'src'));
    const { promise: halfway, resolve: reached } = Promise.withResolvers<void>();
    const upload = farm.client.upload({
      root: 'input',
      files,
      onProgress: ({ phase, bytesDone }) => {
        if (phase === 'sending' && bytesDone > 20 * MiB) reached();
      },
    });
    await halfway;
    await server.kill();
    await server.start();
    await upload;
    const to = join(farm.folder, 'back');
    await farm.client.download({ root: 'input', to });
    await expectSame(files, to);
  });

  // MinIO finds damage itself and breaks off: see the store's own tests.
  if (name === 'versitygw')
    test('bytes that were damaged in the store are told as that, not delivered', async () => {
      await using farm = await openFarm();
      const localPath = join(farm.folder, 'whole.exr');
      const bytes = randomBytes(5 * MiB);
      await writeFile(localPath, bytes);
      await farm.client.upload({ root: 'input', files: [{ localPath, treePath: '/whole.exr' }] });
      // The Versity gateway keeps an object as a file.
      const blobs = join(server.folder, BUCKET, farm.storeFolder, 'blobs');
      const [shard] = await readdir(blobs);
      const [object] = await readdir(join(blobs, shard!));
      bytes[4 * MiB]! ^= 1;
      await writeFile(join(blobs, shard!, object!), bytes);
      const to = join(farm.folder, 'back');
      await expect(farm.client.download({ root: 'input', to })).rejects.toMatchObject({
        code: 'TRANSFER_BLOB_CORRUPT',
      });
      bytes[4 * MiB]! ^= 1;
      await rm(to, { recursive: true, force: true });
      await farm.client.upload({ root: 'input', files: [{ localPath, treePath: '/whole.exr' }] });
      await farm.client.download({ root: 'input', to });
      expect((await readFile(join(to, 'whole.exr'))).equals(bytes)).toBe(true);
    });
});
