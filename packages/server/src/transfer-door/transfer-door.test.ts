import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MiB } from '@croft/contract';
import { blobIdOfBytes, type TransferClient, type TransferProgress } from '@croft/transfer';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MemoryFarm, openTestClient, openTestDoor, type TestDoor, tempFolder } from './test-door.ts';

// Real disks and files of several parts on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

let folder: Awaited<ReturnType<typeof tempFolder>>;
let farm: MemoryFarm;
let door: TestDoor;
let client: TransferClient;

beforeEach(async () => {
  folder = await tempFolder();
  farm = new MemoryFarm();
  door = await openTestDoor(join(folder.path, 'store'), farm);
  client = openTestClient(door.url, 'account-1');
});
afterEach(async () => {
  await client.close();
  await door.close();
  await folder[Symbol.asyncDispose]();
});

/** Writes files below `src` and returns them as a wish for `upload`. */
async function sources(
  files: Record<string, Uint8Array>,
): Promise<{ localPath: string; treePath: string }[]> {
  const wish = [];
  for (const [treePath, bytes] of Object.entries(files)) {
    const localPath = join(folder.path, 'src', treePath);
    await mkdir(dirname(localPath), { recursive: true });
    await writeFile(localPath, bytes);
    wish.push({ localPath, treePath });
  }
  return wish;
}

