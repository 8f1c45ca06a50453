import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  appendFile,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  utimes,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { type BlobId, DAY, KiB, MiB, silentLog, type UploadName } from '@croft/contract';
import { expect, test, vi } from 'vitest';
import { blobIdOfBytes, isWholeId } from '../blob-hash.ts';
import { blobStoreSuite, longBlob } from '../store/blob-store-suite.ts';
import { openFsBlobStore } from './fs-blob-store.ts';

// Real disks and 100 MiB files on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

async function tempFolder() {
  const path = await mkdtemp(join(tmpdir(), 'croft-store-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

const openStore = (home: string) => openFsBlobStore({ home, log: silentLog, keepFreeBytes: 0 });

async function flipByte(path: string, at: number): Promise<void> {
  const file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, at);
  byte[0]! ^= 1;
  await file.write(byte, 0, 1, at);
  await file.close();
}

blobStoreSuite('local disk', async () => {
  const folder = await tempFolder();
  return {
    ...folder,
    open: () => openStore(folder.path),
    async damage(id: BlobId, at: number) {
      const hex = id.slice(id.indexOf('-') + 1);
      const single = join(folder.path, 'blobs', hex.slice(0, 2), id);
      if (!isWholeId(id) || (await stat(single).catch(() => null)) !== null) return flipByte(single, at);
      for (const pack of await readdir(join(folder.path, 'packs'))) {
        const path = join(folder.path, 'packs', pack);
        const place = (await readFile(path)).indexOf(Buffer.from(hex, 'hex'));
        if (place >= 0) return flipByte(path, place + 36 + at);
      }
      throw new Error(`${id} lies in no pack`);
    },
  };
});

test('a lost index is rebuilt, and a torn tail is cut off', async () => {
  await using folder = await tempFolder();
  const blobs = Array.from({ length: 50 }, () => randomBytes(1000)).map((bytes) => ({
    id: blobIdOfBytes(bytes),
    bytes,
  }));
  let store = await openStore(folder.path);
  await store.putPack(blobs.slice(0, 25));
  await store.putPack(blobs.slice(25));
  await store.close();
  for (const suffix of ['', '-wal', '-shm'])
    await rm(join(folder.path, `index.sqlite${suffix}`), { force: true });
  const pack = join(folder.path, 'packs/000001.pack');
  const { size } = await stat(pack);
  await appendFile(pack, (await readFile(pack)).subarray(0, 700));
  store = await openStore(folder.path);
  expect((await store.has(blobs.map(({ id }) => id))).size).toBe(50);
  expect((await stat(pack)).size).toBe(size);
  await store.close();
  // A power cut took the last record's end, which the index knew: it is not there any more, the others are.
  await truncate(pack, size - 1);
  store = await openStore(folder.path);
  expect((await store.has(blobs.map(({ id }) => id))).size).toBe(49);
  await store.putPack([blobs[49]!]);
  expect((await store.read(blobs[49]!.id)).size).toBe(1000);
  await store.close();
});

test('an index that is no database is dropped and rebuilt', async () => {
  await using folder = await tempFolder();
  const bytes = randomBytes(10);
  let store = await openStore(folder.path);
  await store.putPack([{ id: blobIdOfBytes(bytes), bytes }]);
  await store.close();
  await rm(join(folder.path, 'index.sqlite'));
  await appendFile(join(folder.path, 'index.sqlite'), randomBytes(8192));
  store = await openStore(folder.path);
  expect(await store.stat(blobIdOfBytes(bytes))).toEqual({ size: 10 });
  await store.close();
});

test('one process a folder', async () => {
  await using folder = await tempFolder();
  const store = await openStore(folder.path);
  await expect(openStore(folder.path)).rejects.toMatchObject({ code: 'TRANSFER_STORE_LOCKED' });
  await store.close();
  await (await openStore(folder.path)).close();
});

test('the disk is not filled to the brim', async () => {
  await using folder = await tempFolder();
  const store = await openFsBlobStore({ home: folder.path, log: silentLog, keepFreeBytes: 2 ** 60 });
  const bytes = randomBytes(10);
  await expect(store.putPack([{ id: blobIdOfBytes(bytes), bytes }])).rejects.toMatchObject({
    code: 'TRANSFER_NO_SPACE',
  });
  await store.close();
});

test('kill -9 amid part writes loses no part that was answered', async () => {
  await using folder = await tempFolder();
  const seed = 'kill-9';
  const child = spawn(
    process.execPath,
    [new URL('./part-writer.ts', import.meta.url).pathname, folder.path, seed],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const answered: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    answered.push(Number(line));
    // Part 2 is being written by now: the writer keeps two going.
    if (answered.length === 2) child.kill('SIGKILL');
  }
  const { madeUpBlob } = await import('./part-writer.ts');
  const long = madeUpBlob(seed);
  const store = await openStore(folder.path);
  const arrived = await store.partsArrived(long.upload);
  expect(arrived).toEqual(expect.arrayContaining(answered));
  expect(arrived.length).toBeLessThan(long.parts.length);
  for (let part = 0; part < long.parts.length; part++)
    if (!arrived.includes(part)) await long.send(store, part);
  await store.complete(long.upload);
  let at = 0;
  for await (const chunk of (await store.read(long.upload.id)).body) {
    expect(long.bytes.subarray(at, at + chunk.length).equals(chunk)).toBe(true);
    at += chunk.length;
  }
  expect(at).toBe(long.bytes.length);
  await store.close();
});

test('an upload that nobody goes on with is dropped after a week, one that moves is not', async () => {
  await using folder = await tempFolder();
  let nowMs = Date.now();
  const daily: (() => void)[] = [];
  const clock = {
    now: () => nowMs,
    after(_ms: number, action: () => void) {
      daily.push(action);
      return () => void daily.splice(0);
    },
  };
  const open = () => openFsBlobStore({ home: folder.path, log: silentLog, keepFreeBytes: 0, clock });
  let store = await open();
  const lost = longBlob(17 * MiB);
  const alive = longBlob(17 * MiB, 'account-2');
  await lost.send(store, 0);
  await alive.send(store, 0);
  const touched = (nowMs + 5 * DAY) / 1000;
  const { owner, id, size } = alive.upload;
  await utimes(join(folder.path, 'uploads', owner, `${id}.${size}`, 'parts'), touched, touched);
  nowMs += 6 * DAY;
  await store.close();
  store = await open();
  expect(await store.partsArrived(lost.upload)).toEqual([0]);
  nowMs += 1.5 * DAY;
  daily.splice(0).forEach((drop) => void drop());
  await vi.waitFor(async () => expect(await store.partsArrived(lost.upload)).toEqual([]));
  expect(await store.partsArrived(alive.upload)).toEqual([0]);
  await alive.send(store, 1);
  await store.complete(alive.upload);
  expect(await store.stat(alive.upload.id)).toEqual({ size: 17 * MiB });
  await store.close();
  expect(daily).toEqual([]);
});

test.skipIf(!existsSync('/proc/self/fd'))('a body that nobody reads holds no file open', async () => {
  await using folder = await tempFolder();
  const store = await openStore(folder.path);
  const bytes = randomBytes(MiB);
  await store.putPack([{ id: blobIdOfBytes(bytes), bytes }]);
  const before = (await readdir('/proc/self/fd')).length;
  const bodies = [];
  for (let reading = 0; reading < 50; reading++) bodies.push((await store.read(blobIdOfBytes(bytes))).body);
  expect((await readdir('/proc/self/fd')).length).toBeLessThan(before + 10);
  expect(bodies).toHaveLength(50);
  await store.close();
});

/** A disk of 24 MiB, or null where this process may not mount one. */
function mountTinyDisk(path: string): (() => void) | null {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', path], { stdio: 'ignore' });
    return () => execFileSync('umount', [path]);
  } catch {
    return null;
  }
}

test('a full disk is told by its code, and what was there stays readable', async (context) => {
  await using folder = await tempFolder();
  const home = join(folder.path, 'disk');
  await mkdir(home);
  const unmount = mountTinyDisk(home);
  if (unmount === null) return context.skip('needs the right to mount a tmpfs');
  try {
    // The guard is told to use all of the disk and to be wrong about the size: the disk itself says no.
    const store = await openFsBlobStore({ home, log: silentLog, keepFreeBytes: -(2 ** 40) });
    const kept = randomBytes(40 * KiB);
    await store.putPack([{ id: blobIdOfBytes(kept), bytes: kept }]);
    const long = longBlob(40 * MiB);
    await long.send(store, 0);
    await expect(long.send(store, 1)).rejects.toMatchObject({ code: 'TRANSFER_NO_SPACE' });
    const small = Array.from({ length: 200 }, () => randomBytes(60 * KiB)).map((bytes) => ({
      id: blobIdOfBytes(bytes),
      bytes,
    }));
    await expect(store.putPack(small)).rejects.toMatchObject({ code: 'TRANSFER_NO_SPACE' });
    expect(await store.has(small.map(({ id }) => id))).toEqual(new Set());
    expect((await store.read(blobIdOfBytes(kept))).size).toBe(kept.length);
    expect(await store.partsArrived(long.upload)).toEqual([0]);
    await store.forget(long.upload);
    await store.putPack(small.slice(0, 20));
    expect((await store.has(small.map(({ id }) => id))).size).toBe(20);
    await store.close();
  } finally {
    unmount();
  }
});

test('a long blob comes by a name, is compared with the id that it is said to be, and outlives a crash in between', async () => {
  await using folder = await tempFolder();
  let store = await openStore(folder.path);
  const long = longBlob(20 * MiB);
  const { id, size } = long.upload;
  const upload = { owner: 'account-1', name: `named-${'1'.repeat(64)}` as UploadName, size };
  const send = async (part: number) => {
    const { bytes, sha256 } = long.parts[part]!;
    await store.named!.putPart(upload, part, sha256.toString('hex'), Readable.from([bytes]));
  };
  await send(1);
  await expect(store.named!.complete(upload, id)).rejects.toMatchObject({
    code: 'TRANSFER_UPLOAD_INCOMPLETE',
  });
  await store.close();
  store = await openStore(folder.path);
  expect(await store.named!.partsArrived(upload)).toEqual([1]);
  await send(0);
  const other = longBlob(20 * MiB).upload.id;
  await expect(store.named!.complete(upload, other)).rejects.toMatchObject({
    code: 'TRANSFER_HASH_MISMATCH',
  });
  expect(await store.named!.partsArrived(upload)).toEqual([]);
  expect(await store.stat(other)).toBeNull();
  await send(0);
  await send(1);
  // A crash after the upload got its id, before its blob was in its place.
  const uploads = join(folder.path, 'uploads/account-1');
  await rename(join(uploads, `${upload.name}.${size}`), join(uploads, `${id}.${size}`));
  await store.named!.complete(upload, id);
  expect(await store.stat(id)).toEqual({ size });
  expect(await store.partsArrived(long.upload)).toEqual([0, 1]);
  await store.named!.complete(upload, id);
  await store.forget(long.upload);
  const escaping = { ...upload, name: '../../x' as UploadName };
  await expect(store.named!.partsArrived(escaping)).rejects.toMatchObject({ code: 'TRANSFER_BAD_REQUEST' });
  await store.close();
});
