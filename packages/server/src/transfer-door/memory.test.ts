import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { GiB } from '@croft/contract';
import { expect, test, vi } from 'vitest';
import type { BoundedTransfer } from './bounded-transfer.ts';
import { openDiscardingDoor } from './discarding-door.ts';
import { tempFolder } from './test-door.ts';

// A GiB is hashed and sent, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 });

const PROGRAM = new URL('./bounded-transfer.ts', import.meta.url).pathname;

/** Runs a transfer whose heap of long-lived objects has at most `heapMiB`; fails when it runs out of memory. */
async function bounded(heapMiB: number, ...args: string[]): Promise<BoundedTransfer> {
  const child = spawn(execPath, [`--max-old-space-size=${heapMiB}`, PROGRAM, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += String(chunk);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  expect(code).toBe(0);
  return JSON.parse(text) as BoundedTransfer;
}

test('120,000 files are sent and committed under a heap that could not hold their names and hashes', async () => {
  await using folder = await tempFolder();
  const localPath = join(folder.path, 'one.bin');
  await writeFile(localPath, 'x');
  const door = await openDiscardingDoor({ wants: false });
  try {
    const { peakMiB } = await bounded(64, door.url, 'known', localPath, '120000');
    // Whatever was looked at in slices is switched together, as far as one commit goes.
    expect(door.commits()).toEqual([50_000, 50_000, 20_000]);
    // The heap's limit is the proof; what is resident beside it (young objects, buffers, code) differs from run to run.
    expect(peakMiB).toBeLessThan(500);
  } finally {
    await door.close();
  }
});

test('90,000 files are listed and looked at under a heap that could not hold their list', async () => {
  await using folder = await tempFolder();
  const door = await openDiscardingDoor({ files: 90_000 });
  try {
    await bounded(28, door.url, 'look', join(folder.path, 'down'));
  } finally {
    await door.close();
  }
});

test('a sparse file of 1 GiB is sent with the memory of a few parts', async () => {
  await using folder = await tempFolder();
  const localPath = join(folder.path, 'long.abc');
  await writeFile(localPath, '');
  await truncate(localPath, GiB);
  const door = await openDiscardingDoor();
  try {
    const { peakMiB } = await bounded(48, door.url, 'file', localPath);
    expect(door.receivedBytes()).toBeGreaterThanOrEqual(GiB);
    // Up to eight parts are in flight, and as many are being read: 256 MiB, beside code and buffers of sockets.
    expect(peakMiB).toBeLessThan(640);
  } finally {
    await door.close();
  }
});
