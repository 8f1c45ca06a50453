/** What passes a network that cuts, stands still, slows down, changes bits and mixes up what it carries. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, MiB, SECOND, systemClock } from '@croft/contract';
import type { TransferClient, UploadFile } from '@croft/transfer';
import { expect, test } from 'vitest';
import { type FaultyProxy, openFaultyProxy, type Weather } from './faulty-proxy.ts';
import { MemoryFarm, openTestClient, openTestDoor, tempFolder } from './test-door.ts';

/** All time passes forty times faster: nothing for 15 s is nothing for a third of one. */
const SPEED = 40;
const startedAt = systemClock.now();
const fastClock: Clock = {
  now: () => startedAt + (systemClock.now() - startedAt) * SPEED,
  after: (ms, action) => systemClock.after(ms / SPEED, action),
};

type Source = UploadFile & { bytes: Buffer };

async function makeSources(folder: string, sizes: Record<string, number>): Promise<Source[]> {
  await mkdir(folder, { recursive: true });
  const files: Source[] = [];
  for (const [name, size] of Object.entries(sizes)) {
    const bytes = randomBytes(size);
    await writeFile(join(folder, name), bytes);
    files.push({ localPath: join(folder, name), treePath: `/${name}`, bytes });
  }
  return files;
}

async function expectWhole(to: string, files: readonly Source[]): Promise<void> {
  expect((await readdir(to)).length).toBe(files.length);
  for (const { treePath, bytes } of files)
    expect([treePath, Buffer.compare(await readFile(join(to, treePath)), bytes)]).toEqual([treePath, 0]);
}

/** A long file, a whole one, and packs. */
const ALL_SIZES = {
  'long.abc': 18 * MiB + 3,
  'whole.exr': 3 * MiB,
  ...Object.fromEntries(Array.from({ length: 80 }, (_, index) => [`small-${index}`, 1000 + index * 900])),
};

async function withWeather(
  weather: Weather,
  use: (client: TransferClient, proxy: FaultyProxy, folder: string) => Promise<void>,
  zeroSpeedMs?: number,
): Promise<void> {
  await using folder = await tempFolder();
  const door = await openTestDoor(join(folder.path, 'store'), new MemoryFarm(), { sync: 'never' });
  const proxy = await openFaultyProxy(() => door.port, weather);
  const client = openTestClient(proxy.url, 'account-1', { clock: fastClock, zeroSpeedMs });
  try {
    await use(client, proxy, folder.path);
  } finally {
    await client.close();
    await proxy.close();
    await door.close();
  }
}

test.each<Weather>([
  { kind: 'cut', meanBytes: 8 * MiB, seed: 1, most: 6 },
  { kind: 'stall', meanBytes: 4 * MiB, seed: 2, most: 2 },
  { kind: 'slow', meanBytes: MiB, seed: 3 },
  // A long file that comes damaged comes again from its beginning, and not for ever.
  { kind: 'flip', meanBytes: 4 * MiB, seed: 4, most: 2 },
  { kind: 'reorder', meanBytes: 4 * MiB, seed: 5, most: 2 },
])('$kind: everything arrives as it was, up and down', async (weather) => {
  await withWeather(weather, async (client, proxy, folder) => {
    const files = await makeSources(join(folder, 'source'), ALL_SIZES);
    await client.upload({ root: 'input', files });
    const troublesUp = proxy.troubles();
    expect(troublesUp).toBeGreaterThan(0);
    await client.download({ root: 'input', to: join(folder, 'back') });
    expect(proxy.troubles()).toBeGreaterThan(troublesUp);
    await expectWhole(join(folder, 'back'), files);
  });
});

test('how long nothing may move before a connection is made anew can be said', async () => {
  const zeroSpeedMs = 40 * SECOND;
  const once = { kind: 'stall', meanBytes: MiB, seed: 6, most: 1 } as const;
  await withWeather(
    once,
    async (client, proxy, folder) => {
      const files = await makeSources(join(folder, 'source'), { 'whole.exr': 12 * MiB });
      const before = fastClock.now();
      await client.upload({ root: 'input', files });
      expect(proxy.troubles()).toBe(1);
      expect(fastClock.now() - before).toBeGreaterThanOrEqual(zeroSpeedMs);
    },
    zeroSpeedMs,
  );
});

test('200 uploads and downloads with connections cut at random are complete and identical; at most a tenth goes twice', async () => {
  await withWeather({ kind: 'cut', meanBytes: 16 * MiB, seed: 7 }, async (client, proxy, folder) => {
    let bytes = 0;
    const there = async (name: string) => {
      const sizes = {
        'whole.exr': MiB + 1 + 1000 * Number(name),
        'b.png': 200_000,
      };
      const files = await makeSources(join(folder, 'source', name), sizes);
      for (const file of files) bytes += file.bytes.length;
      await client.upload({
        root: 'input',
        files: files.map((file) => ({ ...file, treePath: `/${name}${file.treePath}` })),
      });
      const to = join(folder, 'back', name);
      const placeOf = ({ path }: { path: string }) => path.slice(name.length + 1);
      await client.download({ root: 'input', prefix: `/${name}`, to, placeOf });
      await expectWhole(to, files);
    };
    const names = Array.from({ length: 100 }, (_, index) => String(index)).values();
    const lane = async () => {
      for (const name of names) await there(name);
    };
    await Promise.all([lane(), lane(), lane(), lane()]);
    expect(proxy.troubles()).toBeGreaterThan(10);
    expect(proxy.sentBytes()).toBeLessThan(1.1 * bytes);
    expect(proxy.receivedBytes()).toBeLessThan(1.1 * bytes);
  });
});
