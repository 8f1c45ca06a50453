/** Uploads of files that a sender remembers. */
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { silentLog, systemClock } from '@croft/contract';
import { TransferClient } from '@croft/transfer';
import { expect, test } from 'vitest';
import { MemoryFarm, openTestClient, openTestDoor, tempFolder } from './test-door.ts';

const QUESTION = 'POST /trees/input/differing';

test('an upload that changes nothing is one question; what the farm lost, or shows otherwise, comes again', async () => {
  await using work = await tempFolder();
  const door = await openTestDoor(join(work.path, 'store'), new MemoryFarm());
  const client = openTestClient(door.url, 'account-1');
  const folder = join(work.path, 'from');
  await mkdir(folder);
  const write = async (name: string, bytes: Uint8Array, treePath = `/${name}`) => {
    const localPath = join(folder, name);
    await writeFile(localPath, bytes);
    return { localPath, treePath };
  };
  const wish = [
    await write('a.txt', Buffer.from('one')),
    await write('b.bin', randomBytes(1000)),
    await write('c.bin', randomBytes(100_000)),
  ];
  const first = await client.upload({ root: 'input', files: wish });
  const asked: string[] = [];
  const telling = new TransferClient({
    baseUrl: door.url,
    clock: systemClock,
    log: silentLog,
    authorise(method, target) {
      asked.push(`${method} ${target.replace('/transfer/v1', '')}`);
      return { authorization: 'Bearer account-1' };
    },
  });
  const files = wish.map((file, index) => ({
    ...file,
    remembered: { ...first.entries[index]!, isLookedAt: true },
  }));
  const again = async () => {
    asked.length = 0;
    const { entries, version } = await telling.upload({ root: 'input', files });
    expect(entries).toEqual(first.entries);
    return { version, asked: [...asked] };
  };
  expect(await again()).toEqual({ version: first.version, asked: [QUESTION] });

  // Another sender put other bytes there.
  const theirs = await write('theirs.txt', Buffer.from('two'), '/a.txt');
  await client.upload({ root: 'input', files: [theirs] });
  const version = first.version + 2;
  expect(await again()).toEqual({ version, asked: [QUESTION, 'POST /missing', 'POST /trees/input/commit'] });
  expect(await again()).toEqual({ version, asked: [QUESTION] });

  // The tree shows them, but their bytes are gone: one lies in a pack file, one by itself.
  for (const { id } of first.entries.slice(1)) {
    await door.blobs.delete(id);
    expect((await again()).asked).toEqual([
      QUESTION,
      'POST /missing',
      'POST /packs',
      'POST /trees/input/commit',
    ]);
    expect((await again()).asked).toEqual([QUESTION]);
  }

  // Of two files for one path the last counts, though the tree shows the first.
  const { entries } = await telling.upload({ root: 'input', files: [files[0]!, theirs] });
  const there = await telling.list('input', { prefix: '/a.txt' });
  expect(there).toEqual([entries[1]]);

  // Nobody learns of an account's files by asking as another.
  const stranger = await fetch(`${door.url}/transfer/v1/trees/input/differing`, {
    method: 'POST',
    headers: { authorization: 'Bearer account-2', 'content-type': 'application/x-ndjson' },
    body: first.entries.map((entry) => JSON.stringify(entry)).join('\n'),
  });
  expect(await stranger.json()).toEqual({ version: 0, differing: [0, 1, 2] });
  await Promise.all([client.close(), telling.close()]);
  await door.close();
});
