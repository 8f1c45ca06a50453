import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MiB } from '@croft/contract';
import { expect, test } from 'vitest';
import { blobIdOfBytes } from '../blob-hash.ts';
import { decodePack } from '../formats/pack.ts';
import { HashPool } from './hash-pool.ts';

test('short files become a pack in one reading: equal ones once, long ones and those without room not at all', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'croft-packs-'));
  const pool = new HashPool();
  try {
    const contents: Record<string, Buffer> = {
      empty: Buffer.alloc(0),
      a: randomBytes(10_000),
      same: randomBytes(9),
      'same too': Buffer.alloc(0),
      long: randomBytes(MiB + 1),
      b: randomBytes(99_999),
      'no room': randomBytes(300_000),
      c: randomBytes(1),
    };
    contents['same too'] = contents.same!;
    for (const [name, bytes] of Object.entries(contents)) await writeFile(join(folder, name), bytes);
    await mkdir(join(folder, 'folder'));
    const names = [...Object.keys(contents), 'folder', 'nothing'];
    const paths = names.map((name) => join(folder, name));
    const into = new SharedArrayBuffer(200_000);
    const { files, packBytes, packSha256 } = await pool.pack({ paths, maxBytes: MiB, into });
    const kinds = files.map((file) => ('id' in file ? 'read' : 'state' in file ? file.state : 'failed'));
    expect(kinds).toEqual([
      'read',
      'read',
      'read',
      'read',
      'left-out',
      'read',
      'left-out',
      'read',
      'failed',
      'failed',
    ]);
    const pack = Buffer.from(new Uint8Array(into, 0, packBytes));
    expect(`sha256-${packSha256}`).toBe(blobIdOfBytes(pack));
    const blobs = new Map<string, Buffer>();
    async function* body() {
      yield pack;
    }
    for await (const { id, bytes } of decodePack(body())) {
      expect(blobs.has(id)).toBe(false);
      blobs.set(id, Buffer.from(bytes));
    }
    expect(blobs.size).toBe(5);
    for (const name of ['empty', 'a', 'same', 'b', 'c']) {
      const id = blobIdOfBytes(contents[name]!);
      expect(blobs.get(id)?.equals(contents[name]!), name).toBe(true);
    }
  } finally {
    await pool.close();
    await rm(folder, { recursive: true });
  }
});