async function ask(method: string, target: string, who: string, body?: Uint8Array | string, headers = {}) {
  const answer = await fetch(`${door.url}/transfer/v1${target}`, {
    method,
    headers: { authorization: `Bearer ${who}`, 'content-type': 'application/x-ndjson', ...headers },
    ...(body === undefined ? {} : { body: body as BodyInit }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    text,
    code: text.startsWith('{') ? (JSON.parse(text) as { code?: string }).code : undefined,
  };
}

test('a folder of small, whole and long files arrives and comes back the same', async () => {
  const files = {
    '/empty.txt': new Uint8Array(0),
    '/small/a.txt': Buffer.from('a small file'),
    '/small/twin.txt': Buffer.from('a small file'),
    '/packed-but-placed.bin': randomBytes(300_000),
    '/whole.exr': randomBytes(5 * MiB),
    '/exactly-one-part.bin': randomBytes(16 * MiB),
    '/long.abc': randomBytes(34 * MiB + 17),
  };
  const seen: TransferProgress[] = [];
  const { version } = await client.upload({
    root: 'input',
    files: await sources(files),
    onProgress: (p) => seen.push(p),
  });
  expect(version).toBe(1);
  expect(seen.at(-1)).toMatchObject({ phase: 'done' });
  const to = join(folder.path, 'back');
  await client.download({ root: 'input', to });
  for (const [path, bytes] of Object.entries(files)) {
    expect(Buffer.compare(await readFile(join(to, path)), bytes), path).toBe(0);
  }
  const left = (await readdir(to, { recursive: true })).filter((name) => name.includes('.croft-'));
  expect(left).toEqual([]);
});

test('the second upload and download move no byte of content', async () => {
  const wish = await sources({ '/a.txt': Buffer.from('one'), '/long.bin': randomBytes(20 * MiB) });
  await client.upload({ root: 'input', files: wish });
  const phases: TransferProgress[] = [];
  await client.upload({ root: 'input', files: wish, onProgress: (p) => phases.push(p) });
  const sending = phases.findLast((p) => p.phase === 'sending');
  expect(sending).toMatchObject({ bytesDone: 0, bytesSkipped: 20 * MiB + 3 });
  const to = join(folder.path, 'back');
  await client.download({ root: 'input', to });
  const again: TransferProgress[] = [];
  await client.download({ root: 'input', to, onProgress: (p) => again.push(p) });
  expect(again.at(-1)).toMatchObject({ phase: 'done', bytesDone: 0, bytesSkipped: 20 * MiB + 3 });
});

test('a remembered file is not read while the farm has its bytes, and read where it has not', async () => {
  const [file] = await sources({ '/kept.bin': randomBytes(1000) });
  const [sent] = (await client.upload({ root: 'input', files: [file!] })).entries;
  // Other bytes that look the same from outside tell whether the file was read.
  const other = randomBytes(1000);
  await writeFile(file!.localPath, other);
  await utimes(file!.localPath, sent!.mtimeMs / 1000, sent!.mtimeMs / 1000);
  const { mtimeMs } = await stat(file!.localPath);
  const remembered = { ...file!, remembered: { ...sent!, mtimeMs } };
  expect((await client.upload({ root: 'input', files: [remembered] })).entries[0]!.id).toBe(sent!.id);
  const stranger = openTestClient(door.url, 'account-2');
  const { entries } = await stranger.upload({ root: 'input', files: [remembered] });
  await stranger.close();
  expect(entries[0]!.id).toBe(blobIdOfBytes(other));
  await utimes(file!.localPath, 1, 1);
  expect((await client.upload({ root: 'input', files: [remembered] })).entries[0]!.id).toBe(entries[0]!.id);
});

test('knowing a hash gives nobody the bytes', async () => {
  const secret = randomBytes(1000);
  const id = blobIdOfBytes(secret);
  await client.upload({ root: 'input', files: await sources({ '/secret.bin': secret }) });
  const question = JSON.stringify([id, secret.length]);
  expect((await ask('POST', '/missing', 'account-1', question)).text).toBe('');
  expect((await ask('POST', '/missing', 'account-2', question)).text).toBe('0\n');
  const entry = JSON.stringify({ path: '/mine', id, size: secret.length, mtimeMs: 0 });
  expect(await ask('POST', '/trees/input/commit', 'account-2', entry)).toMatchObject({
    status: 409,
    code: 'TRANSFER_BLOB_MISSING',
  });
  expect(await ask('GET', `/blobs/${id}`, 'account-2')).toMatchObject({
    status: 403,
    code: 'TRANSFER_NOT_ALLOWED',
  });
});

test('parts that one account sent complete nothing for another', async () => {
  const long = randomBytes(17 * MiB);
  const { entries } = await client.upload({ root: 'input', files: await sources({ '/long': long }) });
  const { id, size } = entries[0]!;
  expect((await ask('GET', `/uploads/${id}?size=${size}`, 'account-2')).text).toBe('{"parts":[]}');
  expect(await ask('POST', `/uploads/${id}/complete?size=${size}`, 'account-2')).toMatchObject({
    code: 'TRANSFER_UPLOAD_INCOMPLETE',
  });
  expect(await ask('POST', `/uploads/${id}/complete?size=${size}`, 'account-1')).toMatchObject({
    status: 200,
  });
});

test('a node reads the inputs of its live attempt only, and sends outputs that no tree shows yet', async () => {
  const scene = randomBytes(100_000);
  const { version } = await client.upload({
    root: 'input',
    files: await sources({ '/D/scene.blend': scene }),
  });
  await client.upload({ root: 'input', files: await sources({ '/later.bin': Buffer.from('not frozen') }) });
  farm.attempts.set('token-7', {
    attemptId: 7,
    nodeId: 'n',
    taskId: 1,
    accountId: 1,
    inputAccountId: 1,
    inputVersion: version,
  });
  const node = openTestClient(door.url, 'token-7');
  const work = join(folder.path, 'work');
  const fetched = await node.fetchInputs({ cacheFolder: join(folder.path, 'cache'), workFolder: work });
  expect(fetched).toEqual({ files: 1 });
  // An app that writes over its input reaches its own copy only.
  await writeFile(join(work, 'D/scene.blend'), 'overwritten');
  await node.fetchInputs({ cacheFolder: join(folder.path, 'cache'), workFolder: work });
  expect(Buffer.compare(await readFile(join(work, 'D/scene.blend')), scene)).toBe(0);

  const picture = join(folder.path, 'out.png');
  await writeFile(picture, randomBytes(2 * MiB));
  const [sent] = await node.sendOutputs([{ localPath: picture, treePath: '/out.png' }]);
  expect(await door.blobs.stat(sent!.id)).toEqual({ size: 2 * MiB });
  expect(farm.refers.get(1)?.has(sent!.id)).toBe(true);
  expect((await ask('GET', '/trees/output', 'account-1')).text).toBe('');

  for (const [method, target] of [
    ['GET', '/trees/input'],
    ['POST', '/trees/input/commit'],
    ['GET', `/trees/input/file?path=/D/scene.blend`],
  ] as const) {
    expect(await ask(method, target, 'token-7', method === 'POST' ? '' : undefined)).toMatchObject({
      code: 'TRANSFER_NOT_ALLOWED',
    });
  }
  expect(await ask('GET', `/blobs/${sent!.id}`, 'token-7')).toMatchObject({ status: 404 });
  farm.attempts.delete('token-7');
  expect(await ask('GET', '/attempts/inputs', 'token-7')).toMatchObject({
    status: 401,
    code: 'TRANSFER_NOT_SIGNED_IN',
  });
  await node.close();
});

test('rights follow the root', async () => {
  await client.upload({ root: 'config', files: await sources({ '/7/cfg/task.json': Buffer.from('{}') }) });
  expect(await ask('GET', '/trees/config', 'account-1')).toMatchObject({
    status: 403,
    code: 'TRANSFER_NOT_ALLOWED',
  });
  expect(await ask('POST', '/trees/output/commit', 'account-1', '')).toMatchObject({ status: 403 });
  expect(await ask('GET', '/trees/other', 'account-1')).toMatchObject({ status: 404 });
  expect(await ask('GET', '/nonsense', 'account-1')).toMatchObject({
    status: 404,
    code: 'TRANSFER_NOT_FOUND',
  });
});

test.each(['../../etc/x', '/a/../../b', 'C:x', '/a\\b', '/a\u0000b', '/a//b', '/.', '/con\u0001'])(
  'the path %j is refused',
  async (path) => {
    const bytes = Buffer.from('x');
    await client.upload({ root: 'input', files: await sources({ '/x': bytes }) });
    const entry = JSON.stringify({ path, id: blobIdOfBytes(bytes), size: 1, mtimeMs: 0 });
    expect(await ask('POST', '/trees/input/commit', 'account-1', entry)).toMatchObject({
      status: 400,
      code: 'PATH_REFUSED',
    });
    const get = await ask('GET', `/trees/input/file?path=${encodeURIComponent(path)}`, 'account-1');
    expect(get).toMatchObject({ status: 400, code: 'PATH_REFUSED' });
    const localPath = join(folder.path, 'src', 'x');
    await expect(
      client.upload({ root: 'input', files: [{ localPath, treePath: path }] }),
    ).rejects.toMatchObject({ code: 'PATH_REFUSED' });
  },
);

test('a download is never written through a link that leads out', async () => {
  await client.upload({
    root: 'input',
    files: await sources({ '/out/file': Buffer.from('x'), '/plain': Buffer.from('y') }),
  });
  const to = join(folder.path, 'to');
  const outside = join(folder.path, 'outside');
  await mkdir(to);
  await mkdir(outside);
  await symlink(outside, join(to, 'out'));
  await expect(client.download({ root: 'input', to })).rejects.toMatchObject({
    code: 'TRANSFER_PLACE_REFUSED',
  });
  await symlink(join(outside, 'target'), join(to, 'linked'));
  const wish = { root: 'input', prefix: '/plain', to, placeOf: () => '/linked' } as const;
  await expect(client.download(wish)).rejects.toMatchObject({ code: 'TRANSFER_PLACE_REFUSED' });
  expect(await readdir(outside)).toEqual([]);
});

test('bytes that are not their id leave nothing behind', async () => {
  const id = blobIdOfBytes(Buffer.from('right'));
  expect(await ask('PUT', `/blobs/${id}?size=5`, 'account-1', 'wrong')).toMatchObject({
    status: 422,
    code: 'TRANSFER_HASH_MISMATCH',
  });
  expect(await ask('PUT', `/blobs/${id}?size=9`, 'account-1', 'right')).toMatchObject({
    code: 'TRANSFER_HASH_MISMATCH',
  });
  expect(await ask('PUT', `/blobs/${id}?size=99999999`, 'account-1', 'right')).toMatchObject({
    code: 'TRANSFER_BAD_REQUEST',
  });
  expect(await ask('PUT', '/blobs/sha256-xyz?size=5', 'account-1', 'right')).toMatchObject({
    code: 'TRANSFER_BAD_REQUEST',
  });
  expect(await door.blobs.stat(id)).toBeNull();
  expect(farm.refers.get(1)).toBeUndefined();
});

test('a body other than the one signed is refused', async () => {
  const id = blobIdOfBytes(Buffer.from('right'));
  const other = { 'croft-content-sha256': '0'.repeat(64) };
  expect(await ask('PUT', `/blobs/${id}?size=5`, 'account-1', 'right', other)).toMatchObject({ status: 401 });
  expect(await ask('POST', '/missing', 'account-1', JSON.stringify([id, 5]), other)).toMatchObject({
    status: 401,
  });
});

test('ranges, parts and their refusals', async () => {
  const bytes = randomBytes(20 * MiB);
  await client.upload({ root: 'input', files: await sources({ '/r.bin': bytes }) });
  const get = async (query: string, range?: string) => {
    const headers = { authorization: 'Bearer account-1', ...(range === undefined ? {} : { range }) };
    const answer = await fetch(`${door.url}/transfer/v1/trees/input/file?path=/r.bin${query}`, { headers });
    return { answer, body: Buffer.from(await answer.arrayBuffer()) };
  };
  const middle = await get('', 'bytes=16777210-16777220');
  expect(middle.answer.status).toBe(206);
  expect(middle.answer.headers.get('content-range')).toBe(`bytes 16777210-16777220/${20 * MiB}`);
  expect(middle.body.equals(bytes.subarray(16777210, 16777221))).toBe(true);
  expect((await get('', 'bytes=-5')).body.equals(bytes.subarray(-5))).toBe(true);
  expect((await get('&part=1')).body.equals(bytes.subarray(16 * MiB))).toBe(true);
  expect((await get('', `bytes=${20 * MiB}-`)).answer.status).toBe(416);
  expect((await get('&part=7')).answer.status).toBe(404);
});

test('a damaged blob is told, never delivered, and healed by the next upload', async () => {
  const bytes = randomBytes(3 * MiB);
  const wish = await sources({ '/d.bin': bytes });
  const { entries } = await client.upload({ root: 'input', files: wish });
  const id = entries[0]!.id;
  const place = join(folder.path, 'store/blobs', id.slice(7, 9), id);
  const onDisk = await readFile(place);
  onDisk[1_000_000]! ^= 1;
  await writeFile(place, onDisk);
  const to = join(folder.path, 'to');
  await expect(client.download({ root: 'input', to })).rejects.toMatchObject({
    code: 'TRANSFER_BLOB_CORRUPT',
  });
  expect(await readdir(to)).toEqual([]);
  await client.upload({ root: 'input', files: wish });
  await client.download({ root: 'input', to });
  expect(Buffer.compare(await readFile(join(to, 'd.bin')), bytes)).toBe(0);
});

test('a file that keeps changing is told to the user; one that changed once is sent as it is now', async () => {
  const wish = await sources({ '/steady': Buffer.from('s'), '/moving': randomBytes(2 * MiB) });
  const moving = wish[1]!.localPath;
  let changes = 0;
  await client.upload({
    root: 'input',
    files: wish,
    onProgress: async ({ phase }) => {
      if (phase === 'asking' && changes++ === 0) await writeFile(moving, Buffer.alloc(2 * MiB, 7));
    },
  });
  const to = join(folder.path, 'to');
  await client.download({ root: 'input', prefix: '/moving', to });
  expect(Buffer.compare(await readFile(join(to, 'moving')), Buffer.alloc(2 * MiB, 7))).toBe(0);
  await truncate(moving, 5);
  await expect(
    client.upload({ root: 'input', files: [{ localPath: join(folder.path, 'nothing'), treePath: '/n' }] }),
  ).rejects.toMatchObject({
    code: 'TRANSFER_FILE_UNREADABLE',
  });
});

test('an interrupted upload goes on and sends no finished part again', async () => {
  const long = randomBytes(96 * MiB);
  const wish = await sources({ '/long': long });
  const pause = new AbortController();
  const first = client.upload({
    root: 'input',
    files: wish,
    signal: pause.signal,
    // Slow enough to be paused in time.
    limitKbps: 64 * 1024,
    onProgress: ({ phase, bytesDone }) => {
      if (phase === 'sending' && bytesDone > 80 * MiB) pause.abort();
    },
  });
  await expect(first).rejects.toMatchObject({ code: 'TRANSFER_INTERRUPTED' });
  await door.close();
  door = await openTestDoor(join(folder.path, 'store'), farm);
  client = openTestClient(door.url, 'account-1');
  const [upload] = await readdir(join(folder.path, 'store/uploads/account-1'));
  const parts = (await readFile(join(folder.path, 'store/uploads/account-1', upload!, 'parts'))).length / 40;
  // Four requests hold at most 64 MiB, so at least one part of the 80 MiB was answered.
  expect(parts).toBeGreaterThanOrEqual(1);
  const seen: TransferProgress[] = [];
  await client.upload({ root: 'input', files: wish, onProgress: (p) => seen.push(p) });
  const sending = seen.findLast((p) => p.phase === 'sending')!;
  expect(sending.bytesSkipped).toBe(parts * 16 * MiB);
  expect(sending.bytesDone).toBe(96 * MiB - parts * 16 * MiB);
});
