/** Transfers in processes of their own, with a bounded heap, against a farm that keeps nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { silentLog, systemClock } from '@croft/contract';
import { TransferClient } from '@croft/transfer';
import { signerOf } from '../../packages/sdk/src/transfer-mover.ts';
import type { BoundedTransfer } from '../../packages/server/src/transfer-door/bounded-transfer.ts';
import { openDiscardingDoor } from '../../packages/server/src/transfer-door/discarding-door.ts';
import type { BenchFarm } from './farm.ts';

const PROGRAM = new URL('../../packages/server/src/transfer-door/bounded-transfer.ts', import.meta.url)
  .pathname;

export type BoundedRun = BoundedTransfer & { code: number | null };

async function run(heapMiB: number, args: string[]): Promise<BoundedRun> {
  const flags = heapMiB === 0 ? [] : [`--max-old-space-size=${heapMiB}`];
  const child = spawn(execPath, [...flags, PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += String(chunk);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) return { code, seconds: Number.NaN, peakMiB: Number.NaN };
  return { code, ...(JSON.parse(text) as BoundedTransfer) };
}

/** Files of a few bytes each, no two alike, each an inode of its own, in a thousand folders. */
export function makeManyFiles(folder: string, files: number): void {
  for (let sub = 0; sub < 1000; sub++) mkdirSync(join(folder, String(sub)), { recursive: true });
  for (let number = 0; number < files; number++)
    writeFileSync(join(folder, String(number % 1000), String(number)), String(number));
}

export async function uploadMany(folder: string, files: number, heapMiB: number): Promise<BoundedRun> {
  const door = await openDiscardingDoor();
  try {
    const told = await run(heapMiB, [door.url, 'tree', folder, String(files)]);
    const committed = door.commits().reduce((sum, lines) => sum + lines, 0);
    if (told.code === 0 && committed !== files) throw new Error('not all files were committed');
    return told;
  } finally {
    await door.close();
  }
}

/** A file with a hole for content: reading it costs no disk, hashing it all the same. */
export async function uploadSparse(file: string, bytes: number, heapMiB: number): Promise<BoundedRun> {
  writeFileSync(file, '');
  truncateSync(file, bytes);
  const door = await openDiscardingDoor();
  try {
    const told = await run(heapMiB, [door.url, 'file', file]);
    if (told.code === 0 && door.receivedBytes() < bytes) throw new Error('not all bytes arrived');
    return told;
  } finally {
    await door.close();
  }
}

export async function downloadMany(folder: string, files: number, heapMiB: number): Promise<BoundedRun> {
  const door = await openDiscardingDoor({ files });
  try {
    return await run(heapMiB, [door.url, 'down', folder]);
  } finally {
    await door.close();
  }
}

/** All files as one commit into a real farm's input storage. `peakMiB` is the farm's. */
export async function commitToFarm(
  farm: BenchFarm,
  folder: string,
  files: number,
): Promise<{ seconds: number; commitSeconds: number; peakMiB: number }> {
  const client = new TransferClient({
    baseUrl: farm.url,
    authorise: signerOf(JSON.parse(readFileSync(join(farm.home, 'client.json'), 'utf8')), systemClock),
    clock: systemClock,
    log: silentLog,
  });
  const start = performance.now();
  let committing: number | null = null;
  await client.upload({
    root: 'input',
    files: treeOf(folder, files),
    onEntries: () => undefined,
    onProgress: ({ phase }) => {
      if (phase === 'committing') committing ??= performance.now();
    },
  });
  const end = performance.now();
  await client.close();
  const status = readFileSync(`/proc/${farm.child.pid}/status`, 'utf8');
  const peakMiB = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
  return { seconds: (end - start) / 1000, commitSeconds: (end - (committing ?? end)) / 1000, peakMiB };
}

function* treeOf(folder: string, files: number) {
  for (let number = 0; number < files; number++) {
    const treePath = `/${number % 1000}/${number}`;
    yield { localPath: join(folder, treePath), treePath };
  }
}
