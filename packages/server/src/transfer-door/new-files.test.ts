/** Files that are sent while they are read, since no blob of their account has their size. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MiB } from '@croft/contract';
import { blobIdOfBytes, type TransferProgress } from '@croft/transfer';
import { expect, test, vi } from 'vitest';
import { MemoryFarm, openTestClient, openTestDoor, tempFolder } from './test-door.ts';

// Real disks and long files on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

async function openPlace() {
  const folder = await tempFolder();
  const farm = new MemoryFarm();
  const door = await openTestDoor(join(folder.path, 'store'), farm);
  const client = openTestClient(door.url, 'account-1');
  const wishOf = async (files: Record<string, Uint8Array>) => {
    const wish = [];
    for (const [name, bytes] of Object.entries(files)) {
      const localPath = join(folder.path, name);
      await writeFile(localPath, bytes);
      wish.push({ localPath, treePath: `/${name}` });
    }
    return wish;
  };
  return {
    path: folder.path,
    farm,
    door,
    client,
    wishOf,
    uploads: () => readdir(join(folder.path, 'store/uploads/account-1')).catch(() => []),
    /** Whether a part is noted in the journal of an upload. */
    hasPart(): boolean {
      const uploads = join(folder.path, 'store/uploads/account-1');
      if (!existsSync(uploads)) return false;
      const journals = readdirSync(uploads).map((name) => join(uploads, name, 'parts'));
      return journals.some((journal) => existsSync(journal) && statSync(journal).size > 0);
    },
    /** What the farm gives for each file is what the disk has. */
    async expectSame(wish: { localPath: string; treePath: string }[]): Promise<void> {
      const to = join(folder.path, `back${Math.random()}`);
      await client.download({ root: 'input', to });
      for (const { localPath, treePath } of wish)
        expect(Buffer.compare(await readFile(join(to, treePath)), await readFile(localPath)), treePath).toBe(
          0,
        );
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      await door.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Phases of an upload in which bytes moved. */
function phasesOf(progress: readonly TransferProgress[]): Set<string> {
  return new Set(progress.filter(({ bytesDone }) => bytesDone > 0).map(({ phase }) => phase));
}

test('new files of every length go without being hashed first; the same again are hashed and asked for', async () => {
  await using place = await openPlace();
  const wish = await place.wishOf({
    small: randomBytes(1000),
    whole: randomBytes(5 * MiB),
    twin: randomBytes(0),
    'long.abc': randomBytes(40 * MiB + 7),
    'other.abc': randomBytes(33 * MiB),
  });
  const seen: TransferProgress[] = [];
  const { entries } = await place.client.upload({
    root: 'input',
    files: wish,
    onProgress: (p) => seen.push(p),
  });
  expect(phasesOf(seen)).not.toContain('hashing');
  expect(seen.at(-1)).toMatchObject({ phase: 'done', filesDone: 5 });
  expect(entries[1]!.id).toBe(blobIdOfBytes(await readFile(wish[1]!.localPath)));
  await place.expectSame(wish);
  expect(await place.uploads()).toEqual([]);

  const again: TransferProgress[] = [];
  const second = await place.client.upload({ root: 'input', files: wish, onProgress: (p) => again.push(p) });
  expect(second.entries).toEqual(entries);
  expect(phasesOf(again)).toContain('hashing');
  expect(again.at(-1)).toMatchObject({ bytesDone: 0, bytesSkipped: again.at(-1)!.bytesTotal });
});

test('equal files are one blob, however long they are', async () => {
  await using place = await openPlace();
  const [small, whole, long] = [randomBytes(9000), randomBytes(3 * MiB), randomBytes(20 * MiB)];
  const wish = await place.wishOf({ a: small, b: small, c: whole, d: whole, e: long, f: long });
  const { entries } = await place.client.upload({ root: 'input', files: wish });
  expect(new Set(entries.map(({ id }) => id)).size).toBe(3);
  await place.expectSame(wish);
});

test('a new long file goes on after the parts that arrived', async () => {
  await using place = await openPlace();
  const wish = await place.wishOf({ 'long.abc': randomBytes(100 * MiB) });
  const pause = new AbortController();
  const first = place.client.upload({
    root: 'input',
    files: wish,
    signal: pause.signal,
    // Slow enough to be paused in time.
    limitKbps: 64 * 1024,
    onProgress: () => {
      if (place.hasPart()) pause.abort();
    },
  });
  await expect(first).rejects.toMatchObject({ code: 'TRANSFER_INTERRUPTED' });
  const [name] = await place.uploads();
  expect(name).toMatch(/^named-/);
  let skipped = 0;
  await place.client.upload({
    root: 'input',
    files: wish,
    onProgress: ({ bytesSkipped }) => {
      skipped = Math.max(skipped, bytesSkipped);
    },
  });
  expect(skipped).toBeGreaterThanOrEqual(16 * MiB);
  expect(skipped % (16 * MiB)).toBe(0);
  await place.expectSame(wish);
  expect(await place.uploads()).toEqual([]);
});

test('a new long file that changes while it is sent arrives as it is afterwards, never mixed', async () => {
  await using place = await openPlace();
  const wish = await place.wishOf({ 'long.abc': randomBytes(60 * MiB) });
  const { promise: changed, resolve, reject } = Promise.withResolvers<void>();
  let isBegun = false;
  const change = async () => {
    const file = await open(wish[0]!.localPath, 'r+');
    await file.write(randomBytes(100), 0, 100, 5);
    await file.write(randomBytes(100), 0, 100, 59 * MiB);
    await file.close();
  };
  await place.client.upload({
    root: 'input',
    files: wish,
    onProgress: ({ phase, bytesDone }) => {
      if (isBegun || phase !== 'sending' || bytesDone < MiB) return;
      isBegun = true;
      change().then(resolve, reject);
    },
  });
  await changed;
  await place.expectSame(wish);
  expect(await place.uploads()).toEqual([]);
});

test('a question by size tells nothing of other accounts, nor does a name', async () => {
  await using place = await openPlace();
  const wish = await place.wishOf({ 'long.abc': randomBytes(17 * MiB) });
  const { entries } = await place.client.upload({ root: 'input', files: wish });
  const { id, size } = entries[0]!;
  const ask = async (method: string, path: string, who: string, body: string | null = null) => {
    const headers = { authorization: `Bearer ${who}` };
    const answer = await fetch(`${place.door.url}/transfer/v1${path}`, { method, headers, body });
    return { status: answer.status, text: await answer.text() };
  };
  expect(await ask('POST', '/sizes', 'account-1', `5\n${size}\n`)).toEqual({ status: 200, text: '1\n' });
  expect(await ask('POST', '/sizes', 'account-2', `5\n${size}\n`)).toEqual({ status: 200, text: '' });
  expect(await ask('POST', '/sizes', 'account-2', '"5"')).toMatchObject({ status: 400 });
  const name = `named-${'a'.repeat(64)}`;
  const claim = await ask('POST', `/uploads/${name}/complete?size=${size}&id=${id}`, 'account-2');
  expect(claim).toMatchObject({ status: 409, text: expect.stringContaining('TRANSFER_UPLOAD_INCOMPLETE') });
  expect(place.farm.refers.get(2)).toBeUndefined();
});
