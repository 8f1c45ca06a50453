import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KiB } from '@croft/contract';
import type { UploadFile } from '@croft/transfer';
import { expect, test, vi } from 'vitest';
import { openCuttingProxy } from './cutting-proxy.ts';
import { MemoryFarm, openTestClient, openTestDoor, tempFolder } from './test-door.ts';

vi.setConfig({ testTimeout: 60_000 });

test('a limit holds for a file by itself and for packs, up and down', async () => {
  await using folder = await tempFolder();
  const door = await openTestDoor(join(folder.path, 'store'), new MemoryFarm());
  const client = openTestClient(door.url, 'account-1');
  try {
    const source = join(folder.path, 'source');
    await mkdir(source);
    const files: UploadFile[] = [];
    for (const [name, size] of [
      ['long.abc', 1100 * KiB],
      ...Array.from({ length: 40 }, (_, index): [string, number] => [`${index}.bin`, 10 * KiB]),
    ] as [string, number][]) {
      const localPath = join(source, name);
      await writeFile(localPath, randomBytes(size));
      files.push({ localPath, treePath: `/${name}` });
    }
    const limitKbps = 1500;
    // The clock's own step is a millisecond.
    const leastMs = 1000 - 2;
    const took = async (transfer: () => Promise<unknown>) => {
      const start = performance.now();
      await transfer();
      return performance.now() - start;
    };
    expect(await took(() => client.upload({ root: 'input', files, limitKbps })), 'up').toBeGreaterThanOrEqual(
      leastMs,
    );
    const to = join(folder.path, 'back');
    expect(
      await took(() => client.download({ root: 'input', to, limitKbps })),
      'down',
    ).toBeGreaterThanOrEqual(leastMs);
  } finally {
    await client.close();
    await door.close();
  }
});

test('however fast the farm and however long its buffers, no more comes over the wire than the limit allows', async () => {
  await using folder = await tempFolder();
  const door = await openTestDoor(join(folder.path, 'store'), new MemoryFarm());
  // It takes at once what the farm sends, as long buffers on the way would.
  const proxy = await openCuttingProxy(() => Number(new URL(door.url).port), 0, 1);
  proxy.behave();
  const [near, far] = [openTestClient(door.url, 'account-1'), openTestClient(proxy.url, 'account-1')];
  try {
    const source = join(folder.path, 'source');
    await mkdir(source);
    const files: UploadFile[] = [];
    for (let number = 0; number <= 40; number++) {
      const localPath = join(source, `${number}.bin`);
      await writeFile(localPath, randomBytes(number === 0 ? 1200 * KiB : 10 * KiB));
      files.push({ localPath, treePath: `/${number}.bin` });
    }
    await near.upload({ root: 'input', files });
    const limitKbps = 800;
    const start = performance.now();
    const ahead: number[] = [];
    const look = setInterval(() => {
      const allowed = (limitKbps * KiB * (performance.now() - start)) / 1000;
      ahead.push(proxy.receivedBytes() - 1.05 * allowed);
    }, 10);
    await far.download({ root: 'input', to: join(folder.path, 'back'), limitKbps });
    clearInterval(look);
    // The list comes first, and is too short to be counted.
    expect(Math.max(...ahead)).toBeLessThanOrEqual(16 * KiB);
    expect(proxy.receivedBytes()).toBeGreaterThan(1600 * KiB);
  } finally {
    await near.close();
    await far.close();
    await proxy.close();
    await door.close();
  }
});

test('a limit so slow that one chunk takes longer than the zero-speed timeout is not taken for a standstill', async () => {
  await using folder = await tempFolder();
  const door = await openTestDoor(join(folder.path, 'store'), new MemoryFarm());
  const client = openTestClient(door.url, 'account-1');
  try {
    const localPath = join(folder.path, 'slow.bin');
    await writeFile(localPath, randomBytes(40 * KiB));
    await client.upload({ root: 'input', files: [{ localPath, treePath: '/slow.bin' }] });
    // Time passes sixty times as fast for the client: 40 KiB at 1 KB/s are 40 s, three times the timeout.
    const start = performance.now();
    const hurried = openTestClient(door.url, 'account-1', {
      clock: {
        now: () => start + (performance.now() - start) * 60,
        after: (ms, action) => {
          const timer = setTimeout(action, ms / 60);
          return () => clearTimeout(timer);
        },
      },
    });
    const done = hurried.download({ root: 'input', to: join(folder.path, 'back'), limitKbps: 1 });
    await expect(done).resolves.toEqual({ files: 1 });
    await hurried.close();
  } finally {
    await client.close();
    await door.close();
  }
});
