/** Where downloads lie: names, sizes, what is there already, several at once, cancelled ones, full disks, links. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KiB, MiB } from '@croft/contract';
import { renamed } from '@croft/transfer';
import { expect, test, vi } from 'vitest';
import { MemoryFarm, openTestClient, openTestDoor, tempFolder } from './test-door.ts';

// Real disks on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

async function openPlace() {
  const folder = await tempFolder();
  const farm = new MemoryFarm();
  const door = await openTestDoor(join(folder.path, 'store'), farm);
  const client = openTestClient(door.url, 'account-1');
  const source = join(folder.path, 'source');
  await mkdir(source);
  return {
    path: folder.path,
    farm,
    door,
    client,
    /** Uploads bytes under a tree path. */
    async put(treePath: string, bytes: Uint8Array): Promise<void> {
      const localPath = join(source, `f${Math.random()}`);
      await writeFile(localPath, bytes);
      await client.upload({ root: 'input', files: [{ localPath, treePath }] });
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      await door.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

test('names of any script and length, and sizes around the borders of the format, come back with their times', async () => {
  await using place = await openPlace();
  const source = join(place.path, 'source');
  const sizes = [0, 1, 64 * KiB, 64 * KiB + 1, MiB, MiB + 1, 3 * MiB, 16 * MiB, 16 * MiB + 1, 32 * MiB];
  const names = [
    'a b',
    ' lead',
    '影片',
    '🎬.png',
    'ü',
    'x'.repeat(255),
    `${'é'.repeat(125)}.png`,
    '-rf',
    "'",
    '#%?&',
  ];
  const files = [];
  for (const [index, name] of names.entries()) {
    const localPath = join(source, name);
    await writeFile(localPath, randomBytes(sizes[index]!));
    await utimes(localPath, 1_600_000_000 + index, 1_600_000_000 + index);
    files.push({ localPath, treePath: `/d ${index}/${name}` });
  }
  await place.client.upload({ root: 'input', files });
  const to = join(place.path, 'to');
  await place.client.download({ root: 'input', to });
  for (const [index, { localPath, treePath }] of files.entries()) {
    const back = join(to, ...treePath.split('/'));
    expect(Buffer.compare(await readFile(back), await readFile(localPath)), treePath).toBe(0);
    expect((await stat(back)).mtimeMs, treePath).toBe((1_600_000_000 + index) * 1000);
  }
  // A node copies them from its cache to their places, where nothing may be longer than the name itself.
  place.farm.attempts.set('token', { accountId: 1, inputVersion: 1 } as never);
  const node = openTestClient(place.door.url, 'token');
  const work = join(place.path, 'work');
  await node.fetchInputs({ cacheFolder: join(place.path, 'cache'), workFolder: work });
  await node.close();
  for (const { localPath, treePath } of files) {
    const copy = await readFile(join(work, ...treePath.split('/')));
    expect(Buffer.compare(copy, await readFile(localPath)), treePath).toBe(0);
  }
});

test('names that differ in case only, and those that Windows keeps for itself, come and go where the disk can hold them', async () => {
  await using place = await openPlace();
  const names = [
    'A.png',
    'a.png',
    'CON',
    'aux.exr',
    'nul.0001.png',
    'take:2',
    'dot.',
    'Ｆull.png',
    'e\u0301.png',
    'é.png',
  ];
  for (const name of names) await place.put(`/shot/${name}`, Buffer.from(`bytes of ${name}`));
  const to = join(place.path, 'to');
  await place.client.download({ root: 'input', prefix: '/shot', to });
  expect((await readdir(to)).sort()).toEqual([...names].sort());
  for (const name of names) expect(await readFile(join(to, name), 'utf8')).toBe(`bytes of ${name}`);
});

test('two files that would be one here are refused before anything is written', async () => {
  await using place = await openPlace();
  for (const name of ['A.png', 'a.png']) await place.put(`/shot/${name}`, Buffer.from(name));
  const to = join(place.path, 'to');
  // As a disk where case does not count would have it.
  const placeOf = ({ path }: { path: string }) => path.slice('/shot'.length).toLowerCase();
  const wish = { root: 'input', prefix: '/shot', to, placeOf } as const;
  await expect(place.client.download(wish)).rejects.toMatchObject({ code: 'TRANSFER_PLACE_REFUSED' });
  expect(await readdir(to).catch(() => [])).toEqual([]);
});

test('other files of the same name are replaced, whole; what nobody asked for stays', async () => {
  await using place = await openPlace();
  const bytes = randomBytes(2 * MiB);
  await place.put('/shot/1.exr', bytes);
  const to = join(place.path, 'to');
  await mkdir(to);
  await writeFile(join(to, '1.exr'), randomBytes(3 * MiB));
  await writeFile(join(to, 'mine.txt'), 'mine');
  await place.client.download({ root: 'input', prefix: '/shot', to });
  expect(Buffer.compare(await readFile(join(to, '1.exr')), bytes)).toBe(0);
  expect((await readdir(to)).sort()).toEqual(['1.exr', 'mine.txt']);
});

test.each([
  ['keep', { '1.exr': 'old' }, []],
  ['rename-still', { '1.exr': 'old', '1(1).exr': 'new' }, ['/1(1).exr']],
  ['rename-animation', { '1.exr': 'old', '(1)1.exr': 'new' }, ['/(1)1.exr']],
  ['overwrite', { '1.exr': 'new' }, ['/1.exr']],
] as const)(
  'a file with other bytes, by the rule %s; a second download changes nothing',
  async (existing, after, told) => {
    await using place = await openPlace();
    await place.put('/shot/1.exr', Buffer.from('new'));
    await place.put('/shot/same.exr', Buffer.from('same'));
    const to = join(place.path, 'to');
    await mkdir(to);
    await writeFile(join(to, '1.exr'), 'old');
    await writeFile(join(to, 'same.exr'), 'same');
    await utimes(join(to, 'same.exr'), 1_000, 1_000);
    for (let again = 0; again < 2; again++) {
      const places: string[] = [];
      let bytesMoved = 0;
      await place.client.download({
        root: 'input',
        prefix: '/shot',
        to,
        existing,
        onFile: (_entry, place) => places.push(place),
        onProgress: ({ phase, bytesDone }) => {
          if (phase === 'done') bytesMoved = bytesDone;
        },
      });
      expect(bytesMoved).toBe(again === 0 && existing !== 'keep' ? 3 : 0);
      expect(places.sort()).toEqual([...(existing === 'keep' ? ['/1.exr'] : told), '/same.exr']);
      const found = await Promise.all(
        (await readdir(to)).map(async (name) => [name, await readFile(join(to, name), 'utf8')]),
      );
      expect(Object.fromEntries(found)).toEqual({ ...after, 'same.exr': 'same' });
      expect((await stat(join(to, 'same.exr'))).mtimeMs).toBe(1_000_000);
    }
  },
);

test('a renamed file takes no name that the download itself brings, nor one that another file has', async () => {
  await using place = await openPlace();
  await place.put('/shot/a.png', Buffer.from('new a'));
  await place.put('/shot/a(1).png', Buffer.from('new a1'));
  const to = join(place.path, 'to');
  await mkdir(to);
  for (const name of ['a.png', 'a(1).png', 'a(2).png']) await writeFile(join(to, name), `mine ${name}`);
  await place.client.download({ root: 'input', prefix: '/shot', to, existing: 'rename-still' });
  const texts = async (name: string) => readFile(join(to, name), 'utf8');
  expect((await readdir(to)).sort()).toEqual(['a(1)(1).png', 'a(1).png', 'a(2).png', 'a(3).png', 'a.png']);
  expect(await texts('a(3).png')).toBe('new a');
  expect(await texts('a(1)(1).png')).toBe('new a1');
  for (const name of ['a.png', 'a(1).png', 'a(2).png']) expect(await texts(name)).toBe(`mine ${name}`);
});

test.each([
  ['/a/b.png', true, '/a/b(2).png'],
  ['/a/b.tar.gz', true, '/a/b.tar(2).gz'],
  ['/a.b/c', true, '/a.b/c(2)'],
  ['/.hidden', true, '/.hidden(2)'],
  ['/a/b.0001.exr', false, '/a/(2)b.0001.exr'],
])('%s gets another name, still: %s', (place, isStill, name) => {
  expect(renamed(place, 2, isStill)).toBe(name);
});

test.each([
  ['short files', 1.25 * MiB, 16],
  ['a long file', 34 * MiB, 1],
] as const)(
  'downloads of %s to one place at once share it: each ends well, each file is whole',
  async (_what, size, count) => {
    await using place = await openPlace();
    const contents = new Map<string, Buffer>();
    for (let index = 0; index < count; index++) {
      const bytes = randomBytes(size);
      contents.set(`${index}.exr`, bytes);
      await place.put(`/shot/${index}.exr`, bytes);
    }
    const to = join(place.path, 'to');
    const clients = Array.from({ length: 3 }, () => openTestClient(place.door.url, 'account-1'));
    try {
      await Promise.all(clients.map((client) => client.download({ root: 'input', prefix: '/shot', to })));
    } finally {
      for (const client of clients) await client.close();
    }
    expect((await readdir(to)).sort()).toEqual([...contents.keys()].sort());
    for (const [name, bytes] of contents)
      expect(Buffer.compare(await readFile(join(to, name)), bytes), name).toBe(0);
  },
);

test('a cancelled download leaves no half file; of a long one only its hidden parts stay', async () => {
  await using place = await openPlace();
  for (let index = 0; index < 8; index++) await place.put(`/shot/${index}.exr`, randomBytes(4 * MiB));
  const to = join(place.path, 'to');
  const stop = new AbortController();
  const download = place.client.download({
    root: 'input',
    prefix: '/shot',
    to,
    signal: stop.signal,
    onProgress: ({ bytesDone }) => {
      if (bytesDone > 10 * MiB) stop.abort();
    },
  });
  await expect(download).rejects.toMatchObject({ code: 'TRANSFER_INTERRUPTED' });
  const left = await readdir(to);
  expect(left.filter((name) => name.startsWith('.'))).toEqual([]);
  for (const name of left) expect((await stat(join(to, name))).size).toBe(4 * MiB);
});

test('a path that got new bytes on the farm meanwhile: they come, and no mixture', async () => {
  await using place = await openPlace();
  const second = randomBytes(5 * MiB);
  await place.put('/shot/1.exr', randomBytes(5 * MiB));
  const to = join(place.path, 'to');
  const old = await place.client.list('input', { prefix: '/shot' });
  await place.put('/shot/1.exr', second);
  await expect(place.client.download({ root: 'input', entries: old, to })).rejects.toMatchObject({
    code: 'TRANSFER_SOURCE_CHANGED',
  });
  expect(await readdir(join(to, 'shot'))).toEqual([]);
  await place.client.download({ root: 'input', to });
  expect(Buffer.compare(await readFile(join(to, 'shot', '1.exr')), second)).toBe(0);
});

test('files that grow out of their pack while they are sent go by themselves', async () => {
  await using place = await openPlace();
  const source = join(place.path, 'source');
  const files = Array.from({ length: 30 }, (_, index) => ({
    localPath: join(source, `log-${index}`),
    treePath: `/log-${index}`,
  }));
  for (const { localPath } of files) await writeFile(localPath, randomBytes(1000));
  let hasGrown = false;
  const grow = async () => {
    hasGrown = true;
    for (const { localPath } of files.slice(5)) await writeFile(localPath, randomBytes(MiB + 1));
  };
  const { promise: grown, resolve } = Promise.withResolvers<void>();
  // The question to the farm is the moment between hashing and sending.
  const { missingBlobs } = place.farm;
  place.farm.missingBlobs = async (...asked) => {
    if (!hasGrown) await grow().then(resolve);
    return missingBlobs.apply(place.farm, asked);
  };
  const { entries } = await place.client.upload({ root: 'input', files });
  await grown;
  expect(entries.map(({ size }) => size)).toEqual([
    ...Array.from({ length: 5 }, () => 1000),
    ...Array.from({ length: 25 }, () => MiB + 1),
  ]);
});

test('links: a linked file goes up as its bytes, a link to nothing or itself is told, and none is written through', async () => {
  await using place = await openPlace();
  const source = join(place.path, 'source');
  await writeFile(join(source, 'real'), 'bytes');
  await symlink('real', join(source, 'link'));
  await symlink('loop', join(source, 'loop'));
  await place.client.upload({
    root: 'input',
    files: [{ localPath: join(source, 'link'), treePath: '/a/link' }],
  });
  for (const name of ['loop', 'nothing']) {
    const files = [{ localPath: join(source, name), treePath: '/x' }];
    await expect(place.client.upload({ root: 'input', files })).rejects.toMatchObject({
      code: 'TRANSFER_FILE_UNREADABLE',
    });
  }
  const outside = join(place.path, 'outside');
  const to = join(place.path, 'to');
  await mkdir(outside);
  await mkdir(to);
  await symlink(outside, join(to, 'a'));
  await expect(place.client.download({ root: 'input', to })).rejects.toMatchObject({
    code: 'TRANSFER_PLACE_REFUSED',
  });
  expect(await readdir(outside)).toEqual([]);
});

test('a file that is shorter than it was is fetched again', async () => {
  await using place = await openPlace();
  await place.put('/shot/1.exr', randomBytes(2 * MiB));
  const to = join(place.path, 'to');
  await place.client.download({ root: 'input', prefix: '/shot', to });
  await truncate(join(to, '1.exr'), MiB);
  await place.client.download({ root: 'input', prefix: '/shot', to });
  expect((await stat(join(to, '1.exr'))).size).toBe(2 * MiB);
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

test('a farm whose disk is full says so, shows nothing half, and takes the rest when there is room', async (context) => {
  await using folder = await tempFolder();
  const home = join(folder.path, 'home');
  await mkdir(home);
  const unmount = mountTinyDisk(home);
  if (unmount === null) return context.skip('needs the right to mount a tmpfs');
  const door = await openTestDoor(join(home, 'store'), new MemoryFarm());
  const client = openTestClient(door.url, 'account-1');
  try {
    const ballast = join(home, 'ballast');
    await writeFile(ballast, randomBytes(8 * MiB));
    const contents = new Map<string, Buffer>();
    for (const name of ['a', 'b', 'c', 'd', 'e']) contents.set(name, randomBytes(4 * MiB));
    const files = [];
    for (const [name, bytes] of contents) {
      const localPath = join(folder.path, name);
      await writeFile(localPath, bytes);
      files.push({ localPath, treePath: `/shot/${name}` });
    }
    const wish = { root: 'input', files } as const;
    const stop = new AbortController();
    // A full disk may pass, so a sender waits for a while; the user need not.
    const sending = client.upload({ ...wish, signal: stop.signal });
    const told = await Promise.race([
      sending.then(
        () => 'done',
        (thrown: { code: string }) => thrown.code,
      ),
      new Promise((done) => setTimeout(done, 5000, 'waits')),
    ]);
    expect(['TRANSFER_NO_SPACE', 'waits']).toContain(told);
    stop.abort();
    await sending.catch(() => undefined);
    expect(await client.list('input')).toEqual([]);
    await rm(ballast);
    await client.upload(wish);
    const to = join(folder.path, 'to');
    await client.download({ root: 'input', prefix: '/shot', to });
    for (const [name, bytes] of contents)
      expect(Buffer.compare(await readFile(join(to, name)), bytes), name).toBe(0);
  } finally {
    await client.close();
    await door.close();
    unmount();
  }
});

test('a full disk is told by its code; whole files stay, halves of short ones go, and later it goes on', async (context) => {
  await using place = await openPlace();
  const to = join(place.path, 'to');
  await mkdir(to);
  const unmount = mountTinyDisk(to);
  if (unmount === null) return context.skip('needs the right to mount a tmpfs');
  try {
    await writeFile(join(to, 'ballast'), randomBytes(14 * MiB));
    for (const name of ['a', 'b', 'c']) await place.put(`/shot/${name}`, randomBytes(5 * MiB));
    await place.put('/shot/long', randomBytes(20 * MiB));
    const wish = { root: 'input', prefix: '/shot', to } as const;
    await expect(place.client.download(wish)).rejects.toMatchObject({ code: 'TRANSFER_NO_SPACE', exit: 7 });
    for (const name of await readdir(to)) {
      if (name.startsWith('.')) continue;
      expect((await stat(join(to, name))).size, name).toBe(name === 'ballast' ? 14 * MiB : 5 * MiB);
    }
    await rm(join(to, 'ballast'));
    const short = {
      ...wish,
      entries: (await place.client.list('input')).filter(({ size }) => size < 6 * MiB),
    };
    for (const name of await readdir(to)) if (name.startsWith('.')) await rm(join(to, name));
    await place.client.download({ ...short, placeOf: ({ path }) => path.replace('/shot', '') });
    expect((await readdir(to)).sort()).toEqual(['a', 'b', 'c']);
  } finally {
    unmount();
  }
});
