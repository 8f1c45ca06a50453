import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MiB } from '@croft/contract';
import { expect, test } from 'vitest';
import { openFaultyProxy } from './faulty-proxy.ts';
import { MemoryFarm, openTestClient, openTestDoor, tempFolder } from './test-door.ts';

const SIZE = 40 * MiB;
const KILLS = 3;
const program = new URL('./upload-program.ts', import.meta.url).pathname;

/** Resolves when so many bytes have passed, or the process has ended before. */
async function untilSent(child: ChildProcess, sentBytes: () => number, bytes: number): Promise<void> {
  while (sentBytes() < bytes && child.exitCode === null) await new Promise((done) => setTimeout(done, 2));
}

test('a sender that is killed again and again, at any byte, gets its file there in the end, and nothing half is shown', async () => {
  await using folder = await tempFolder();
  const farm = new MemoryFarm();
  const door = await openTestDoor(join(folder.path, 'store'), farm, { sync: 'never' });
  const proxy = await openFaultyProxy(() => door.port, { kind: 'slow', meanBytes: MiB, seed: 1 });
  const client = openTestClient(door.url, 'account-1');
  try {
    const localPath = join(folder.path, 'long.abc');
    const bytes = randomBytes(SIZE);
    await writeFile(localPath, bytes);
    const start = () => spawn(process.execPath, [program, proxy.url, localPath], { stdio: 'inherit' });
    for (let kill = 0; kill < KILLS; kill++) {
      const child = start();
      await untilSent(child, proxy.sentBytes, proxy.sentBytes() + Math.random() * SIZE * 0.8);
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      expect(await client.list('input')).toEqual([]);
    }
    const [code] = await once(start(), 'exit');
    expect(code).toBe(0);
    const to = join(folder.path, 'back');
    await client.download({ root: 'input', to });
    expect(Buffer.compare(await readFile(join(to, 'long.abc')), bytes)).toBe(0);
  } finally {
    await client.close();
    await proxy.close();
    await door.close();
  }
});

test('a receiver that is cut off again and again, at any byte, leaves whole files only, and has all in the end', async () => {
  await using folder = await tempFolder();
  const door = await openTestDoor(join(folder.path, 'store'), new MemoryFarm(), { sync: 'never' });
  const client = openTestClient(door.url, 'account-1');
  try {
    const files = await Promise.all(
      [20 * MiB, 3 * MiB, 70_000, 10].map(async (size, index) => {
        const bytes = randomBytes(size);
        const localPath = join(folder.path, `${index}.bin`);
        await writeFile(localPath, bytes);
        return { localPath, treePath: `/${index}.bin`, bytes };
      }),
    );
    await client.upload({ root: 'input', files });
    const total = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const to = join(folder.path, 'back');
    const expectWhole = async (areAll: boolean) => {
      for (const { treePath, bytes } of files) {
        const found = await readFile(join(to, treePath)).catch(() => null);
        if (areAll || found !== null) expect([treePath, found?.equals(bytes)]).toEqual([treePath, true]);
      }
    };
    for (let cut = 0; cut < KILLS; cut++) {
      const stop = new AbortController();
      const at = Math.random() * total;
      const receiver = openTestClient(door.url, 'account-1');
      const onProgress = ({ bytesDone, bytesSkipped }: { bytesDone: number; bytesSkipped: number }) => {
        if (bytesDone + bytesSkipped >= at) stop.abort();
      };
      await receiver.download({ root: 'input', to, signal: stop.signal, onProgress }).catch(() => undefined);
      await receiver.close();
      await expectWhole(false);
    }
    await client.download({ root: 'input', to });
    await expectWhole(true);
  } finally {
    await client.close();
    await door.close();
  }
});
