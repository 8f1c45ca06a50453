import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, MiB, systemClock } from '@croft/contract';
import { expect, test, vi } from 'vitest';
import { openCuttingProxy } from './cutting-proxy.ts';
import { MemoryFarm, openTestClient, openTestDoor, tempFolder } from './test-door.ts';

// Real disks and files of several parts on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

/** Real time, but waits (of retries and watches) pass fifty times faster. */
const hurriedClock: Clock = {
  now: () => systemClock.now(),
  after: (ms, action) => systemClock.after(ms / 50, action),
};

async function makeSources(folder: string) {
  await mkdir(folder);
  const files = [];
  for (const [name, size] of [['long.abc', 50 * MiB + 3], ['whole.exr', 3 * MiB], ...smallOnes()] as const) {
    const localPath = join(folder, name);
    await writeFile(localPath, randomBytes(size));
    files.push({ localPath, treePath: `/${name}`, size });
  }
  return files;
}
function smallOnes(): [string, number][] {
  return Array.from({ length: 150 }, (_, index) => [`small-${index}`, 1000 + index * 74]);
}

test.each([1, 2, 3])(
  'connections cut at random (seed %i): everything arrives, and little is sent twice',
  { timeout: 60_000 },
  async (seed) => {
    await using folder = await tempFolder();
    const farm = new MemoryFarm();
    const door = await openTestDoor(join(folder.path, 'store'), farm);
    const proxy = await openCuttingProxy(() => door.port, 20 * MiB, seed);
    // Over more connections each may carry too little to be cut.
    const client = openTestClient(proxy.url, 'account-1', { clock: hurriedClock, requestsAtOnce: 4 });
    try {
      const files = await makeSources(join(folder.path, 'src'));
      const total = files.reduce((sum, { size }) => sum + size, 0);
      await client.upload({ root: 'input', files });
      const uploadCuts = proxy.cuts();
      expect(uploadCuts).toBeGreaterThan(0);
      // What a cut costs is the part, the pack or the whole blob under way: never more than 16 MiB.
      expect(proxy.sentBytes()).toBeLessThan(total * 1.01 + uploadCuts * 16 * MiB + MiB);
      const to = join(folder.path, 'back');
      await client.download({ root: 'input', to });
      for (const { localPath, treePath } of files) {
        expect(Buffer.compare(await readFile(join(to, treePath)), await readFile(localPath)), treePath).toBe(
          0,
        );
      }
      expect((await readdir(to)).length).toBe(files.length);
    } finally {
      await client.close();
      await proxy.close();
      await door.close();
    }
  },
);

test('a farm that goes away and comes back is waited for; parts that arrived are not sent again', {
  timeout: 60_000,
}, async () => {
  await using folder = await tempFolder();
  const farm = new MemoryFarm();
  const store = join(folder.path, 'store');
  let door = await openTestDoor(store, farm);
  const { port } = door;
  const proxy = await openCuttingProxy(() => port, MiB, 1);
  proxy.behave();
  const client = openTestClient(proxy.url, 'account-1', { clock: hurriedClock, requestsAtOnce: 4 });
  try {
    const localPath = join(folder.path, 'long.abc');
    await writeFile(localPath, randomBytes(80 * MiB));
    // Four parts are under way at once: when more than they hold was sent, at least one has arrived.
    const halfway = proxy.holdAt(66 * MiB);
    const upload = client.upload({ root: 'input', files: [{ localPath, treePath: '/long.abc' }] });
    await halfway;
    await door.close();
    door = await openTestDoor(store, farm, { port });
    proxy.behave();
    await upload;
    expect(proxy.sentBytes()).toBeLessThan((66 + 80 - 16 + 2) * MiB);
    const to = join(folder.path, 'back');
    await client.download({ root: 'input', to });
    expect(Buffer.compare(await readFile(join(to, 'long.abc')), await readFile(localPath))).toBe(0);
  } finally {
    await client.close();
    await proxy.close();
    await door.close();
  }
});

test('an interrupted download goes on after its last part, and does not trust what it finds', {
  timeout: 60_000,
}, async () => {
  await using folder = await tempFolder();
  const farm = new MemoryFarm();
  const door = await openTestDoor(join(folder.path, 'store'), farm);
  const client = openTestClient(door.url, 'account-1');
  try {
    const localPath = join(folder.path, 'long.abc');
    await writeFile(localPath, randomBytes(96 * MiB));
    await client.upload({ root: 'input', files: [{ localPath, treePath: '/long.abc' }] });
    const to = join(folder.path, 'back');
    const pause = new AbortController();
    const wish = { root: 'input', to, signal: pause.signal } as const;
    const first = client.download({
      ...wish,
      onProgress: ({ bytesDone }) => {
        if (bytesDone > 80 * MiB) pause.abort();
      },
    });
    await expect(first).rejects.toMatchObject({ code: 'TRANSFER_INTERRUPTED' });
    const names = await readdir(to);
    const journal = names.find((name) => name.endsWith('.parts'))!;
    const kept = (await readFile(join(to, journal))).length / 40;
    expect(kept).toBeGreaterThanOrEqual(1);
    // One kept part is damaged on disk meanwhile: it is fetched again.
    const damagedPart = (await readFile(join(to, journal))).readUInt32BE(0);
    const partial = await open(join(to, journal.slice(0, -1)), 'r+');
    await partial.write(randomBytes(100), 0, 100, damagedPart * 16 * MiB + 5);
    await partial.close();
    let skipped = 0;
    await client.download({
      root: 'input',
      to,
      onProgress: ({ bytesSkipped }) => {
        skipped = bytesSkipped;
      },
    });
    expect(skipped).toBe((kept - 1) * 16 * MiB);
    expect(Buffer.compare(await readFile(join(to, 'long.abc')), await readFile(localPath))).toBe(0);
    expect(await readdir(to)).toEqual(['long.abc']);
  } finally {
    await client.close();
    await door.close();
  }
});

test('a farm that nobody answers for is told as unreachable', async () => {
  const client = openTestClient('http://127.0.0.1:9', 'account-1', { clock: hurriedClock });
  await expect(client.list('input')).rejects.toMatchObject({ code: 'TRANSFER_UNREACHABLE', exit: 5 });
  await client.close();
});
